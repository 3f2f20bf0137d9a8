"""Decision tables: hit policies, what is matched, what is refused, and what no rule meets."""

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.dmn.coverage import find_gaps_and_overlaps
from app.dmn.errors import DmnError
from app.dmn.model import Model

SPACE = "https://www.omg.org/spec/DMN/20191111/MODEL/"


def table(
    columns: list[str], outputs: list[str], rules: list[str], attributes: str = "", inputs: str = ""
) -> str:
    """Write a model of one table; a rule is its cells, the inputs' and the outputs', with `|` between them."""
    rows = ""
    for rule in rules:
        cells = [cell.strip().replace("&", "&amp;").replace("<", "&lt;") for cell in rule.split("|")]
        parts = "".join(f"<inputEntry><text>{cell}</text></inputEntry>" for cell in cells[: len(columns)])
        parts += "".join(f"<outputEntry><text>{cell}</text></outputEntry>" for cell in cells[len(columns) :])
        rows += f"<rule>{parts}</rule>"
    named = "".join(
        f"<inputData id='in_{name}' name='{name}'/>" for name in (inputs or " ".join(columns)).split()
    )
    needs = "".join(
        f"<informationRequirement><requiredInput href='#in_{name}'/></informationRequirement>"
        for name in (inputs or " ".join(columns)).split()
    )
    heads = "".join(
        f"<input label='{name}'><inputExpression><text>{name}</text></inputExpression></input>"
        for name in columns
    )
    return (
        f"<definitions xmlns='{SPACE}' namespace='urn:t' name='t'>{named}"
        f"<decision id='d' name='Decisione'>{needs}<decisionTable {attributes}>{heads}{''.join(outputs)}{rows}"
        "</decisionTable></decision></definitions>"
    )


ONE = ["<output name='esito'/>"]
RANKED = ['<output name=\'esito\'><outputValues><text>"alto","medio","basso"</text></outputValues></output>']
MATCHING = ['< 10 | "medio"', '>= 5 | "basso"', '[1..20] | "alto"', '> 100 | "mai"']


@pytest.mark.parametrize(
    ("attributes", "outputs", "expected"),
    [
        ("hitPolicy='FIRST'", ONE, "medio"),
        ("hitPolicy='PRIORITY'", RANKED, "alto"),
        ("hitPolicy='RULE ORDER'", ONE, ["medio", "basso", "alto"]),
        ("hitPolicy='OUTPUT ORDER'", RANKED, ["alto", "medio", "basso"]),
        ("hitPolicy='COLLECT'", ONE, ["medio", "basso", "alto"]),
        ("hitPolicy='COLLECT' aggregation='COUNT'", ONE, Decimal(3)),
        ("hitPolicy='COLLECT' aggregation='MIN'", ONE, "alto"),
        ("hitPolicy='COLLECT' aggregation='MAX'", ONE, "medio"),
    ],
)
def test_a_hit_policy_makes_one_result_of_the_rules_that_match(
    attributes: str, outputs: list[str], expected: object
) -> None:
    model = Model.parse(table(["n"], outputs, MATCHING, attributes))
    found = model.evaluate("d", {"n": 7})
    assert found.output == expected
    assert found.matched == [1, 2, 3]
    assert found.inputs == {"n": Decimal(7)}


def test_sum_adds_the_outputs_of_the_rules_that_match() -> None:
    model = Model.parse(
        table(["n"], ONE, ["> 1 | 10", "> 2 | 20.5"], "hitPolicy='COLLECT' aggregation='SUM'")
    )
    assert model.evaluate("Decisione", {"n": 3}).output == Decimal("30.5")
    assert model.evaluate("Decisione", {"n": 0}).output is None


def test_two_rules_of_a_unique_table_are_an_error_that_names_them() -> None:
    model = Model.parse(table(["n"], ONE, MATCHING))
    with pytest.raises(DmnError, match=r"Expected one rule to match, but 1, 2, 3 do") as caught:
        model.evaluate("d", {"n": 7})
    assert caught.value.code == "unique"


def test_different_results_of_an_any_table_are_an_error() -> None:
    model = Model.parse(table(["n"], ONE, ["> 1 | 1", "> 2 | 1", "> 3 | 2"], "hitPolicy='ANY'"))
    assert model.evaluate("d", {"n": 3}).output == 1
    with pytest.raises(DmnError, match="1 and 3 differ"):
        model.evaluate("d", {"n": 4})


def test_no_rule_is_null_with_a_warning_or_the_default() -> None:
    found = Model.parse(table(["n"], ONE, ["> 1 | 1"])).evaluate("d", {"n": 0})
    assert (found.output, found.matched) == (None, [])
    assert found.warnings == ("Decisione: no rule matches",)
    default = [
        "<output name='esito'><defaultOutputEntry><text>\"nessuno\"</text></defaultOutputEntry></output>"
    ]
    assert Model.parse(table(["n"], default, ["> 1 | 1"])).evaluate("d", {"n": 0}).output == "nessuno"


def test_several_outputs_are_a_context() -> None:
    outputs = ["<output name='codice'/>", "<output name='sanabile'/>"]
    rules = ['< min | "F01" | false', '>= min | "F02" | true']
    model = Model.parse(table(["n"], outputs, rules, "hitPolicy='COLLECT'", "n min"))
    assert model.evaluate("d", {"n": 3, "min": 10}).output == [{"codice": "F01", "sanabile": False}]


def test_a_cell_with_two_strings_matches_either_of_them() -> None:
    """SpiffWorkflow reads this cell wrongly, without an error; it is how dmn-js writes a choice."""
    model = Model.parse(table(["tipo"], ONE, ['"A","B" | 1', 'not("A","B",null) | 2', "null | 3"]))
    assert [model.evaluate("d", {"tipo": tipo}).output for tipo in ("A", "B", "C", None)] == [1, 1, 2, 3]


def test_a_broken_cell_is_refused_with_its_place() -> None:
    model = Model.parse(table(["n"], ONE, ["> 1 | 1", "> | 2"]))
    with pytest.raises(DmnError, match=r"Decisione .*line 1.*Expected a value") as caught:
        model.evaluate("d", {"n": 1})
    assert caught.value.code == "syntax"


def test_twenty_rules_of_four_inputs_all_match() -> None:
    rules = [f'> {n} | "A","B" | [{n}..{n + 50}] | not("x") | {n}' for n in range(20)]
    model = Model.parse(table(["a", "b", "c", "d"], ONE, rules, "hitPolicy='COLLECT'"))
    inputs = {"a": Decimal(100), "b": "B", "c": Decimal(25), "d": "y"}
    assert len(model.evaluate("d", inputs).output) == 20


@pytest.mark.parametrize(
    ("columns", "rules", "gaps", "overlaps"),
    [
        (["n"], [">= 60 | 1", "< 60 | 2"], [], []),
        (["n"], ["> 60 | 1", "< 60 | 2"], [{"n": "60"}], []),
        (["n"], [">= 60 | 1", "<= 60 | 2"], [], [((1, 2), {"n": "60"})]),
        (["n"], ["[0..10] | 1", "(10..20] | 2"], [{"n": "< 0, > 20"}], []),
        (["n"], ["< attese | 1", "= attese | 2", "> attese | 3"], [], []),
        (["n"], ["< attese | 1", "> attese | 3"], [{"n": "= attese"}], []),
        (["n", "m"], [">= 6 | < soglia | 1", "< 6 | - | 2", ">= 6 | >= soglia | 3"], [], []),
        (["s"], ['"a" | 1', '"b" | 2'], [{"s": 'not("a", "b")'}], []),
        (["s"], ['"a" | 1', 'not("a") | 2'], [], []),
        (["b"], ["true | 1", "false | 2"], [], []),
        (["b", "n"], ["true | > 3 | 1", "false | - | 2"], [{"b": "true", "n": "< 3, 3"}], []),
        (
            ["b", "n"],
            ["true | - | 1", "- | > 3 | 2", "false | <= 3 | 3"],
            [],
            [((1, 2), {"b": "true", "n": "> 3"})],
        ),
    ],
)
def test_gaps_and_overlaps_are_found(
    columns: list[str], rules: list[str], gaps: list[dict[str, str]], overlaps: list[object]
) -> None:
    found = find_gaps_and_overlaps(Model.parse(table(columns, ONE, rules)).table("d"))
    assert [gap.case for gap in found.gaps] == gaps
    assert [(overlap.rules, overlap.case) for overlap in found.overlaps] == overlaps
    assert found.complete
    assert not found.unknown


def test_a_column_that_cannot_be_cut_is_named() -> None:
    rules = ["< apertura | 1", "[apertura..chiusura] | 2", "> chiusura | 3"]
    found = find_gaps_and_overlaps(Model.parse(table(["n"], ONE, rules)).table("d"))
    assert found.unknown == ["n"]
    assert not found.overlaps


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_gaps_and_overlaps_are_those_that_trying_every_case_finds(data: st.DataObject) -> None:
    number = st.integers(0, 4)
    cell = st.one_of(
        st.just("-"),
        number.map(str),
        st.builds(lambda sign, n: f"{sign} {n}", st.sampled_from(["<", "<=", ">", ">="]), number),
        st.builds(lambda a, b: f"[{min(a, b)}..{max(a, b)})", number, number),
        st.builds(lambda a: f"not({a})", number),
    )
    rows = data.draw(st.lists(st.tuples(cell, cell), min_size=1, max_size=5))
    rules = [f"{a} | {b} | {index}" for index, (a, b) in enumerate(rows)]
    drawn = Model.parse(table(["a", "b"], ONE, rules, "hitPolicy='COLLECT'"))
    met = [
        len(drawn.evaluate("d", {"a": Decimal(a) / 2, "b": Decimal(b) / 2}).matched)
        for a in range(-2, 11)
        for b in range(-2, 11)
    ]
    found = find_gaps_and_overlaps(drawn.table("d"))
    assert found.complete
    assert bool(found.gaps) == (min(met) == 0)
    assert bool(found.overlaps) == (max(met) > 1)


def test_values_that_a_column_does_not_allow_are_no_gaps() -> None:
    drawn = table(["n"], ONE, ["0 | 1", "> 0 | 2"]).replace("</inputExpression>", "</inputExpression>%s", 1)
    allowed = "<inputValues><text>&gt;= 0</text></inputValues>"
    assert find_gaps_and_overlaps(Model.parse(drawn % "").table("d")).gaps
    assert not find_gaps_and_overlaps(Model.parse(drawn % allowed).table("d")).gaps
