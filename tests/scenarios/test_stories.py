"""The shipped stories pass, cover every path, and would notice a fault."""

from collections.abc import Callable, Iterator
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from app.config import Settings
from app.definitions import bundle as bundles
from app.definitions import decision_findings
from app.domain.errors import NotAllowed, StoryInvalid
from app.handling import load_handlers
from app.services import cases, people, replay
from app.services.house import House
from app.store.blobs import BlobStore
from app.store.clock import HouseClock
from app.store.copies import copy_of
from app.store.database import Database
from app.store.postgres import EmbeddedServer
from app.testing import demo, player
from app.testing.papers import paper
from app.testing.stories import read_story, stories
from tests.scenarios.conftest import Play, root

Spoil = Callable[[str, str, str], Path]
WHOLE = [(process, story.name) for process in bundles.processes(root) for story in stories(root, process)]


@pytest.mark.parametrize(("process", "name"), WHOLE)
def test_a_story_goes_as_told_and_replays_equal(report: player.Report, process: str, name: str) -> None:
    played = next(p for p in report.played if (p.story.process, p.story.name) == (process, name))
    assert played.fault == ""
    assert played.inputs > 0


def test_the_stories_pass_every_element_and_every_flow(report: player.Report) -> None:
    assert {
        coverage.process: coverage.missing for coverage in report.paths.of.values() if coverage.missing
    } == {}
    assert set(report.paths.of) == set(bundles.processes(root))


def test_every_table_has_cases_and_no_gap_or_overlap_is_found_in_it(report: player.Report) -> None:
    tried = {each.told.decision for each in report.tried}
    assert tried == {path.stem for path in (root / "processes").glob("*/*.dmn")}
    assert not [each.line() for each in report.tried if each.fault]
    for path in sorted((root / "processes").glob("*/*.dmn")):
        assert list(decision_findings.examine(path.name, path.read_bytes())) == []


def test_every_end_of_the_call_is_reached_by_a_story(report: player.Report) -> None:
    ends = {e for coverage in report.paths.of.values() for e in coverage.entered if e.startswith("EE_")}
    assert ends >= {
        "EE_presentata", "EE_scaduta", "EE_ritirata_bozza", "EE_non_apribile", "EE_ammessa_in_attesa_elenco",
        "EE_rigettata", "EE_irricevibile", "EE_ritirata", "EE_in_elenco", "EE_pubblicato", "EE_nulla_da_fare",
        "EE_chiusa", "EE_registrato", "EE_risposta", "EE_ritirato", "EE_ok", "EE_rifiuto", "EE_silenzio", "EE_superata",
        "EE_revocata", "EE_conclusa", "EE_adottato", "EE_respinto", "EE_non_approvato", "EE_nessuna_riga",
        "EE_finestra_chiusa", "EE_non_approvata", "EE_bando_respinto", "EE_interessata", "EE_non_interessata",
        "EE_senza_risposta",
    }  # fmt: skip


def test_the_report_ends_with_the_count(report: player.Report) -> None:
    lines = list(report.lines())
    assert lines[-1] == f"{len(WHOLE) + len(report.tried)} passed, 0 failed"
    assert any(line.startswith("f1_presentazione: 100%") for line in lines)


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ("<text>&lt;= 150000", "<text>&lt; 150000", "case 1: Expected 'non_richiesta' by the rules [1]"),
        ("<text>&gt; 30", "<text>&gt;= 30", "Expected one rule to match, but 4, 5 do"),
        ('<text>"escludi"', '<text>"ok"', "case 7: Expected 'escludi'"),
    ],
)
def test_a_boundary_moved_in_a_table_is_noticed(
    spoiled: Spoil, play: Play, old: str, new: str, fault: str
) -> None:
    report = play(
        spoiled("processes/f2_istruttoria_domanda/d10_antimafia.dmn", old, new), "f2_istruttoria_domanda"
    )
    (only,) = [each.fault for each in report.tried if each.fault]
    assert fault in only


def test_a_rule_that_no_case_meets_is_named(spoiled: Spoil, play: Play) -> None:
    name = "processes/f2_istruttoria_domanda/scenarios/tables/d10_antimafia.toml"
    last = (root / name).read_text().rpartition("[[case]]")[2]
    report = play(spoiled(name, f"[[case]]{last}", ""), "f2_istruttoria_domanda")
    assert [each.fault for each in report.tried if each.fault] == [
        "Expected a case for every rule, but none meets 6."
    ]


@pytest.mark.parametrize(
    ("old", "new"), [('decision = "d9', 'decision = "d0'), ("rules = [1]", "rows = [1]"), ('"ok"', "ok +")]
)
def test_cases_that_cannot_be_read_are_refused_with_their_file(
    spoiled: Spoil, play: Play, old: str, new: str
) -> None:
    with pytest.raises(StoryInvalid, match=r"d9_durc\.toml"):
        play(
            spoiled("processes/f2_istruttoria_domanda/scenarios/tables/d9_durc.toml", old, new),
            "f2_istruttoria_domanda",
        )


def test_an_expectation_that_does_not_hold_names_story_step_and_both_values(
    spoiled: Spoil, play: Play
) -> None:
    copy = spoiled("processes/f1_edizione/scenarios/chiusa.toml", 'state = "chiusa"', 'state = "sospesa"')
    report = play(copy, "f1_edizione")
    (fault,) = [p.fault for p in report.played if p.fault]
    assert "chiusa, step 4 (expect)" in fault
    assert "'sospesa'" in fault
    assert "'chiusa'" in fault


def test_a_window_drawn_to_stay_open_is_noticed(spoiled: Spoil, play: Play) -> None:
    late = 'edizione.chiusura + duration("P1D") else edizione.chiusura_tecnica</bpmn:timeDate>'
    copy = spoiled(
        "processes/f1_edizione/f1_edizione.bpmn",
        "edizione.chiusura else edizione.chiusura_tecnica</bpmn:timeDate>",
        late,
    )
    assert {p.story.name for p in play(copy, "f1_edizione").played if p.fault} == {
        "chiusa",
        "prorogata",
    }


def test_a_threshold_lowered_in_the_table_is_noticed(spoiled: Spoil, play: Play) -> None:
    copy = spoiled("processes/f1_presentazione/d1_rilievi_formali.dmn", "&lt; min_imprese", "&lt; 3")
    told = copy / "processes/f1_presentazione/scenarios"
    for story in told.glob("*.toml"):  # these two tell it; the others take a minute
        if story.stem not in {"nove_imprese", "presentata", "pronta"}:
            story.unlink()
    faults = {p.story.name for p in play(copy, "f1_presentazione").played if p.fault}
    assert faults == {"nove_imprese"}


def test_a_refusal_that_does_not_come_is_noticed(spoiled: Spoil, play: Play) -> None:
    copy = spoiled("forms/f1_edizione/frm_edizione.json", "chiusura > apertura", "true")
    faults = [p.fault for p in play(copy, "f1_edizione").played if p.fault]
    assert len(faults) == 6
    assert all("Expected a refusal 'form_invalid', but it went through" in fault for fault in faults)


def test_a_path_that_no_story_takes_is_reported(spoiled: Spoil, play: Play) -> None:
    copy = spoiled("processes/f1_edizione/scenarios/disservizio.toml", "title", "# title")
    (copy / "processes/f1_edizione/scenarios/disservizio.toml").unlink()
    (copy / "processes/f1_edizione/scenarios/disservizio_lasciato.toml").unlink()
    coverage = play(copy, "f1_edizione").paths.of["f1_edizione"]
    assert {"MS_disservizio", "UT_proroga_tecnica"} <= set(coverage.missing)
    assert coverage.share < 1


def test_a_replay_that_differs_fails_the_story(play: Play, monkeypatch: pytest.MonkeyPatch) -> None:
    # a clock in another zone writes other instants than the history gives back
    monkeypatch.setattr("app.testing.clock.UTC", ZoneInfo("Europe/Rome"))
    report = play(root, "f1_iscrizione")
    assert ["to replay as recorded" in p.fault for p in report.played] == [True]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('title = "x"\nstarts = 2023-01-01T00:00:00\n[[step]]\njump = 1', "Expected one of start"),
        ('title = "x"\nstarts = 2023-01-01T00:00:00\n[[step]]\nstart = "p"\nfor = "ada"', "unknown for"),
        ('title = "x"\n[[step]]\nstart = "p"', "Expected a title, starts or after"),
        ('title = "x"\nafter = "nobody/nothing"', "Expected a story nobody/nothing"),
        ("title = ", "Expected TOML"),
    ],
)
def test_a_story_that_cannot_be_read_says_why(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "p" / "scenarios" / "one.toml"
    path.parent.mkdir(parents=True)
    path.write_text(text)
    with pytest.raises(StoryInvalid, match=said):
        read_story(path, "p")


def test_a_made_up_paper_is_a_pdf_that_can_be_read(tmp_path: Path) -> None:
    from io import BytesIO

    from pypdf import PdfReader

    text = PdfReader(BytesIO(paper(tmp_path, "accordo.pdf"))).pages[0].extract_text()
    assert "accordo.pdf - dati di fantasia" in text


@pytest.fixture(scope="module")
def loaded(
    server: EmbeddedServer, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[House, list[str]]]:
    home = tmp_path_factory.mktemp("demo")
    settings = Settings(home=home, content=root, secret_key="of a test", demo=True)
    with copy_of(server) as database:
        clock = HouseClock(database, demo=True)
        house = House(settings, database, clock, BlobStore(home / "blobs"), load_handlers())
        yield house, demo.load(house)


def test_the_demonstration_loads_the_worked_cases(loaded: tuple[House, list[str]]) -> None:
    house, lines = loaded
    assert "FIL-2023-0003" in lines[-1]
    with house.database.reader() as reader:
        states = {case.title: case.state for case in reader.cases("proposal")}
    assert states == {
        "NOVACERA – imballaggi circolari": "in_elenco",
        "FILO D'ARIA – moda tracciabile": "in_istruttoria",
        "MECCATRONICA IPOTESI – macchine che durano": "in_elenco",
        "ACCESSORI FITTIZI – filiera tracciabile": "adesioni_in_corso",
    }
    assert [result.difference for result in replay.every(house)] == [None] * 7


def test_the_clock_of_the_demonstration_stops_where_its_last_story_does(
    loaded: tuple[House, list[str]],
) -> None:
    assert f"{loaded[0].clock.now():%Y-%m-%d}" == "2024-03-01"


def test_the_demonstration_is_not_loaded_over_its_own_past(loaded: tuple[House, list[str]]) -> None:
    with pytest.raises(NotAllowed):
        demo.load(loaded[0])


def test_a_proposal_is_startable_only_under_an_open_edition(loaded: tuple[House, list[str]]) -> None:
    ada = people.get(loaded[0], "ada")
    assert ada is not None
    found = [s for s in cases.startable(loaded[0], ada) if s.process == "f1_presentazione"]
    assert [s.under.id for s in found if s.under] == ["ED-2022-0001"]


def test_a_house_that_keeps_real_time_loads_no_demonstration(database: Database, tmp_path: Path) -> None:
    settings = Settings(home=tmp_path, content=root, secret_key="of a test")
    house = House(settings, database, HouseClock(database), BlobStore(tmp_path / "b"), load_handlers())
    with pytest.raises(NotAllowed):
        demo.load(house)
