"""Draw small processes for tests: one line of Python for each element, flows as `a -> b`."""

import itertools
import re
from html import escape

from app.domain.bundles import Bundle

HEAD = (
    '<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" '
    'xmlns:pratica="https://pratica.example/schema/bpmn/1.0" id="d" targetNamespace="t">'
)
_FLOW = re.compile(r"(?P<source>\S+)\s*->\s*(?P<target>\S+?)(?:\s*:\s*(?P<condition>.+))?")


def flows(text: str) -> str:
    """Draw `a -> b -> c` chains and `a -> b: condition` flows, one a line; the id is `a_b`."""
    drawn = []
    for line in filter(None, (line.strip() for line in text.splitlines())):
        chain, _, condition = line.partition(": ")
        nodes = [node.strip() for node in chain.split("->")]
        for source, target in itertools.pairwise(nodes):
            when = (
                f"<bpmn:conditionExpression>{escape(condition)}</bpmn:conditionExpression>"
                if condition
                else ""
            )
            drawn.append(
                f'<bpmn:sequenceFlow id="{source}_{target}" sourceRef="{source}" targetRef="{target}">{when}</bpmn:sequenceFlow>'
            )
    return "".join(drawn)


def node(tag: str, id_: str, inner: str = "", **attributes: str) -> str:
    """Draw one element; attributes that begin with `p_` are ours, `cls`-like clashes end in `_`."""
    written = "".join(
        f' {"pratica:" + name[2:] if name.startswith("p_") else name}="{escape(value, quote=True)}"'
        for name, value in attributes.items()
    )
    return f'<bpmn:{tag} id="{id_}"{written}>{inner}</bpmn:{tag}>'


def tasks(*ids: str) -> str:
    """Draw user tasks."""
    return "".join(node("userTask", id_, name=id_) for id_ in ids)


def script(id_: str, text: str, result: str | None = None) -> str:
    """Draw a script task."""
    own = {} if result is None else {"p_result": result}
    return node("scriptTask", id_, f"<bpmn:script>{escape(text)}</bpmn:script>", **own)


def inputs(kind: str = "input", **entries: str) -> str:
    """Draw an input or output mapping."""
    inner = "".join(
        f'<pratica:{kind} name="{name}" value="{escape(text, quote=True)}"/>'
        for name, text in entries.items()
    )
    return f"<bpmn:extensionElements>{inner}</bpmn:extensionElements>"


def timer(form: str, text: str) -> str:
    """Draw a timer event definition."""
    return f"<bpmn:timerEventDefinition><bpmn:{form}>{escape(text)}</bpmn:{form}></bpmn:timerEventDefinition>"


def event(kind: str, reference: str | None = None) -> str:
    """Draw an event definition that refers to a message, signal, error or escalation."""
    ref = f' {kind}Ref="{reference}"' if reference else ""
    return f"<bpmn:{kind}EventDefinition{ref}/>"


def process(body: str, id_: str = "p", extra: str = "", *, ends: bool = True) -> str:
    """Draw a whole file: a process with the start event `s` and the end event `e` unless told otherwise."""
    frame = "" if not ends else node("startEvent", "s") + (node("endEvent", "e") if 'Ref="e"' in body else "")
    return f'{HEAD}{extra}<bpmn:process id="{id_}" isExecutable="true">{frame}{body}</bpmn:process></bpmn:definitions>'


def bundle(*files: str, name: str = "p", **others: bytes) -> Bundle:
    """Make a bundle of drawn files and of others named by their file name with `__` for a dot."""
    drawn = {f"{name if index == 0 else index}.bpmn": text.encode() for index, text in enumerate(files)}
    return Bundle(name, drawn | {key.replace("__", "."): value for key, value in others.items()})
