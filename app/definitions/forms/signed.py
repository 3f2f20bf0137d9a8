"""Fields that take a digital signature: which document it must be of, and whose it must be."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from app.definitions import expressions
from app.definitions.forms.load import feel
from app.definitions.forms.model import Field, Form, every
from app.definitions.forms.places import Around, Place
from app.definitions.forms.submit import read
from app.domain.cases import Document

VALIDATOR = "firma"
"""The name under which a file picker asks for a signature; it is checked from outside, by the house."""

_WORD = re.compile(r"[^\W\d]\w*")


@dataclass(frozen=True)
class Signing:
    """What a signature at a field must be: of `document`, by the person of the fiscal code `signer`; None where not known yet."""

    field: Field
    document: Document | None
    signer: str | None


def asks_signature(asked: Field) -> bool:
    """Whether the field takes a digital signature."""
    return asked.type == "filepicker" and VALIDATOR in asked.validators


def signing_at(place: Place, around: Around) -> Signing | None:
    """Give what a signature at this place must be; None for a field that takes none."""
    asked = place.field
    if not asks_signature(asked):
        return None
    signed, signer = (
        expressions.value_or(text, place.scope, around.now, None) if text else None
        for text in (feel(asked.properties.get(name)) for name in ("signed", "signer"))
    )
    document = around.documents.get(signed) if isinstance(signed, str) else None
    code = "".join(signer.split()).upper() if isinstance(signer, str) else ""
    return Signing(asked, document, code or None)


def signings(form: Form, raw: Mapping[str, Any], around: Around) -> dict[str, Signing]:
    """Give what is to be signed with the answers so far, by the path of each field that shows and takes a signature."""
    if not any(asks_signature(asked) for asked in every(form.fields)):
        return {}
    found = {
        place.path: signing_at(place, around)
        for place in read(form, raw, around, demanded=False, blank_rows=True).settled.places
    }
    return {path: signing for path, signing in found.items() if signing is not None}


def unanswered(form: Form, asked: Field, name: str, language: str) -> str:
    """Give the labels of the form's answers that the FEEL of a property (`signed`, `signer`) reads, or an empty text."""
    words = set(_WORD.findall(feel(asked.properties.get(name))))
    labels = [
        item.label.of(language) or item.name
        for item in every(form.fields)
        if item is not asked and item.answers and item.key.rpartition(".")[2] in words
    ]
    return ", ".join(dict.fromkeys(labels))
