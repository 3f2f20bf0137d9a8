"""Small processes and people for tests that must not depend on the shipped content."""

from collections.abc import Callable
from datetime import UTC, datetime

from app.domain.actors import Actor, Capability
from app.handling import Handler, Registry

start = datetime(2023, 5, 8, 8, 0, tzinfo=UTC)
HEAD = (
    '<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL"'
    ' xmlns:pratica="https://pratica.example/schema/bpmn/1.0" targetNamespace="t" id="d">'
)


def bpmn(process: str, body: str, above: str = "") -> bytes:
    """Give a diagram with one executable process."""
    return f'{HEAD}{above}<bpmn:process id="{process}" isExecutable="true">{body}</bpmn:process></bpmn:definitions>'.encode()


def manifest(process: str, kind: str = "request", extra: str = "", who: str = "anyone") -> bytes:
    """Give a manifest that lets anyone start the process as `richiedente`."""
    return (
        f'[process]\nid = "{process}"\nkind = "{kind}"\ntitle = {{it = "Prova", en = "Trial"}}\n'
        f'[start]\nwho = "{who}"\nrole = "richiedente"\n'
        '[lanes]\nufficio = {kind = "office", it = "Ufficio", en = "Office"}\n'
        'richiedente = {kind = "case_role", it = "Richiedente", en = "Applicant"}\n'
        f'[case]\ntitle = "titolo"\nprefix = "{kind[:3].upper()}"\n{extra}'
    ).encode()


def flows(*pairs: str) -> str:
    """Give sequence flows for `a>b` pairs."""
    parts = [pair.split(">") for pair in pairs]
    return "".join(f'<bpmn:sequenceFlow id="f_{a}_{b}" sourceRef="{a}" targetRef="{b}"/>' for a, b in parts)


def lane(name: str, *elements: str) -> str:
    """Give a lane set with one lane that holds the elements."""
    refs = "".join(f"<bpmn:flowNodeRef>{element}</bpmn:flowNodeRef>" for element in elements)
    return f'<bpmn:laneSet id="ls"><bpmn:lane id="l_{name}" name="{name}">{refs}</bpmn:lane></bpmn:laneSet>'


anna = Actor("anna", "Anna Prova", groups=frozenset({"ufficio"}))
bruno = Actor("bruno", "Bruno Prova", groups=frozenset({"ufficio"}))
carla = Actor("carla", "Carla Prova")
designer = Actor("dina", "Dina Prova", capabilities=frozenset({Capability.designer}))
operator = Actor("otto", "Otto Prova", capabilities=frozenset({Capability.operator}))


def handler(registry: Registry, name: str, function: Callable[..., object], *, inside: bool = False) -> None:
    """Register a handler of a test."""
    registry.add(Handler(name, inside, function))
