"""Checks of a submission that only the house can make: whether another case holds the same already."""

import unicodedata
from collections.abc import Mapping
from typing import Any

from app.definitions.forms import Around, Check, Form, Place, every
from app.definitions.forms.messages import say
from app.domain.cases import Case
from app.store.unit_of_work import UnitOfWork


def checks_of(uow: UnitOfWork, case_id: str, form: Form) -> dict[str, Check]:
    """Give the checks that a form names: one for each of its fields with `unique_in`."""
    asked = {item.name: item.properties.get("unique_in") for item in every(form.fields)}
    return {f"unique_in:{name}": _unique(uow, case_id, said) for name, said in asked.items() if said}


def _unique(uow: UnitOfWork, case_id: str, said: Any) -> Check:
    """Make the check that no other case of the kind, under the same upper case, has a text as its title or in its record.

    `said` is true, or a context: `record` names a key of the record in place of the title, `except` lists states of
    cases that do not count.
    """
    options = said if isinstance(said, Mapping) else {}
    key, passed = str(options.get("record") or ""), set(options.get("except") or ())

    def check(place: Place, around: Around) -> str | None:
        own = uow.case(case_id)
        for other in uow.cases(own.kind, under=own.under):
            if (
                other.id != own.id
                and other.state not in passed
                and _plain(_text(other, key)) == _plain(place.value)
            ):
                return say("unique_in", around.language, text=str(place.value)[:80], case=other.id)
        return None

    return check


def _text(case: Case, key: str) -> Any:
    return case.record.get(key) if key else case.title


def _plain(value: Any) -> str:
    """Give a text without what people do not read as a difference: capitals, accents, blanks, punctuation."""
    letters = unicodedata.normalize("NFKD", str(value or "")).casefold()
    return "".join(letter for letter in letters if letter.isalnum())
