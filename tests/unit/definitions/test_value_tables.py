"""Value tables: codes with titles as files of the bundle, looked up by the value of the field beside."""

import json
from pathlib import Path
from typing import Any

import pytest

from app.definitions import check
from app.definitions.bundle import bundle_from_zip, bundle_to_zip, read_bundle
from app.definitions.forms import of_bundle, submit
from app.definitions.value_tables import read_table
from app.domain.bundles import Bundle
from app.domain.errors import DefinitionInvalid, FormInvalid

root = Path(__file__).parents[3]
OLD = "# title: ATECO 2007\n# source: prova\ncode,title\n25.7,Coltelleria\n25.73,Utensili\n62.01,Software\n"
NEW = '# title: ATECO 2025\ncode,title\n25.63,"Utensili, nuovi"\n62.10,Programmazione\n'


def bundle(old: str = OLD, new: str = NEW, **table: Any) -> Bundle:
    table = table or {"by": "versione", "of": {"2007": "vecchia", "2025": "nuova"}}
    row = [
        {"type": "textfield", "key": "codice", "properties": {"table": table}},
        {"type": "select", "key": "versione", "values": [{"value": "2007"}, {"value": "2025"}]},
    ]
    form = {"id": "f", "components": [{"type": "dynamiclist", "path": "settori", "components": row}]}
    files = {
        "forms/f.json": json.dumps(form).encode(),
        "tables/vecchia.csv": old.encode(),
        "tables/nuova.csv": new.encode(),
    }
    return Bundle("p", files)


def said(code: str, version: str, language: str = "it", held: Bundle | None = None) -> list[str]:
    form = of_bundle(held or bundle(), "f")
    assert form is not None
    try:
        submit(form, {"settori": [{"codice": code, "versione": version}]}, {}, {}, language)
    except FormInvalid as invalid:
        return invalid.errors["settori.0.codice"]
    return []


def test_a_code_of_the_chosen_table_is_taken() -> None:
    assert said("25.73", "2007") == said("25.63", "2025") == []


def test_a_code_of_the_other_version_is_refused_and_said_to_be_there() -> None:
    (sentence,) = said("25.73", "2025")
    assert sentence == (
        "Scrivere un codice di ATECO 2025: 25.73 non c'è. È in ATECO 2007, «Utensili»: "
        "scegliere quella classificazione, o cambiare codice."
    )


def test_a_code_of_no_table_is_refused_with_the_nearest_titles() -> None:
    (sentence,) = said("25.79", "2007", "en")
    assert (
        sentence
        == "Write a code of ATECO 2007: 25.79 is not in it. The nearest are: 25.73 Utensili; 25.7 Coltelleria."
    )


def test_without_a_choice_no_table_is_asked() -> None:
    assert said("25.79", "") == []


def test_an_older_bundle_reads_its_own_table() -> None:
    later = bundle(old=OLD + "25.79,Arrivato dopo\n")
    assert (said("25.79", "2007", held=later), len(said("25.79", "2007"))) == ([], 1)
    assert later.hash != bundle().hash


@pytest.mark.parametrize(
    "text",
    [
        "code;title\n1;a\n",
        "code,title\n1,a\n1,b\n",
        "code,title\n1,a,b\n",
        "code,title\n,a\n",
        "",
        'code,title\n1,"a\n',
    ],
)
def test_what_is_no_table_is_refused(text: str) -> None:
    if text.endswith('"a\n'):
        assert read_table("t", text.encode()).rows == {"1": "a"}
        return
    with pytest.raises(DefinitionInvalid):
        read_table("t", text.encode())


def test_check_names_a_table_that_is_not_there_or_cannot_be_read() -> None:
    held = bundle(new="niente")
    files = {name: data for name, data in held.files.items() if name != "tables/vecchia.csv"}
    codes = {(f.file, f.code) for f in check.check(Bundle("p", files)) if "table" in f.code}
    assert codes == {("forms/f.json", "table_missing"), ("tables/nuova.csv", "table_unreadable")}


def test_the_shipped_tables_are_whole_and_travel_with_the_bundle() -> None:
    shipped = read_bundle(root, "f1_presentazione")
    assert bundle_from_zip(bundle_to_zip(shipped)).hash == shipped.hash
    old, new = (
        read_table(name, shipped.files[f"tables/{name}.csv"]) for name in ("ateco_2007", "ateco_2025")
    )
    assert (old.title, new.title, len(old.rows), len(new.rows)) == ("ATECO 2007", "ATECO 2025", 3136, 3235)
    assert "ISTAT" in old.source
    assert "ISTAT" in new.source
    assert old.rows["25.73"] == new.rows["25.63"] == "Fabbricazione di utensileria"
    assert ("22.22", "Fabbricazione di imballaggi in materie plastiche") in old.search("imballaggi plast")
    assert old.search("25.73")[0][0] == "25.73"
    assert len(old.search("a")) == 20
