"""The file that a draft travels in: JSON, read with bounds before anything of it is believed."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from app.definitions.forms import Form
from app.domain.errors import DraftFileInvalid

FORMAT, VERSION = "pratica-draft", 1
MAX_BYTES = 2 * 1024 * 1024
MAX_DEPTH = 20


@dataclass(frozen=True)
class DraftFile:
    """What a file says of a draft; `same_form` tells whether the form is the very one, byte for byte."""

    case: str
    exported_at: str
    same_form: bool
    answers: Mapping[str, Any]


def write(form: Form, case: str, task: str, at: datetime, answers: Mapping[str, Any]) -> bytes:
    """Give the file of a draft; `answers` are those of `forms.portable`."""
    told = {
        "format": FORMAT,
        "version": VERSION,
        "form": {"id": form.id, "hash": form.hash},
        "case": case,
        "task": task,
        "exported_at": at.isoformat(),
        "answers": answers,
    }
    return (json.dumps(told, ensure_ascii=False, indent=2).encode("utf-8", "surrogatepass")) + b"\n"


def read(data: bytes, form: Form) -> DraftFile:
    """Read the file of a draft of this form, in whatever version; DraftFileInvalid with the reason if it is none."""
    told = _parsed(data)
    if not isinstance(told, dict) or told.get("format") != FORMAT:
        raise DraftFileInvalid(
            "Expected a file of a draft, but this is another JSON file.", reason="no_draft"
        )
    if told.get("version") != str(VERSION):
        raise DraftFileInvalid(
            f"Expected version {VERSION} of the format, but the file has {told.get('version')!r}.",
            reason="draft_format",
        )
    about, answers = told.get("form"), told.get("answers")
    if not isinstance(about, dict) or not isinstance(answers, dict):
        raise DraftFileInvalid("Expected a form and its answers, but one is missing.", reason="no_draft")
    if about.get("id") != form.id:
        raise DraftFileInvalid(
            f"Expected a draft of the form {form.id}, but it is of {about.get('id')!r}.", reason="other_form"
        )
    case, at = told.get("case"), told.get("exported_at")
    return DraftFile(str(case or "")[:80], str(at or "")[:40], about.get("hash") == form.hash, answers)


def _parsed(data: bytes) -> Any:
    if len(data) > MAX_BYTES:
        raise DraftFileInvalid(
            f"Expected at most {MAX_BYTES} bytes, but the file is larger.",
            reason="draft_too_large",
            most=MAX_BYTES // 2**20,
        )
    try:
        # numbers stay the texts that they are: an answer is what a person typed
        told = json.loads(
            data.decode("utf-8-sig"), parse_float=str, parse_int=str, parse_constant=_no_constant
        )
    except RecursionError:
        raise _too_deep() from None
    except ValueError:
        raise DraftFileInvalid("Expected JSON, but the file is something else.", reason="no_json") from None
    if _depth(told) > MAX_DEPTH:
        raise _too_deep()
    return told


def _no_constant(name: str) -> Any:
    raise ValueError(name)


def _too_deep() -> DraftFileInvalid:
    return DraftFileInvalid(
        f"Expected answers within at most {MAX_DEPTH} levels, but they lie deeper.", reason="draft_too_deep"
    )


def _depth(tree: Any) -> int:
    """Give how deep a tree is, without descending into itself."""
    deepest, waiting = 0, [(tree, 1)]
    while waiting:
        node, level = waiting.pop()
        deepest = max(deepest, level)
        inner = node.values() if isinstance(node, dict) else node if isinstance(node, list) else ()
        waiting += [(one, level + 1) for one in inner if isinstance(one, (dict, list))]
    return deepest
