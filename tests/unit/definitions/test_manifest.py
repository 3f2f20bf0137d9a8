"""A manifest says what a diagram cannot, and what is wrong in it is told all at once."""

from pathlib import Path

import pytest

from app.definitions.manifest import labels, load_manifest, read_manifest
from app.domain.bundles import Bundle
from app.domain.errors import DefinitionInvalid

REFERENCE = Path(__file__).parents[3] / "docs/reference/manifest.md"


def _example() -> bytes:
    return REFERENCE.read_text().split("```toml\n")[1].split("```")[0].encode()


def test_the_documented_example_is_read_as_documented() -> None:
    manifest, findings = read_manifest(_example())
    assert findings == []
    assert (manifest.process, manifest.kind, manifest.title.of("en")) == (
        "proroga",
        "request",
        "Request for an extension",
    )
    assert (manifest.start.who, manifest.start.role, manifest.start.under) == (
        "anyone",
        "richiedente",
        "edition",
    )
    assert {name: lane.kind for name, lane in manifest.lanes.items()} == {
        "istruttore": "office",
        "richiedente": "case_role",
        "sistema": "system",
        "socio": "case_role",
        "esperto": "case_role",
    }
    assert manifest.reached == {"UT_esamina": "in_esame", "EE_fine": "conclusa"}
    assert (manifest.title_path, manifest.prefix, manifest.first) == ("richiesta.titolo", "PRO", 1)
    assert {key: (entry.path, entry.applicant, entry.coded) for key, entry in manifest.record.items()} == {
        "titolo": ("richiesta.titolo", False, False),
        "esito": ("esame.esito", True, False),
        "atto": ("esame.atto", False, False),
        "composizione": ("esame.tipi", False, True),
    }
    assert manifest.closed["EE_fine"].en.startswith("The request was closed")
    assert (manifest.public.title.en, manifest.public.states, manifest.public.tables) == (
        "Extensions",
        ("conclusa",),
        ("composizione",),
    )
    assert (manifest.public.facts, manifest.public.documents) == (("titolo", "esito"), ("atto",))
    assert manifest.words["Giorni lavorativi"].en == "Working days"


def test_a_record_key_without_a_path_and_a_word_that_says_nothing_are_findings() -> None:
    text = b'[process]\nid="p"\nkind="k"\n[record]\na = {it = "A"}\nb = {path = "x", colour = "y"}\n[words]\nc = 3\n'
    found = {(f.element, f.code) for f in read_manifest(text)[1]}
    assert found == {
        ("record.a", "manifest_value"),
        ("record.b.colour", "manifest_unknown"),
        ("words.c", "manifest_value"),
    }


def test_a_state_has_a_name_for_the_office_and_one_for_the_applicant() -> None:
    names = labels([Bundle("proroga", {"process.toml": _example()}), Bundle("vecchio", {})])
    assert names.state("in_esame", "it") == "In esame"
    assert names.state("in_esame", "it", applicant=True) == "Stiamo controllando"
    assert names.state("conclusa", "en", applicant=True) == "Closed"
    assert names.state("ignoto", "it") == "ignoto"


def test_every_fault_of_a_manifest_is_told_at_once() -> None:
    text = b"""
        [process]
        id = "p"
        colour = "red"
        [start]
        who = "group:"
        [lanes]
        a = "nobody"
        [case]
        first = 0
        [reached]
        x = 3
        [stages]
        """
    _, findings = read_manifest(text)
    assert {(f.code, f.element) for f in findings} == {
        ("manifest_unknown", "process.colour"),
        ("manifest_unknown", "stages"),
        ("manifest_incomplete", "process.kind"),
        ("manifest_value", "start.who"),
        ("manifest_value", "case.first"),
        ("manifest_value", "reached.x"),
        ("lane_kind", "lanes.a"),
    }


@pytest.mark.parametrize("data", [None, b"[process", b"\xff\xfe", b""])
def test_a_manifest_that_cannot_be_used_is_refused_with_its_faults(data: bytes | None) -> None:
    files = {} if data is None else {"process.toml": data}
    with pytest.raises(DefinitionInvalid, match=r"Expected .*process\.toml"):
        load_manifest(Bundle("p", files))


SHAPES = {
    "process.kind": ['["a"]', "5", '"a b"', '"' + "k" * 61 + '"', '"a\\u0000b"', "0x" + "f" * 5000],
    "process.title": ["5", '"a\\nb"', '"' + "t" * 201 + '"', '" "', '{it = 5, en = "x"}', '{fr = "x"}'],
    "start.who": ['["anyone"]', '"group:a b"', '"nobody"'],
    "start.role": ["5", '"a\\rb"'],
    "start.config": ['"a b"', "true"],
    "case.first": ["true", "0", "99999999999999999999999", "0x" + "f" * 5000, '"1"', "1.0"],
    "case.prefix": ['"../A/B?x#"', '"<b>x y"', '"abc"', '"ABCDEFGHIJKLM"', '"A\\r\\nB"', "7", '""'],
    "case.title": ['"a b"', "5"],
    "lanes.a": [
        '{kind = "office", it = 5}',
        '{kind = "office", fr = "x"}',
        '{kind = "office", it = "a\\u0000"}',
        '{kind = "case_role", it = "x", invited = "a", same = "a"}',
        '{kind = "case_role", it = "x", invited = "a", same = ["a..b"]}',
        '{kind = "case_role", it = "x", invited = "a", until = [5]}',
    ],
    "states.a": ["5", "{office = 5}", '{it = "x", colour = "red"}', '{applicant = {it = "a\\nb"}}'],
    "record.a": ['"a..b"', '"a b"'],
    "reached.A": ['"a b"'],
    "messages.a": [
        '"x"',
        '{who = ["a"], it = "x"}',
        '{who = "a", it = "a\\nb"}',
        '{who = "a", explained = 5}',
        '{who = "a", form = 5}',
        '{who = "a", form = "../x"}',
        '{who = "a", about = ["x"]}',
        '{who = "a", when = ["x"]}',
        '{who = "a", note = 5}',
        '{who = "a", later = {fr = "x"}}',
        '{who = "a", states = "x"}',
        '{who = "a", states = []}',
        '{who = "a", states = ["a b"]}',
    ],
    "start.from": ["5", '"a b"', "[]"],
    "public.it": ["5", '"a\\nb"'],
    "public.states": ['"e"', "[]", "[5]", '["a b"]'],
    "public.documents": ["{}", '[["a"]]'],
    "thread.it": ["5", '"a\\nb"'],
    "thread.answered": ['"e"', "[]", "[5]"],
    "thread.shows": ["5", '{a = "x"}', "{a = [5]}", "{a = []}", '{a = ["a..b"]}'],
    'lanes."a\\u0000b"': ['"office"'],
    'states."<b>"': ['"x"'],
    f"lanes.{'x' * 20_000}": ['"office"'],
    'record."a b"': ['"a"'],
}


@pytest.mark.parametrize(("place", "value"), [(place, value) for place in SHAPES for value in SHAPES[place]])
def test_what_has_another_shape_than_its_key_takes_is_a_short_finding(place: str, value: str) -> None:
    section, _, key = place.partition(".")
    tables = {"process": {"id": '"p"', "kind": '"k"'}}
    tables.setdefault(section, {})[key] = value
    text = "\n".join(
        f"[{name}]\n" + "\n".join(f"{key} = {value}" for key, value in table.items())
        for name, table in tables.items()
    )
    _, findings = read_manifest(text.encode())
    assert findings
    assert {f.code for f in findings} <= {"manifest_value", "message_who"}
    for finding in findings:
        assert len(finding.message) < 400
        assert len(finding.element) <= 100
        assert finding.element.isprintable()
        assert finding.message.isprintable()


def test_a_number_that_python_cannot_read_is_no_crash() -> None:
    _, findings = read_manifest(b'[process]\nid = "p"\nkind = "k"\n[case]\nfirst = ' + b"9" * 5000)
    assert "manifest_unreadable" in {f.code for f in findings}


def test_what_a_manifest_may_say_has_no_finding() -> None:
    text = """
        [process]
        id = "p"
        kind = "edizione_2023"
        title = "Perché no: l'avviso <2023>"
        [start]
        who = "group:ufficio-1"
        [case]
        prefix = "ED23"
        first = 999999999
        [states]
        a = "In corso"
        [messages."una frase qualsiasi"]
        who = "ufficio-1"
        it = "Vai"
        form = "frm_vai"
        about = 'partner.nome + "!"'
        when = 'partner.nome != null'
        later = "Scrivi prima il nome."
        note.it = "Scade il {{termine}}."
        states = ["a"]
        [thread]
        it = "Messaggi"
        answered = ["EE"]
        [thread.shows]
        "una frase qualsiasi" = ["testo", "chi.nome"]
    """
    assert read_manifest(text.encode())[1] == []
