"""The steps of an instance over its diagram, as the player and the table beside it show them."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from markupsafe import Markup

from app.domain.bundles import Bundle
from app.services.history import Frame
from app.web import diagrams, formats
from app.web.languages import spoken
from app.web.reading import Reading

INCIDENTS = frozenset({"IncidentOpened", "IncidentResolved", "IncidentClosed"})


@dataclass(frozen=True)
class Shown:
    """A step: where the tokens then stood, what was passed and taken since the step before, where it was stuck."""

    seq: int
    when: str
    sentence: str
    active: dict[str, int]
    passed: list[str]
    taken: list[str]
    stuck: list[str]
    where: list[str]


def steps(reading: Reading, instance: int, frames: Sequence[Frame]) -> list[Shown]:
    """Give the steps of an instance, each with the sentence of the history."""
    moments = {moment.seq: moment for moment in reading.moments}
    names = reading.names(instance)
    found: list[Shown] = []
    known: set[str] = set()
    stuck = _Stuck(reading, instance)
    for frame, following in zip(frames, [*frames[1:], None], strict=True):
        moment = moments.get(frame.seq)
        found.append(
            Shown(
                frame.seq,
                formats.instant(frame.recorded_at),
                reading.say(moment) if moment else frame.type,
                frame.active,
                [element for element in frame.done if element not in known],
                frame.flows,
                stuck.before(following.seq if following else None),
                [names.get(element, element) for element in frame.active],
            ),
        )
        known.update(frame.done)
    return found


class _Stuck:
    """The elements with an open incident, followed along the history once."""

    def __init__(self, reading: Reading, instance: int) -> None:
        self._moments = [m for m in reading.moments if m.instance == instance and m.type in INCIDENTS]
        self._place = 0
        self._open: dict[object, str] = {}

    def before(self, seq: int | None) -> list[str]:
        """Give the elements that had an open incident before an entry of the history; entries are asked for in order."""
        while self._place < len(self._moments) and (seq is None or self._moments[self._place].seq < seq):
            moment = self._moments[self._place]
            self._place += 1
            if moment.type == "IncidentOpened":
                self._open[moment.body["incident"]] = moment.element
            else:
                self._open.pop(moment.body["incident"], None)
        return list(self._open.values())


def place_of(shown: Sequence[Shown], seq: int | None) -> int:
    """Give the last step at or before an entry of the history; without one, the last of all."""
    until = [place for place, step in enumerate(shown) if seq is None or step.seq <= seq]
    return until[-1] if until else 0


def picture(bundle: Bundle, file: str, shown: Sequence[Shown], place: int) -> Markup:
    """Draw the diagram as it stood after a step."""
    until = shown[: place + 1]
    marks = {element: "done" for step in until for element in step.passed}
    marks |= {flow: "taken" for step in until for flow in step.taken}
    last = until[-1] if until else None
    if last is not None:
        marks |= dict.fromkeys(last.active, "active") | dict.fromkeys(last.stuck, "incident")
    return diagrams.picture(bundle, file, marks, last.active if last else None, spoken())


def settings(shown: Sequence[Shown], place: int, instance: int, address: str) -> dict[str, Any]:
    """Give what the player's script needs."""
    frames = [{k: v for k, v in asdict(step).items() if k != "where"} for step in shown]
    return {"frames": frames, "place": place, "instance": instance, "diagram": address}
