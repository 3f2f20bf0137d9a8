"""Boards: a table whose rows are drawn as cards, each with its state, its facts, and the messages that concern it."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, urlencode

from app.definitions.forms import Board, Field, Option, option_key
from app.services.messages import Offered
from app.web import answers

_fingerprint = re.compile(r"[0-9a-f]{64}")
_place = re.compile(r"[A-Za-z][\w.-]{0,200}", re.ASCII)
_icon = "info-circle"
_shown = 12  # characters of a fingerprint that are seen without unfolding it


@dataclass(frozen=True)
class Part:
    """A piece of a fact: `text`, or a fingerprint with its beginning as the text and the `whole` of it."""

    text: str
    whole: str = ""


@dataclass(frozen=True)
class Act:
    """A message that concerns a row: `ask` is what its button posts, which keeps the draft and leads to the message."""

    offer: Offered
    ask: str


@dataclass(frozen=True)
class Card:
    """A row of a board; `facts` are the other columns that hold something: a label, and lines made of parts."""

    id: str
    title: str
    state: str
    tone: str
    icon: str
    facts: tuple[tuple[str, tuple[tuple[Part, ...], ...]], ...]
    acts: tuple[Act, ...] = ()

    @property
    def notes(self) -> tuple[str, ...]:
        """What is to be known beside the messages of the row, each sentence once."""
        return tuple(dict.fromkeys(act.offer.note for act in self.acts if act.offer.note))


def cards(
    asked: Field, board: Board, place: str, rows: Iterable[Any], offers: Sequence[Offered], language: str
) -> tuple[Card, ...]:
    """Draw the rows of a board; `place` is the id of its control."""
    found = (row for row in rows if isinstance(row, Mapping))
    return tuple(
        _card(asked, board, f"{place}-{number}", row, offers, language) for number, row in enumerate(found, 1)
    )


def head(asked: Field, language: str) -> tuple[str]:
    """Give what the titles of the rows are called."""
    said = (
        column.label.of(language)
        for column in asked.columns
        if asked.board and column.key == asked.board.title
    )
    return (next(said, ""),)


def _card(
    asked: Field, board: Board, place: str, row: Mapping[str, Any], offers: Sequence[Offered], language: str
) -> Card:
    columns = {column.key: column for column in asked.columns}
    options = columns[board.state].options if board.state in columns else ()
    said = next((o for o in options if option_key(o.value) == option_key(row.get(board.state))), None)
    facts = (
        (column.label.of(language) or column.key, _lines(row.get(column.key), column.options, language))
        for column in asked.columns
        if column.key not in (board.title, board.state)
    )
    mine = (offer for offer in offers if _concerns(offer, row.get(board.messages)))
    return Card(
        id=place,
        title=answers.shown(row.get(board.title), language),
        state=said.label.of(language) if said else answers.shown(row.get(board.state), language),
        tone=(said and said.tone) or "neutral",
        icon=(said and said.icon) or _icon,
        facts=tuple((label, lines) for label, lines in facts if lines),
        acts=tuple(Act(offer, ask_for(offer, place)) for offer in mine),
    )


def _concerns(offer: Offered, key: Any) -> bool:
    """Tell whether a message is met by the wait of a row: its key is the row's, alone or behind the number of the case."""
    wanted = option_key(key) if key is not None else ""
    return bool(wanted) and wanted in (offer.key, offer.key.partition("/")[2])


def _lines(value: Any, options: tuple[Option, ...], language: str) -> tuple[tuple[Part, ...], ...]:
    """Write a fact: a line for each entry of a list, and the values of a context beside each other."""
    said = {option_key(option.value): option.label.of(language) for option in options}
    lines = (
        tuple(_parts(entry.values() if isinstance(entry, Mapping) else (entry,), said, language))
        for entry in answers.listed(value)
    )
    return tuple(line for line in lines if line)


def _parts(values: Iterable[Any], said: Mapping[str, str], language: str) -> Iterator[Part]:
    for value in values:
        if isinstance(value, str) and _fingerprint.fullmatch(value):
            yield Part(f"{value[:_shown]}…", value)
            continue
        text = "" if value is None else answers.shown(value, language)
        text = said.get(text, text)
        if text:
            yield Part(text)


def ask_for(offer: Offered, place: str = "") -> str:
    """Give what a button posts to lead to a message and back to a place of the page."""
    return f"ask:{urlencode({'name': offer.name, 'key': offer.key, 'at': place})}"


def asked_for(target: str) -> dict[str, str]:
    """Read what such a button posted: the name of the message, its key, and the place to come back to."""
    given = {name: values[0] for name, values in parse_qs(target).items()}
    return {name: given[name] for name in ("name", "key", "at") if name in given}


def is_place(text: str) -> bool:
    """Tell whether a text can be the id of a place of a page."""
    return _place.fullmatch(text) is not None
