"""A table is looked at before it is deployed: what it leaves open and what it says twice is shown by a case."""

from pathlib import Path

from app.definitions.decision_findings import examine

TABLE = (Path(__file__).parents[3] / "processes" / "f1_valutazione" / "d5_esito_valutazione.dmn").read_text()


def found(old: str = "", new: str = "") -> list[tuple[str, str, str, str]]:
    assert old in TABLE
    text = TABLE.replace(old, new, 1) if old else TABLE
    return [(f.severity, f.code, f.element, f.message) for f in examine("d5.dmn", text.encode())]


def test_a_whole_table_has_no_finding() -> None:
    assert found() == []


def test_a_gap_is_a_warning_with_the_case_that_no_rule_takes() -> None:
    ((severity, code, element, message),) = found(
        "<text>&gt;= soglia_criterio</text>", "<text>&gt; soglia_criterio</text>"
    )
    assert (severity, code, element) == ("warning", "table_gap", "d5_esito_valutazione")
    assert (
        "Punteggio: = soglia, > soglia; Rapporto più basso tra i criteri generali: = soglia_criterio"
        in message
    )


def test_an_overlap_is_an_error_with_the_rules_and_the_case() -> None:
    findings = found("<text>&lt; soglia</text>", "<text>&lt;= soglia</text>")
    assert {(severity, code) for severity, code, _, _ in findings} == {("error", "table_overlap")}
    assert any("rules 1 and 3 both take Punteggio: = soglia" in message for *_, message in findings)


def test_a_default_output_closes_every_gap() -> None:
    old = 'name="esito" typeRef="string" />'
    default = 'name="esito"><defaultOutputEntry><text>"da_vedere"</text></defaultOutputEntry></output>'
    text = TABLE.replace(old, default, 1).replace("&gt;= soglia_criterio", "&gt; soglia_criterio", 1)
    assert list(examine("d5.dmn", text.encode())) == []


def test_a_name_that_no_requirement_brings_is_an_error_at_its_decision() -> None:
    ((severity, code, element, message),) = found("<text>punteggio</text>", "<text>puntegio</text>")
    assert (severity, code, element) == ("error", "decision_name", "d5_esito_valutazione")
    assert "'puntegio' is not among its requirements" in message


def test_a_file_that_cannot_be_read_has_its_findings_elsewhere() -> None:
    assert list(examine("x.dmn", b"<broken")) == []
