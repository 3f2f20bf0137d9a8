"""What a manifest says of the messages that people send, and of the thread that they make with the answers."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from app.definitions.texts import Text, text_of


@dataclass(frozen=True)
class Offer:
    """A message that people may send: `who` is the lane whose people may, `form` what it asks, if anything.

    `about` is FEEL over what the waiting element sees and says which of several waits is meant; `states` are those of
    the case in which it is offered, any where there is none. `when` is FEEL over the same: while it is false, the message
    cannot be sent, and `later` says why; `note` says what is to be known beside it. Both may name values as `{{FEEL}}`.
    """

    name: str
    who: str
    label: Text
    explained: Text
    form: str = ""
    about: str = ""
    states: tuple[str, ...] = ()
    when: str = ""
    later: Text = field(default_factory=Text)
    note: Text = field(default_factory=Text)

    @property
    def looks(self) -> bool:
        """Whether the offer depends on what the waiting element sees."""
        return bool(self.about or self.when or self.note)


@dataclass(frozen=True)
class Thread:
    """Which submissions of a process all concerned read: `shows` maps a message or element to fields of its form.

    `answered` are the ends that mean that the office has answered.
    """

    title: Text = field(default_factory=Text)
    shows: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    answered: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.shows)


def offers(table: Mapping[str, Any]) -> dict[str, Offer]:
    """Read `[messages]` as far as it goes."""
    found = {}
    for name, value in table.items():
        entry = value if isinstance(value, dict) else {}
        who, form, about, when = (_word(entry, key) for key in ("who", "form", "about", "when"))
        found[name] = Offer(
            name=name,
            who=who,
            label=text_of(entry, name),
            explained=text_of(entry.get("explained")),
            form=form,
            about=_bare(about),
            states=names(entry.get("states")),
            when=_bare(when),
            later=text_of(entry.get("later")),
            note=text_of(entry.get("note")),
        )
    return found


def thread(table: Mapping[str, Any]) -> Thread:
    """Read `[thread]` as far as it goes."""
    shows = table.get("shows")
    shown = {key: names(value) for key, value in shows.items()} if isinstance(shows, dict) else {}
    return Thread(text_of(table), shown, names(table.get("answered")))


def names(value: Any) -> tuple[str, ...]:
    """Give the texts of a list; one text is a list of one."""
    listed = [value] if isinstance(value, str) else value
    return tuple(one for one in listed if isinstance(one, str)) if isinstance(listed, list) else ()


def _word(entry: Mapping[str, Any], key: str) -> str:
    value = entry.get(key)
    return value if isinstance(value, str) else ""


def _bare(text: str) -> str:
    return text.strip().removeprefix("=").strip()
