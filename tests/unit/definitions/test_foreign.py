"""Expressions of other engines are recognised, and the FEEL that was probably meant is offered."""

import pytest

from app.definitions import foreign


@pytest.mark.parametrize(
    ("written", "feel"),
    [
        ("${esito == 'ok'}", 'esito = "ok"'),
        ("#{n > 3 && !chiuso}", "n > 3 and not(chiuso)"),
        ("a == True or b is None", "a = true or b = null"),
        ("x is not None", "x != null"),
        ("len(partner) >= 10", "count(partner) >= 10"),
        ("d['esito'] == 'si'", 'd.esito = "si"'),
        ("d.get('esito') == 'si'", 'd.esito = "si"'),
        ("not firmato", "not(firmato)"),
        ("stato.equals('x') || altro", 'stato = "x" or altro'),
    ],
)
def test_the_feel_that_was_meant_is_offered(written: str, feel: str) -> None:
    assert foreign.is_foreign(written)
    assert " ".join(foreign.meant(written).split()) == feel
    assert foreign.meant(written) in foreign.way_out(written)


@pytest.mark.parametrize(
    "feel",
    [
        'esito = "ok"',
        "a != b",
        'nome = "d\'Aria == ${x}"',
        "not(a) and b",
        "// l'uno e l'altro\n1",
        "if a then b else c",
        'list contains(ambiti, "A2")',
        "importo > 3 and informato",
    ],
)
def test_feel_is_not_taken_for_something_else(feel: str) -> None:
    assert not foreign.is_foreign(feel)


@pytest.mark.parametrize("written", ["lambda x: x", "__import__('os').system('x')", "${a ? b : c}", "${}"])
def test_what_has_no_counterpart_is_refused_without_a_guess(written: str) -> None:
    assert foreign.is_foreign(written)
    assert foreign.meant(written) == ""
