"""Definitions: a bundle parsed once, in the form in which the engine room executes it."""

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field
from threading import Lock
from typing import Any

from app.domain.bundles import Bundle
from app.domain.errors import DefinitionInvalid
from app.engine.diagram import Element
from app.engine.examination import Examination
from app.engine.expressions import Expressions
from app.engine.graph import Graph
from app.engine.tree import ProcessSpec

KEPT = 64


@dataclass(frozen=True)
class Definition:
    """What the engine room executes; immutable, and shared by all instances and threads.

    `elements` holds the elements of the process and of all processes it calls, by id; `message_starts` and
    `signal_starts` map names to the start events of the process itself; `timer_starts` names its timer start events.
    """

    bundle_hash: str
    process: str
    elements: Mapping[str, Element]
    message_starts: Mapping[str, str]
    signal_starts: Mapping[str, str]
    timer_starts: frozenset[str]
    has_none_start: bool
    handlers: frozenset[str]
    forms: frozenset[str]
    graph: Graph = field(repr=False)
    expressions: Expressions = field(repr=False)
    decisions: Mapping[str, Any] = field(repr=False)
    spec: ProcessSpec = field(repr=False)


TOLD = frozenset(
    [
        "timer_value",
        "unread",
        "misplaced",
        "extension",
        "foreign_extension",
        "namespace",
        "language",
        "boolean",
        "twice",
        "loop_maximum",
        "default",
        "dangling",
        "two_lanes",
        "declared_twice",
    ]
)
"""Errors that stop a deployment and not what was deployed before: what is said in vain is passed over, as it always was."""

_cache: OrderedDict[str, Definition] = OrderedDict()
_lock = Lock()


def load(bundle: Bundle) -> Definition:
    """Give the definition of a bundle, parsed once; raises DefinitionInvalid with file, element, fault and way out.

    Faults are not cached: each attempt reads the bundle anew. The error's `details["findings"]` lists all of them.
    """
    with _lock:
        known = _cache.get(bundle.hash)
        if known is not None:
            _cache.move_to_end(bundle.hash)
            return known
    definition = _build(bundle)
    with _lock:
        _cache[bundle.hash] = definition
        while len(_cache) > KEPT:
            _cache.popitem(last=False)
    return definition


def _build(bundle: Bundle) -> Definition:
    examination = Examination(bundle)
    errors = [
        finding
        for finding in examination.findings
        if finding.severity == "error" and finding.code not in TOLD
    ]
    if errors:
        raise DefinitionInvalid(errors[0].sentence(), findings=tuple(errors))
    graph = examination.graph
    starts = [element for element in graph.within[bundle.process] if element.type == "startEvent"]
    elements = {id_: element for id_, element in graph.elements.items() if element.type != "process"}
    return Definition(
        bundle_hash=bundle.hash,
        process=bundle.process,
        elements=elements,
        message_starts={e.trigger.name or "": e.id for e in starts if e.trigger.kind == "message"},
        signal_starts={e.trigger.name or "": e.id for e in starts if e.trigger.kind == "signal"},
        timer_starts=frozenset(e.id for e in starts if e.trigger.kind == "timer"),
        has_none_start=any(e.trigger.kind == "none" for e in starts),
        handlers=frozenset(e.handler for e in elements.values() if e.handler),
        forms=frozenset(e.form for e in elements.values() if e.form),
        graph=graph,
        expressions=examination.expressions,
        decisions=examination.decisions,
        spec=ProcessSpec(bundle.process, graph),
    )
