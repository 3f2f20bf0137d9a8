"""The worklist: read by a query line, and kept by name."""

from zoneinfo import ZoneInfo

from app.domain.actors import Actor
from app.domain.errors import NotAllowed
from app.domain.query_line import Known, Line, read_line
from app.services import definitions
from app.services.house import House
from app.services.use_case import query, use_case
from app.store.queries import Queries, WorklistFilter
from app.store.saved_filters import SavedFilter
from app.store.unit_of_work import UnitOfWork

__all__ = ["SavedFilter"]
MOST_SAVED = 40
LONGEST_NAME = 60
LONGEST_ADDRESS = 1000
ROME = ZoneInfo("Europe/Rome")


def read(house: House, text: str, by: Actor) -> Line:
    """Read a query line by what its actor may name; what cannot be read is among its faults."""
    return read_line(text, _known(house, by), house.clock.now(), ROME) if text else Line()


@query
def _known(house: House, reader: Queries, by: Actor) -> Known:
    rows = reader.latest_definitions()
    italian, english = (definitions.lanes_of(reader, rows, language) for language in ("it", "en"))
    return Known(
        groups={code: (italian.get(code, code), english.get(code, code)) for code in by.groups},
        processes={row.process: tuple(row.facts.titles.values()) for row in rows},
        people={person.id: person.name for person in reader.people.all()},
        roles=frozenset(italian),
    )


def narrowed(wanted: WorklistFilter, line: Line, by: Actor) -> WorklistFilter:
    """Give a filter with what a line says laid over it."""
    scope = {"me": "mine", "nobody": "group", "others": "colleagues"}.get(line.whose, wanted.scope)
    bounds = [bound for bound in (wanted.due_before, line.before) if bound]
    return WorklistFilter(
        text=line.text,
        scope=scope,
        group=line.group or wanted.group,
        sort=wanted.sort,
        page=wanted.page,
        size=wanted.size,
        due_before=min(bounds, default=None),
        due_after=line.after,
        undated=line.undated,
        holders=line.held,
        processes=line.processes,
        party=line.party,
    )


@query
def saved(house: House, reader: Queries, by: Actor) -> list[SavedFilter]:
    """Give the actor's filters and those that others share with their groups, by name."""
    return reader.saved_filters(by.id, by.groups)


@use_case
def save(house: House, uow: UnitOfWork, name: str, address: str, shared: str, by: Actor) -> None:
    """Keep a filter under a name; `shared` is a group of the actor's that sees it too, or empty."""
    called = " ".join(name.split())
    if not called or len(called) > LONGEST_NAME or len(address) > LONGEST_ADDRESS:
        raise NotAllowed(
            f"Expected a name of 1 to {LONGEST_NAME} characters, but got {len(called)}.",
            reason="filter_name",
            most=LONGEST_NAME,
        )
    if shared and shared not in by.groups:
        raise NotAllowed(
            f"Expected a group of {by.name} to share with, but {shared!r} is none.",
            reason="not_candidate",
            group=shared,
        )
    known = {one.name for one in uow.saved_filters(by.id, ()) if one.person == by.id}
    if called not in known and len(known) >= MOST_SAVED:
        raise NotAllowed(
            f"Expected at most {MOST_SAVED} filters, but there are {len(known)}.",
            reason="filters_full",
            most=MOST_SAVED,
        )
    uow.save_filter(SavedFilter(by.id, called, address, shared))


@use_case
def forget(house: House, uow: UnitOfWork, name: str, by: Actor) -> None:
    """Forget one of the actor's own filters."""
    uow.drop_filter(by.id, name)
