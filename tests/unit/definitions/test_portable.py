"""Answers that leave and come back: the same form takes all of them, another version takes what fits and names the rest."""

import json
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.definitions import draft_files, forms
from app.definitions.forms import Form, load_form, marks
from app.domain.cases import Document
from app.domain.errors import DraftFileInvalid

now = datetime(2023, 5, 8, tzinfo=UTC)
kept = {
    f"{n:024x}": Document(f"{n:024x}", "C", f"f{n}.pdf", "application/pdf", 1, f"{n:064x}", now, "x")
    for n in range(4)
}
options = [{"value": "A1", "label": "Uno"}, {"value": "A2", "label": "Due"}]


def form(*components: dict[str, Any], name: str = "f") -> Form:
    content = {"schemaVersion": 19, "type": "default", "id": name, "components": components}
    return load_form(json.dumps(content).encode())


def row(*components: dict[str, Any], path: str = "righe") -> dict[str, Any]:
    return {"type": "dynamiclist", "path": path, "label": path, "components": list(components)}


text = {"type": "textfield", "key": "testo", "label": "Testo"}
number = {"type": "number", "key": "numero", "label": "Numero"}
day = {"type": "datetime", "key": "giorno", "label": "Giorno", "subtype": "date"}
tick = {"type": "checkbox", "key": "si", "label": "Sì"}
choice = {"type": "radio", "key": "scelta", "label": "Scelta", "values": options}
several = {"type": "checklist", "key": "ambiti", "label": "Ambiti", "values": options}
one_file = {"type": "filepicker", "key": "file", "label": "File", "accept": ".pdf"}
files = {"type": "filepicker", "key": "lettere", "label": "Lettere", "accept": ".pdf", "multiple": True}
group = {
    "type": "group",
    "path": "chi",
    "label": "Chi",
    "components": [{**text, "key": "nome"}, tick, number],
}
whole = form(
    text, number, day, tick, choice, several, one_file, files, group, row(text, tick, files, several)
)

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
numbers = st.one_of(
    texts,
    st.decimals(allow_nan=False, allow_infinity=False, places=3, min_value=-(10**30), max_value=10**30),
    st.sampled_from(["1.200,00", "1200", "1.234"]),
)
documents = st.sampled_from(sorted(kept))
ticks = st.sampled_from(["on", "", True, False])
leaves = {
    "testo": texts,
    "numero": numbers,
    "giorno": st.one_of(texts, st.dates(min_value=date(1900, 1, 1))),
    "si": ticks,
    "scelta": st.one_of(texts, st.sampled_from(["A1", "A2"])),
    "ambiti": st.lists(st.one_of(texts, st.sampled_from(["A1", "A2"])), max_size=4),
    "file": st.one_of(st.just(""), documents),
    "lettere": st.lists(documents, max_size=4, unique=True),
    "chi": st.fixed_dictionaries({}, optional={"nome": texts, "si": ticks, "numero": numbers}),
}  # fmt: skip
rows = st.fixed_dictionaries({}, optional={k: leaves[k] for k in ("testo", "si", "lettere", "ambiti")})
drafts = st.fixed_dictionaries({}, optional={**leaves, "righe": st.lists(rows, max_size=4)})


def sent(form_: Form, draft: dict[str, Any]) -> bytes:
    return draft_files.write(form_, "FIL-2023-0001", "UT", now, forms.portable(form_, draft, kept))


@given(drafts)
def test_what_was_taken_away_comes_back_as_the_same_answers(draft: dict[str, Any]) -> None:
    file = draft_files.read(sent(whole, draft), whole)
    taken = forms.take(whole, file.answers, kept, same=file.same_form)
    assert (taken.left, file.same_form) == ((), True)
    assert marks(whole, taken.values) == marks(whole, draft)
    assert forms.count(whole, taken.values) == forms.count(whole, draft)
    again = forms.take(whole, json.loads(sent(whole, taken.values))["answers"], kept, same=True)
    assert again == taken


trees = st.recursive(
    st.one_of(st.none(), st.booleans(), st.text(max_size=8)),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.sampled_from([*leaves, "righe", "altro"]), inner, max_size=4)),
    max_leaves=20,
)  # fmt: skip


@given(st.dictionaries(st.sampled_from([*leaves, "righe", "chi", "altro"]), trees), st.booleans())
def test_no_file_breaks_the_reading_and_every_text_is_taken_or_named(
    answers: dict[str, Any], same: bool
) -> None:
    taken = forms.take(whole, answers, kept, same=same)
    marks(whole, taken.values)
    told = json.dumps([taken.values, [left.value for left in taken.left]])
    for written in _texts(answers):
        assert json.dumps(written)[1:-1] in told


def _texts(tree: Any) -> list[str]:
    if isinstance(tree, str):
        return [tree]
    inner = tree.values() if isinstance(tree, dict) else tree if isinstance(tree, list) else ()
    return [text for one in inner for text in _texts(one)]


def test_a_file_of_an_older_form_gives_what_fits_and_names_the_rest_with_its_value() -> None:
    old = form(
        text,
        {**text, "key": "numero"},
        {**text, "key": "giorno"},
        {**text, "key": "si"},
        {**choice, "values": [*options, {"value": "A9", "label": "Nove"}]},
        {**text, "key": "tolto"},
        {**text, "key": "righe"},
        row({**text, "key": "capo"}, path="ambiti"),
    )
    draft = {
        "testo": "resta",
        "numero": "circa due",
        "giorno": "8/5/2023",
        "si": "forse",
        "scelta": "A9",
        "tolto": "non c'è più",
        "righe": "era un testo",
        "ambiti": [{"capo": "A1"}],
    }
    file = draft_files.read(sent(old, draft), whole)
    taken = forms.take(whole, file.answers, kept, same=file.same_form)
    assert not file.same_form
    assert taken.values == {"testo": "resta", "giorno": "8/5/2023"}
    assert {
        (left.path, left.value if isinstance(left.value, str) else "", left.why) for left in taken.left
    } == {
        ("numero", "circa due", "kind"),
        ("si", "forse", "kind"),
        ("scelta", "A9", "option"),
        ("tolto", "non c'è più", "unknown"),
        ("righe", "era un testo", "kind"),
        ("ambiti", "", "kind"),
    }


def test_rows_lose_only_what_does_not_fit_in_them() -> None:
    old = form(row(text, {**text, "key": "tolto"}))
    file = draft_files.read(sent(old, {"righe": [{"testo": "1", "tolto": "x"}, {"testo": "2"}]}), whole)
    taken = forms.take(whole, file.answers, kept, same=False)
    assert taken.values == {"righe": [{"testo": "1"}, {"testo": "2"}]}
    assert [(left.path, left.value) for left in taken.left] == [("righe.0.tolto", "x")]


def test_files_are_found_by_what_they_hold_and_else_named() -> None:
    draft = {"file": f"{1:024x}", "lettere": [f"{2:024x}", f"{3:024x}"]}
    answers = json.loads(sent(whole, draft))["answers"]
    there = {"9" * 24: Document("9" * 24, "D", "altro nome.pdf", "application/pdf", 1, f"{2:064x}", now, "x")}
    taken = forms.take(whole, answers, there, same=True)
    assert taken.values == {"file": "", "lettere": ["9" * 24]}
    assert [(left.path, left.value["name"], left.why) for left in taken.left] == [
        ("file", "f1.pdf", "file"),
        ("lettere", "f3.pdf", "file"),
    ]


def test_numbers_are_written_so_that_they_are_read_as_the_same_number() -> None:
    answers = forms.portable(whole, {"numero": Decimal("1.234")}, kept)
    assert answers == {"numero": "1,234"}
    assert marks(whole, answers) == marks(whole, {"numero": Decimal("1.234")})


def test_half_signs_of_a_file_are_no_text() -> None:
    taken = forms.take(whole, json.loads('{"testo": "\\ud800"}'), kept, same=True)
    assert (taken.values, taken.left[0].why) == ({}, "kind")


def test_a_file_of_another_form_is_refused() -> None:
    with pytest.raises(DraftFileInvalid):
        draft_files.read(sent(whole, {}), form(text, name="g"))
