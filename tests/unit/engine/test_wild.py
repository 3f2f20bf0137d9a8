"""Wild drawings and broken files: whatever is accepted runs without a Python error, and whatever is broken is a finding."""

# ruff: noqa: S311 - chance here makes tests, not secrets

from pathlib import Path
from random import Random

import pytest
from drawing import bundle, event, flows, inputs, node, process, script, timer
from lxml import etree
from playing import Played
from test_findings import REFUSED

from app.domain.bundles import Bundle
from app.domain.errors import InputRefused
from app.domain.events import InstanceCancelled
from app.engine.definitions import load
from app.engine.findings import examine

NAMES = (
    '<bpmn:message id="M" name="m"/><bpmn:signal id="S" name="sig"/><bpmn:error id="E" errorCode="E1"/>'
    '<bpmn:escalation id="K" escalationCode="K1"/>'
)
TEXTS = ["x + 1", "y", "null", '"t"', "[1, 2]", "{x: 2}", "x > 1", "count(y)", "loopCounter", "1/0"]
CONDITIONS = ["x > 1", "y = null", "true", "x", "false"]
EVENTS = [
    event("message", "M"),
    event("signal", "S"),
    timer("timeDuration", "PT1H"),
    timer("timeCycle", "R2/P1D"),
]


class Wild:
    """A random drawing without any structure."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)
        self.count = 0
        self.text = process(self._scope(0), extra=NAMES, ends=False)

    def _id(self) -> str:
        self.count += 1
        return f"n{self.count}"

    def _scope(self, depth: int) -> str:
        pick = self.random.choice
        start = self._id()
        nodes = [self._node(depth) for _ in range(self.random.randint(2, 7))]
        ids = [id_ for id_, _, _ in nodes]
        drawn = node("startEvent", start) + "".join(text for _, text, _ in nodes)
        arrows = {(start, pick(ids))}
        for id_, _, kind in nodes:
            if kind == "endEvent":
                continue
            for _ in range(self.random.randint(1, 3 if "Gateway" in kind else 2)):
                arrows.add((id_, pick(ids)))
        for before, after in zip([start, *ids], ids, strict=False):
            if self.random.random() < 0.8:
                arrows.add((before, after))
        ends = {id_ for id_, _, kind in nodes if kind == "endEvent"}
        for id_, _, kind in nodes:
            if kind in {"userTask", "serviceTask", "subProcess"} and self.random.random() < 0.4:
                drawn += self._boundary(id_, pick(ids), arrows)
        lines = []
        for source, target in sorted(arrows):
            condition = (
                f": {pick(CONDITIONS)}"
                if any(
                    source == i and k in {"exclusiveGateway", "inclusiveGateway", "userTask"}
                    for i, _, k in nodes
                )
                else ""
            )
            if source not in ends:
                lines.append(f"{source} -> {target}{condition}")
        return drawn + flows("\n".join(lines))

    def _boundary(self, host: str, target: str, arrows: set[tuple[str, str]]) -> str:
        id_ = self._id()
        arrows.add((id_, target))
        kind = self.random.choice([*EVENTS, event("error"), event("error", "E")])
        cancel = "true" if "error" in kind else self.random.choice(["true", "false"])
        return node("boundaryEvent", id_, kind, attachedToRef=host, cancelActivity=cancel, p_result="b")

    def _node(self, depth: int) -> tuple[str, str, str]:  # noqa: PLR0911 - one line for each kind
        pick, id_ = self.random.choice, self._id()
        kinds = [
            "userTask",
            "serviceTask",
            "scriptTask",
            "exclusiveGateway",
            "parallelGateway",
            "inclusiveGateway",
        ]
        kinds += ["intermediateCatchEvent", "intermediateThrowEvent", "endEvent", "userTask", "task"]
        kind = pick(kinds + (["subProcess", "subProcess"] if depth < 2 else []))
        several = pick(
            [
                "",
                "",
                "",
                node(
                    "multiInstanceLoopCharacteristics",
                    "",
                    p_collection=pick(["[1, 2]", "y", "[]"]),
                    p_outputCollection="o",
                    isSequential=pick(["true", "false"]),
                ),
                "<bpmn:standardLoopCharacteristics loopMaximum='2'/>",
            ]
        ).replace(' id=""', "")
        if kind == "scriptTask":
            return id_, script(id_, pick(TEXTS), pick(["x", "y"])), kind
        if kind in {"userTask", "serviceTask"}:
            own = {"p_handler": "a.b"} if kind == "serviceTask" else {}
            given = inputs(v=pick(TEXTS))
            return id_, node(kind, id_, (given if own else "") + several, p_result="z", **own), kind
        if kind == "subProcess":
            return id_, node(kind, id_, several + self._scope(depth + 1)), kind
        if kind == "intermediateCatchEvent":
            return id_, node(kind, id_, pick(EVENTS)), kind
        if kind == "intermediateThrowEvent":
            return id_, node(kind, id_, pick(["", event("signal", "S"), event("escalation", "K")])), kind
        if kind == "endEvent":
            return (
                id_,
                node(
                    kind,
                    id_,
                    pick(["", "", event("error", "E"), event("terminate"), event("escalation", "K")]),
                ),
                kind,
            )
        return id_, node(kind, id_), kind


def drive(played: Played, random: Random) -> None:
    for _ in range(15):
        if played.finished:
            return
        kinds = [kind for kind, opened in played.open.items() if opened]
        assert kinds, "an instance that goes on waits for something"
        kind = random.choice(kinds)
        element = random.choice(played.at_elements(kind))
        if kind == "task":
            played.complete(element, v="1")
        elif kind == "job":
            if random.random() < 0.7:
                played.job(element, "ok")
            else:
                played.job_fails(element, random.choice([None, "E1", "E2"]))
        elif kind == "timer":
            played.fire(element)
        elif kind == "wait":
            opened = played.open["wait"][played.find("wait", element)]
            played.signal("sig") if opened.kind == "signal" else played.message(element, q="1")
        else:
            played.resolve(element, x=random.randint(0, 3), y=[1])
    if not played.finished:
        played.feed(InstanceCancelled("enough"))
        assert played.finished


@pytest.mark.parametrize("part", range(5))
def test_whatever_is_accepted_runs_without_a_python_error(part, monkeypatch):
    monkeypatch.setattr("app.engine.runtime.apply.__kwdefaults__", {"max_steps": 100})
    monkeypatch.setattr("app.engine.runtime.start.__kwdefaults__", {"max_steps": 100})
    ran = 0
    for seed in range(part, 100, 5):
        made = bundle(Wild(seed).text)
        if any(finding.severity == "error" for finding in examine(made)):
            continue
        ran += 1
        drive(Played(made, x=1, y=[1, 2]), Random(seed))
    assert ran > 10


SOURCES = [process(body, extra=NAMES) for body, _, _ in REFUSED.values()]
SOURCES += [path.read_text() for path in sorted(Path(__file__).parents[3].glob("processes/*/*.bpmn"))[:4]]


def spoil(text: str, random: Random) -> bytes:
    root = etree.fromstring(text.encode())
    for _ in range(random.randint(1, 4)):
        found = random.choice(list(root.iter(etree.Element)))
        act = random.randrange(5)
        if act == 0 and found.getparent() is not None:
            found.getparent().remove(found)
        elif act == 1 and found.attrib:
            del found.attrib[random.choice(sorted(found.attrib))]
        elif act == 2 and found.attrib:
            found.attrib[random.choice(sorted(found.attrib))] = random.choice(["", "x", "s", "p", "-1", "t"])
        elif act == 3:
            found.text = random.choice(["", "1 +", "x", None])
        else:
            found.append(etree.Element(random.choice([found.tag, "{urn:x}y"])))
    return etree.tostring(root)


@pytest.mark.parametrize("part", range(5))
def test_a_broken_file_is_a_finding_and_never_a_python_error(part):
    random = Random(part)
    for _ in range(60):
        text = random.choice(SOURCES)
        name = "p" if 'id="p"' in text else etree.fromstring(text.encode()).find(".//{*}process").get("id")
        made = Bundle(name, {"p.bpmn": spoil(text, random)})
        findings = examine(made)
        if any(finding.severity == "error" for finding in findings):
            continue
        definition = load(made)
        if definition.has_none_start:
            try:
                Played(made)
            except InputRefused as refused:
                assert "Expected" in str(refused)
