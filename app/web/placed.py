"""Which messages on offer stand beside a row of a page's boards, and which beside none."""

from collections.abc import Iterator, Sequence

from app.definitions import forms
from app.definitions.forms import Field
from app.services.messages import Offered
from app.web import boards
from app.web.boards import Act
from app.web.forms_view import Control


def has_board(fields: tuple[Field, ...]) -> bool:
    """Tell whether one of the fields is a board with messages beside its rows."""
    return any(asked.board and asked.board.messages for asked in forms.every(fields))


def unplaced(controls: tuple[Control, ...], offers: Sequence[Offered]) -> list[Act]:
    """Give the messages on offer that stand beside no row."""
    beside = {(act.offer.name, act.offer.key) for act in _acts(controls)}
    return [Act(one, boards.ask_for(one)) for one in offers if (one.name, one.key) not in beside]


def _acts(controls: tuple[Control, ...]) -> Iterator[Act]:
    for control in controls:
        for card in control.cards:
            yield from card.acts
        for line in control.rows:
            yield from _acts(line.controls)
