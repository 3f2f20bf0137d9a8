"""Projections and snapshots: caches of the history, dropped and made anew from the log."""

from app.domain.errors import HistoryDiffers
from app.services import replay
from app.services.house import House
from app.services.use_case import query, use_case
from app.store.queries import Queries
from app.store.unit_of_work import UnitOfWork


@query
def case_ids(house: House, reader: Queries) -> list[str]:
    """Give the numbers of all cases that have a history, in order."""
    return reader.recorded_cases()


@use_case
def rebuild(house: House, uow: UnitOfWork, case_id: str) -> list[str]:
    """Make a case's projections and snapshots anew, and name the tables that said something else.

    Nobody acts on the case meanwhile. Raises HistoryDiffers if a replay does not agree with the log.
    """
    uow.hold(case_id)
    result = replay.compared(uow, case_id)
    if result.difference is not None:
        raise HistoryDiffers(
            f"Expected case {case_id} to replay as recorded, but it differs at event {result.difference.seq}."
        )
    uow.rebuild(case_id)
    for instance, state in result.states.items():
        uow.write_snapshot(case_id, instance, state)
    return result.caches
