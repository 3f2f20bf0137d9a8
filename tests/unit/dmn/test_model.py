"""Models: requirements, functions, services, types, imports, and files that are refused."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from app.dmn.errors import DmnError
from app.dmn.model import Model
from app.feel import FeelLimitExceeded, FeelValueError, Limits, Sealed

SPACE = "https://www.omg.org/spec/DMN/20230324/MODEL/"


def model(inside: str, namespace: str = "urn:m", imports: dict[str, Model] | None = None) -> Model:
    return Model.parse(
        f"<definitions xmlns='{SPACE}' namespace='{namespace}' name='m'>{inside}</definitions>", imports
    )


def literal(text: str) -> str:
    return f"<literalExpression><text>{text}</text></literalExpression>"


def needs(*hrefs: str, kind: str = "Input") -> str:
    requirement = "knowledgeRequirement" if kind == "Knowledge" else "informationRequirement"
    return "".join(f"<{requirement}><required{kind} href='{href}'/></{requirement}>" for href in hrefs)


CHAIN = (
    "<inputData id='i' name='Spesa ammessa'><variable name='Spesa ammessa' typeRef='number'/></inputData>"
    f"<decision id='a' name='Contributo'>{needs('#i')}{literal('Spesa ammessa * 0.5')}</decision>"
    f"<decision id='b' name='Esito'>{needs('#a', kind='Decision')}{needs('#f', kind='Knowledge')}"
    f"{literal('limita(Contributo, 400)')}</decision>"
    "<businessKnowledgeModel id='f' name='limita'><encapsulatedLogic>"
    "<formalParameter name='x' typeRef='number'/><formalParameter name='tetto' typeRef='number'/>"
    f"{literal('min(x, tetto)')}</encapsulatedLogic></businessKnowledgeModel>"
    "<decisionService id='s' name='Servizio'><outputDecision href='#b'/><encapsulatedDecision href='#a'/>"
    "<inputData href='#i'/></decisionService>"
)


def test_a_decision_reads_its_requirements_and_leaves_a_trace() -> None:
    found = model(CHAIN).evaluate("b", {"Spesa ammessa": 1000})
    assert found.output == 400
    assert [(step.identity, step.output) for step in found.trace] == [("a", Decimal("500.0")), ("b", 400)]


def test_a_service_is_called_with_its_inputs() -> None:
    assert model(CHAIN).invoke("Servizio", {"Spesa ammessa": 100}).output == Decimal("50.0")


def test_a_function_is_called_with_its_parameters() -> None:
    assert model(CHAIN).invoke("limita", {"tetto": 2, "x": 3}).output == 2


def test_an_input_that_does_not_conform_is_null_with_a_warning() -> None:
    found = model(CHAIN).evaluate("a", {"Spesa ammessa": "mille"})
    assert found.output is None
    assert found.warnings[0] == "Spesa ammessa should be number, but is string"


def test_a_sealed_input_stays_sealed_whatever_its_type() -> None:
    inside = CHAIN + f"<decision id='z' name='z'>{needs('#i')}{literal('Spesa ammessa != null')}</decision>"
    assert model(inside).evaluate("z", {"Spesa ammessa": Sealed("c")}).output is True


def test_a_float_is_refused() -> None:
    with pytest.raises(FeelValueError, match="float"):
        model(CHAIN).evaluate("b", {"Spesa ammessa": 1.5})


def test_all_decisions_pay_from_one_purse() -> None:
    inside = "".join(
        f"<decision id='d{n}' name='d{n}'>{needs(f'#d{n - 1}', kind='Decision') if n else ''}"
        f"{literal('count(for i in 1..2000 return i)')}</decision>"
        for n in range(10)
    )
    assert model(inside).evaluate("d9", {}).output == 2000
    with pytest.raises(FeelLimitExceeded):
        model(inside).evaluate("d9", {}, limits=Limits(steps=20_000))


def test_the_clock_is_given() -> None:
    now = datetime(2023, 5, 8, 10, tzinfo=UTC)
    assert (
        model(f"<decision id='d' name='d'>{literal('string(today())')}</decision>")
        .evaluate("d", {}, now)
        .output
        == "2023-05-08"
    )


def test_decisions_in_a_circle_are_refused_and_functions_in_a_circle_are_not() -> None:
    circle = (
        f"<decision id='a' name='a'>{needs('#b', kind='Decision')}{literal('b')}</decision>"
        f"<decision id='b' name='b'>{needs('#a', kind='Decision')}{literal('a')}</decision>"
    )
    with pytest.raises(DmnError, match="needs itself"):
        model(circle)
    recursive = (
        f"<businessKnowledgeModel id='f' name='fatt'><encapsulatedLogic><formalParameter name='n'/>"
        f"{literal('if n = 0 then 1 else n * fatt(n - 1)')}</encapsulatedLogic>{needs('#f', kind='Knowledge')}"
        f"</businessKnowledgeModel><decision id='d' name='d'>{needs('#f', kind='Knowledge')}{literal('fatt(5)')}</decision>"
    )
    assert model(recursive).evaluate("d", {}).output == 120


def test_boxed_expressions_are_one_language_with_text() -> None:
    inside = (
        "<decision id='d' name='d'><context>"
        f"<contextEntry><variable name='righe'/><relation><column name='k'/><column name='v'/>"
        f"<row>{literal('1')}{literal('2')}</row><row>{literal('3')}{literal('4')}</row></relation></contextEntry>"
        f"<contextEntry><variable name='somma'/><functionDefinition><formalParameter name='x'/>{literal('sum(x)')}</functionDefinition></contextEntry>"
        f"<contextEntry><variable name='filtrate'/><filter><in>{literal('righe')}</in><match>{literal('v &gt; 2')}</match></filter></contextEntry>"
        f"<contextEntry><variable name='ciclo'/><for iteratorVariable='r'><in>{literal('righe')}</in><return>{literal('r.k')}</return></for></contextEntry>"
        f"<contextEntry><variable name='tutte'/><every iteratorVariable='r'><in>{literal('righe')}</in><satisfies>{literal('r.v &gt; 1')}</satisfies></every></contextEntry>"
        f"<contextEntry><variable name='scelta'/><conditional><if>{literal('tutte')}</if><then>{literal('&quot;si&quot;')}</then><else>{literal('0')}</else></conditional></contextEntry>"
        f"<contextEntry><variable name='lista'/><list>{literal('scelta')}{literal('2')}</list></contextEntry>"
        f"<contextEntry><invocation>{literal('somma')}<binding><parameter name='x'/>{literal('ciclo')}</binding></invocation></contextEntry>"
        "</context></decision>"
    )
    assert model(inside).evaluate("d", {}).output == 4


def test_types_of_a_model_are_known_to_its_expressions() -> None:
    inside = (
        '<itemDefinition name=\'tEsito\'><typeRef>string</typeRef><allowedValues><text>"ok","no"</text></allowedValues></itemDefinition>'
        f"<decision id='d' name='d'><variable name='d' typeRef='tEsito'/>{literal('&quot;forse&quot;')}</decision>"
        f"<decision id='e' name='e'>{literal('&quot;ok&quot; instance of tEsito')}</decision>"
    )
    assert model(inside).evaluate("d", {}).output is None
    assert model(inside).evaluate("e", {}).output is True


def test_an_imported_model_is_read_under_its_prefix() -> None:
    other = model(f"<decision id='x' name='Soglia'>{literal('60')}</decision>", "urn:o")
    inside = (
        "<import name='base' namespace='urn:o' importType='x'/>"
        f"<decision id='d' name='d'>{needs('urn:o#x', kind='Decision')}{literal('base.Soglia + 1')}</decision>"
    )
    assert model(inside, imports={"urn:o": other}).evaluate("d", {}).output == 61
    with pytest.raises(DmnError, match="does not"):
        model(inside)


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        (b"<x/>", "Expected DMN"),
        (b"not xml", "Expected an XML file"),
        (b"<definitions xmlns='http://www.omg.org/spec/DMN/20151101/dmn.xsd'/>", "Expected DMN 1.2 to 1.5"),
        (
            b"<!DOCTYPE definitions [<!ENTITY x SYSTEM 'file:///etc/passwd'>]><definitions>&x;</definitions>",
            "document type",
        ),
        (
            f"<definitions xmlns='{SPACE}'><decision id='a' name='a'/><decision id='a' name='b'/></definitions>".encode(),
            "twice",
        ),
    ],
)
def test_a_file_that_is_no_safe_dmn_is_refused(source: bytes, reason: str) -> None:
    with pytest.raises(DmnError, match=reason):
        Model.parse(source)


def test_an_entity_bomb_does_not_grow() -> None:
    entities = "".join(f"<!ENTITY e{n} '{f'&e{n - 1};' * 10 if n else 'x' * 10}'>" for n in range(12))
    with pytest.raises(DmnError):
        Model.parse(f"<!DOCTYPE definitions [{entities}]><definitions xmlns='{SPACE}'>&e11;</definitions>")


def test_an_external_function_is_null_with_a_warning() -> None:
    inside = (
        "<businessKnowledgeModel id='f' name='f'><encapsulatedLogic kind='Java'><formalParameter name='n'/></encapsulatedLogic>"
        f"</businessKnowledgeModel><decision id='d' name='d'>{needs('#f', kind='Knowledge')}{literal('f(5)')}</decision>"
    )
    found = model(inside).evaluate("d", {})
    assert found.output is None
    assert found.warnings


def test_every_broken_part_is_named_at_once() -> None:
    inside = (
        f"<decision id='a' name='a'>{literal('1 +')}</decision>"
        f"<decision id='b' name='b'>{literal('altro * 2')}</decision>"
        f"<decision id='c' name='c'>{literal('[{x: 1}][x = 1]')}</decision>"
    )
    assert [(one.code, one.element) for one in model(inside).problems()] == [("syntax", ""), ("name", "b")]


def test_inputs_of_an_imported_model_are_given_under_its_prefix() -> None:
    other = model(
        f"<inputData id='i' name='n'/><decision id='x' name='X'>{needs('#i')}{literal('n + 1')}</decision>",
        "urn:o",
    )
    inside = (
        "<import name='base' namespace='urn:o' importType='x'/>"
        f"<decision id='d' name='d'>{needs('urn:o#x', kind='Decision')}{literal('base.X')}</decision>"
    )
    assert model(inside, imports={"urn:o": other}).evaluate("d", {"base": {"n": 1}}).output == 2
    assert model(inside, imports={"urn:o": other}).evaluate("d", {"n": 1}).output == 2


def test_an_expression_in_another_language_is_refused() -> None:
    inside = "<decision id='d' name='d'><literalExpression expressionLanguage='javascript'><text>1</text></literalExpression></decision>"
    with pytest.raises(DmnError, match="in FEEL, but it is in javascript"):
        model(inside).evaluate("d", {})


def test_a_model_is_shared_by_threads() -> None:
    from concurrent.futures import ThreadPoolExecutor

    shared = model(CHAIN)
    with ThreadPoolExecutor(8) as pool:
        outputs = list(pool.map(lambda n: shared.evaluate("b", {"Spesa ammessa": n}).output, range(400)))
    assert outputs == [min(Decimal(n) / 2, Decimal(400)) for n in range(400)]
