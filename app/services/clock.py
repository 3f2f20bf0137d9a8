"""The house clock, which a demonstration may move."""

from datetime import UTC, datetime

from app.domain.actors import Actor
from app.domain.errors import NotAllowed
from app.services.house import House
from app.services.incidents import require_operator
from app.store.clock import HouseClock

end_of_time = datetime(2100, 1, 1, tzinfo=UTC)
"""A clock goes forward only: one that was set to the last year of all would leave no date for terms, nor a way back."""


def now(house: House) -> datetime:
    """Give the house's time: aware, UTC."""
    return house.clock.now()


def move(house: House, to: datetime, by: Actor) -> None:
    """Set the demonstration clock forward; NotAllowed outside a demonstration, for a time gone by and past 2099."""
    require_operator(by)
    if not house.settings.demo or not isinstance(house.clock, HouseClock):
        raise NotAllowed("Expected a demonstration, but this house keeps real time.", reason="not_demo")
    if to >= end_of_time:
        raise NotAllowed(f"Expected a time before 2100, but got {to.isoformat()}.", reason="clock_too_far")
    house.clock.set(to)
