"""The history, read back as events."""

from collections.abc import Collection, Iterator

from sqlalchemy import RowMapping, any_, bindparam, func, select

from app.store import tables
from app.store.log import Recorded, decode, entry_bytes, leaf_hash
from app.store.reading import Reading

_e = tables.event.c
_HISTORY = (
    select(tables.event)
    .where(_e.case_id == bindparam("case_id"), _e.seq > bindparam("after"))
    .order_by(_e.seq)
)
_OF_INSTANCES = (
    select(tables.event)
    .where(
        _e.case_id == bindparam("case_id"),
        _e.instance == any_(bindparam("instances")),
        _e.type == any_(bindparam("types")),
    )
    .order_by(_e.seq)
)
_OF_CASE = (
    select(tables.event)
    .where(_e.case_id == bindparam("case_id"), _e.instance.is_(None), _e.type == any_(bindparam("types")))
    .order_by(_e.seq)
)
_ALL = (
    select(tables.event)
    .where(_e.position > bindparam("after"))
    .order_by(_e.position)
    .limit(bindparam("most"))
)
_COUNTED = select(tables.case.c.seq).where(tables.case.c.id == bindparam("case_id"))
_CASES = select(_e.case_id).distinct().order_by(_e.case_id)
_LAST = select(func.max(_e.recorded_at))


class HistoryQueries(Reading):
    """Events of a case and of the whole house."""

    def history(self, case_id: str, after: int = 0) -> list[Recorded]:
        """Give the events of a case in order, those after seq `after`."""
        return [recorded_from(row) for row in self._rows(_HISTORY, case_id=case_id, after=after)]

    def history_of(self, case_id: str, instances: Collection[int], types: Collection[str]) -> list[Recorded]:
        """Give the events of some types that some instances of a case have, in order."""
        bound = {"instances": sorted(instances), "types": sorted(types)}
        return [recorded_from(row) for row in self._rows(_OF_INSTANCES, case_id=case_id, **bound)]

    def events_of_case(self, case_id: str, types: Collection[str]) -> list[Recorded]:
        """Give the events of some types that belong to a case and none of its instances, in order."""
        return [recorded_from(row) for row in self._rows(_OF_CASE, case_id=case_id, types=sorted(types))]

    def events_after(self, position: int, most: int = 1000) -> list[Recorded]:
        """Give up to `most` events of the whole house by position."""
        return [recorded_from(row) for row in self._rows(_ALL, after=position, most=most)]

    def entries(self, case_id: str) -> Iterator[tuple[int, bytes, bytes]]:
        """Give, for each event of a case, its seq, its entry's bytes and the leaf hash stored beside it."""
        for row in self._rows(_HISTORY, case_id=case_id, after=0):
            yield row["seq"], entry_of(row), bytes(row["leaf"])

    def leaves(self, case_id: str) -> Iterator[tuple[int, bool]]:
        """Give, for each event of a case, its seq and whether its stored leaf hash is that of its entry."""
        return ((seq, leaf_hash(entry) == leaf) for seq, entry, leaf in self.entries(case_id))

    def events_counted(self, case_id: str) -> int:
        """Give how many events the case itself counts; 0 where its row is gone."""
        row = self._row(_COUNTED, case_id=case_id)
        return int(row["seq"]) if row else 0

    def recorded_cases(self) -> list[str]:
        """Give the numbers of all cases that have a history, in order."""
        return [row["case_id"] for row in self._rows(_CASES)]

    def altered(self, case_id: str) -> list[int]:
        """Give the seqs whose stored leaf hash is not that of their entry; none in an unaltered history."""
        return [seq for seq, unaltered in self.leaves(case_id) if not unaltered]


def entry_of(row: RowMapping) -> bytes:
    """Give the bytes that the leaf hash of a row covers."""
    return entry_bytes(
        row["case_id"],
        row["seq"],
        row["instance"],
        row["type"],
        row["version"],
        row["recorded_at"],
        row["actor"],
        row["cause"],
        row["body"],
    )


def recorded_from(row: RowMapping) -> Recorded:
    """Give an event as the history holds it."""
    return Recorded(
        case_id=row["case_id"],
        seq=row["seq"],
        instance=row["instance"],
        event=decode(row["type"], row["version"], row["body"]),
        actor=row["actor"],
        cause=row["cause"],
        recorded_at=row["recorded_at"],
        leaf=bytes(row["leaf"]),
        position=row["position"],
    )
