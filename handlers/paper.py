"""Papers that the house makes: a typst template beside this file and the facts to fill it with, as a tagged PDF."""

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import typst

from handlers.canonical import ROME


def pdf(template: str, facts: dict[str, Any], at: datetime) -> bytes:
    """Make a PDF/UA of a template's name (`accordo`) and its facts; the same facts at the same instant give the same bytes."""
    return bytes(
        typst.compile(
            Path(__file__).with_name(f"{template}.typ").read_bytes(),
            sys_inputs={"dati": json.dumps(facts, ensure_ascii=False)},
            pdf_standards=["ua-1"],
            timestamp=int(at.timestamp()),
        )
    )


def written(moment: datetime) -> str:
    """Write an instant as papers show it, to the second, in Italy's time."""
    return f"{moment.astimezone(ROME):%d/%m/%Y, ore %H:%M:%S}"
