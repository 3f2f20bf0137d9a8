"""The small pictures of BPMN: what a task does, what an event waits for or throws, how a gateway decides."""

from collections.abc import Callable

from app.definitions.drawing.canvas import INK, PAPER, Canvas

Icon = Callable[[Canvas, float, float, bool], None]
"""Draws a picture around a centre; the last argument says whether it is filled (a throwing event)."""


def _fill(filled: bool) -> dict[str, object]:
    return {"fill": INK if filled else PAPER, "stroke": INK, "stroke_width": 1.2}


def _message(canvas: Canvas, x: float, y: float, filled: bool) -> None:
    canvas.rect(x - 8, y - 5.5, 16, 11, **_fill(filled))
    canvas.path(
        f"M{x - 8},{y - 5.5} L{x},{y + 1} L{x + 8},{y - 5.5}",
        stroke=PAPER if filled else INK,
        stroke_width=1.2,
    )


def _timer(canvas: Canvas, x: float, y: float, filled: bool) -> None:
    del filled  # a timer never throws
    canvas.circle(x, y, 9, stroke_width=1.2)
    canvas.path(f"M{x},{y - 6} L{x},{y} L{x + 4},{y + 2}", stroke_width=1.2)


def _signal(canvas: Canvas, x: float, y: float, filled: bool) -> None:
    canvas.path(f"M{x},{y - 8} L{x + 8},{y + 5.5} L{x - 8},{y + 5.5} Z", **_fill(filled))


def _error(canvas: Canvas, x: float, y: float, filled: bool) -> None:
    canvas.path(
        f"M{x - 8},{y + 7} L{x - 3},{y - 7} L{x + 3},{y + 1} L{x + 8},{y - 7} L{x + 3},{y + 7} L{x - 3},{y - 1} Z",
        **_fill(filled),
    )


def _escalation(canvas: Canvas, x: float, y: float, filled: bool) -> None:
    canvas.path(f"M{x},{y - 8} L{x + 7},{y + 8} L{x},{y + 1} L{x - 7},{y + 8} Z", **_fill(filled))


def _terminate(canvas: Canvas, x: float, y: float, filled: bool) -> None:
    del filled  # always full
    canvas.circle(x, y, 9, fill=INK)


def _conditional(canvas: Canvas, x: float, y: float, filled: bool) -> None:
    canvas.rect(x - 6, y - 8, 12, 16, **_fill(filled))
    canvas.path(
        "".join(f"M{x - 4},{y + d} L{x + 4},{y + d} " for d in (-4.5, -1.5, 1.5, 4.5)), stroke_width=1
    )


def _link(canvas: Canvas, x: float, y: float, filled: bool) -> None:
    shape = f"M{x - 8},{y - 3} L{x + 2},{y - 3} L{x + 2},{y - 7} L{x + 9},{y} L{x + 2},{y + 7} L{x + 2},{y + 3} L{x - 8},{y + 3} Z"
    canvas.path(shape, **_fill(filled))


def _compensate(canvas: Canvas, x: float, y: float, filled: bool) -> None:
    for left in (x - 9, x):
        canvas.path(f"M{left},{y} L{left + 8},{y - 6} L{left + 8},{y + 6} Z", **_fill(filled))


def _cancel(canvas: Canvas, x: float, y: float, filled: bool) -> None:
    canvas.path(
        f"M{x - 6},{y - 6} L{x + 6},{y + 6} M{x + 6},{y - 6} L{x - 6},{y + 6}",
        stroke_width=3 if filled else 2,
    )


def _several(canvas: Canvas, x: float, y: float, filled: bool) -> None:
    canvas.path(
        f"M{x},{y - 8} L{x + 8},{y - 2} L{x + 5},{y + 7} L{x - 5},{y + 7} L{x - 8},{y - 2} Z", **_fill(filled)
    )


EVENTS: dict[str, Icon] = {
    "messageEventDefinition": _message,
    "timerEventDefinition": _timer,
    "signalEventDefinition": _signal,
    "errorEventDefinition": _error,
    "escalationEventDefinition": _escalation,
    "terminateEventDefinition": _terminate,
    "conditionalEventDefinition": _conditional,
    "linkEventDefinition": _link,
    "compensateEventDefinition": _compensate,
    "cancelEventDefinition": _cancel,
    "several": _several,
}


def _user(canvas: Canvas, x: float, y: float, filled: bool) -> None:
    del filled
    canvas.circle(x, y - 3.5, 3.5, stroke_width=1.2)
    canvas.path(f"M{x - 7},{y + 7} C{x - 7},{y - 1} {x + 7},{y - 1} {x + 7},{y + 7} Z", stroke_width=1.2)


def _manual(canvas: Canvas, x: float, y: float, filled: bool) -> None:
    del filled
    hand = f"M{x - 8},{y - 1} L{x - 2},{y - 6} L{x},{y - 5} L{x - 2},{y - 2} L{x + 8},{y - 2} L{x + 8},{y + 6} L{x - 5},{y + 6} L{x - 8},{y + 3} Z"
    canvas.path(hand, stroke_width=1.2)


def _service(canvas: Canvas, x: float, y: float, filled: bool) -> None:
    del filled
    canvas.circle(x, y, 6, stroke_width=2.5, stroke_dasharray="2.6 2.1")
    canvas.circle(x, y, 4.6, stroke_width=1.2)
    canvas.circle(x, y, 1.8, stroke_width=1)


def _script(canvas: Canvas, x: float, y: float, filled: bool) -> None:
    del filled
    canvas.path(
        f"M{x - 4},{y - 7} L{x + 7},{y - 7} C{x + 2},{y - 2} {x + 9},{y + 1} {x + 4},{y + 7} L{x - 7},{y + 7} C{x - 2},{y + 2} {x - 9},{y - 1} {x - 4},{y - 7} Z",
        stroke_width=1.2,
    )
    canvas.path("".join(f"M{x - 3},{y + d} L{x + 3},{y + d} " for d in (-3.5, 0, 3.5)), stroke_width=1)


def _rule(canvas: Canvas, x: float, y: float, filled: bool) -> None:
    del filled
    canvas.rect(x - 8, y - 6, 16, 12, stroke_width=1.2)
    canvas.rect(x - 8, y - 6, 16, 3.5, fill=INK, stroke_width=1.2)
    canvas.path(f"M{x - 8},{y + 2} L{x + 8},{y + 2} M{x - 3},{y - 2.5} L{x - 3},{y + 6}", stroke_width=1)


TASKS: dict[str, tuple[Icon, bool]] = {
    "userTask": (_user, False),
    "manualTask": (_manual, False),
    "serviceTask": (_service, False),
    "scriptTask": (_script, False),
    "businessRuleTask": (_rule, False),
    "sendTask": (_message, True),
    "receiveTask": (_message, False),
}


def gateway(canvas: Canvas, kind: str, x: float, y: float) -> None:
    """Draw how a gateway decides inside its diamond."""
    if kind == "parallelGateway":
        canvas.path(f"M{x - 10},{y} L{x + 10},{y} M{x},{y - 10} L{x},{y + 10}", stroke_width=3)
    elif kind == "inclusiveGateway":
        canvas.circle(x, y, 9, stroke_width=2.5)
    elif kind == "eventBasedGateway":
        canvas.circle(x, y, 13, stroke_width=1)
        canvas.circle(x, y, 10.5, stroke_width=1)
        _several(canvas, x, y, filled=False)
    elif kind == "complexGateway":
        canvas.path(
            f"M{x - 10},{y} L{x + 10},{y} M{x},{y - 10} L{x},{y + 10} M{x - 7},{y - 7} L{x + 7},{y + 7} M{x + 7},{y - 7} L{x - 7},{y + 7}",
            stroke_width=2.5,
        )
    else:
        canvas.path(f"M{x - 7},{y - 7} L{x + 7},{y + 7} M{x + 7},{y - 7} L{x - 7},{y + 7}", stroke_width=3)


def marker(canvas: Canvas, kind: str, x: float, y: float) -> None:
    """Draw a marker at the foot of an activity: several at once, several in turn, loop, collapsed, ad hoc, compensation."""
    shapes = {
        "parallel": f"M{x - 4},{y - 5} L{x - 4},{y + 5} M{x},{y - 5} L{x},{y + 5} M{x + 4},{y - 5} L{x + 4},{y + 5}",
        "sequential": f"M{x - 5},{y - 4} L{x + 5},{y - 4} M{x - 5},{y} L{x + 5},{y} M{x - 5},{y + 4} L{x + 5},{y + 4}",
        "loop": f"M{x - 2},{y + 5} A5.5,5.5 0 1,1 {x + 3},{y + 4} M{x - 6},{y + 5.5} L{x - 2},{y + 5} L{x - 2.5},{y + 1}",
        "collapsed": f"M{x - 7},{y - 7} L{x + 7},{y - 7} L{x + 7},{y + 7} L{x - 7},{y + 7} Z M{x - 4},{y} L{x + 4},{y} M{x},{y - 4} L{x},{y + 4}",
        "adhoc": f"M{x - 7},{y + 2} C{x - 3},{y - 6} {x + 3},{y + 6} {x + 7},{y - 2}",
        "compensation": f"M{x - 8},{y} L{x - 1},{y - 5} L{x - 1},{y + 5} Z M{x},{y} L{x + 7},{y - 5} L{x + 7},{y + 5} Z",
    }
    canvas.path(shapes[kind], stroke_width=1.6)
