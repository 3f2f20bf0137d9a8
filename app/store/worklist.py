"""The worklist: the tasks an actor may act on now, from three disjoint branches, each by its own index."""

from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
    any_,
    bindparam,
    cast,
    column,
    exists,
    func,
    literal_column,
    select,
    true,
    union_all,
)
from sqlalchemy.dialects.postgresql import ARRAY, TIMESTAMP, TSQUERY
from sqlalchemy.types import Integer, Text

from app.domain.actors import Actor
from app.domain.tasks import Task
from app.store import records, tables
from app.store.reading import Reading
from app.store.words import word_query

COUNT_CAP = 1000
"""Beyond this many tasks a page says "more than 1,000" and does not count on."""
FEW = 1000
"""Up to so many cases of a party are looked for one by one; of more, some come soon on the way along an index."""

_t = tables.task.c
_SORTS = {
    "due": ("due", "case_id", "number"),
    "opened": ("opened_at", "case_id", "number"),
    "case": ("case_id", "number"),
    "name": ("name", "case_id", "number"),
}
_OPEN = _t.state == literal_column("'open'")
_OFFICE = _t.group_kind == literal_column("'office'")
_ROLE = _t.group_kind == literal_column("'case_role'")
_ACTOR = bindparam("actor", type_=Text)
_GROUPS = bindparam("groups", type_=ARRAY(Text))
_PLAN_FOR_THESE_WORDS = select(func.set_config("plan_cache_mode", "force_custom_plan", true()))
"""A plan for words in general would take every word for a rare one, and every name; this lasts until the transaction ends."""


@dataclass(frozen=True)
class WorklistFilter:
    """What to show, and which page of it, counted from 1.

    `scope` is mine (held by the actor), group (free, in their groups and roles), all (both), late or due (both, past
    their due date or with one), colleagues (held by others of their office groups), waiting (with others, in cases in
    which the actor has completed a task). `group` narrows to one candidate group, `due_before` to an earlier due date,
    `due_after` to one that is not earlier, `undated` to none, `holders` to who holds it, `processes` to where it comes
    from, `party` to cases in which somebody with that role has these words in their name or organisation, `text` to
    words in case number, case title and task name, the last of which may be unfinished. `sort` is due, opened, case
    or name.
    """

    text: str = ""
    scope: str = "all"
    group: str | None = None
    sort: str = "due"
    page: int = 1
    size: int = 25
    due_before: datetime | None = None
    due_after: datetime | None = None
    undated: bool = False
    holders: tuple[str, ...] = ()
    processes: tuple[str, ...] = ()
    party: tuple[str, str] | None = None


@dataclass(frozen=True)
class WorklistPage:
    """One page of tasks; `total` counts at most 1,000, and `capped` says that there are more."""

    tasks: list[Task]
    total: int
    capped: bool
    page: int
    size: int

    @property
    def pages(self) -> int:
        """The number of pages of what was counted, at least 1."""
        return max(1, -(-self.total // self.size))


@dataclass(frozen=True)
class _Shape:
    """What decides the statement's text; everything else is bound."""

    branches: tuple[str, ...]
    sort: str
    words: bool
    group: bool
    before: bool
    dated: bool
    after: bool
    undated: bool
    holders: bool
    processes: bool
    party: str


class WorklistQueries(Reading):
    """Tasks across cases."""

    def worklist(self, actor: Actor, wanted: WorklistFilter, now: datetime) -> WorklistPage:
        """Give one page of the tasks the actor may act on; late is measured against `now`, house time."""
        words, cases = word_query(wanted.text), self._of_party(wanted)
        shape = _shape(wanted, "" if wanted.party is None else "few" if len(cases) <= FEW else "many")
        bound: dict[str, Any] = {"actor": actor.id, "groups": sorted(actor.groups), "words": words}
        bound |= {"group": wanted.group, "before": _before(wanted, now), "after": wanted.due_after}
        bound |= {"holders": list(wanted.holders), "processes": list(wanted.processes), "cases": cases}
        bound |= {"role": wanted.party and wanted.party[0], "named": wanted.party and wanted.party[1].lower()}
        size, page = max(1, min(wanted.size, 200)), max(1, wanted.page)
        offset = min((page - 1) * size, COUNT_CAP)
        if shape.words or shape.party:
            self._rows(_PLAN_FOR_THESE_WORDS)
        total = self._rows(_count(shape), **bound, cap=COUNT_CAP + 1)[0]["total"]
        walked = (not shape.words and shape.party != "few") or total > COUNT_CAP
        rows = self._rows(_page(shape, walked=walked), **bound, reach=offset + size, size=size, offset=offset)
        tasks = [records.task_from(row) for row in rows]
        return WorklistPage(tasks, min(total, COUNT_CAP), total > COUNT_CAP, page, size)

    def _of_party(self, wanted: WorklistFilter) -> list[str]:
        """Give the cases of the party that is asked for; more than `FEW` entries where there are many of them."""
        if wanted.party is None:
            return []
        role, named = wanted.party
        people = [row["id"] for row in self._rows(_PEOPLE, named=named.lower(), few=FEW + 1)]
        if len(people) > FEW:
            return people
        rows = self._rows(_CASES_OF_PEOPLE, role=role, ids=people, few=FEW + 1)
        return [row["case_id"] for row in rows]


def _shape(wanted: WorklistFilter, party: str) -> _Shape:
    branches = {
        "mine": ("own",),
        "group": ("office", "role"),
        "colleagues": ("taken",),
        "waiting": ("elsewhere",),
    }
    return _Shape(
        branches.get(wanted.scope, ("own", "office", "role")),
        wanted.sort if wanted.sort in _SORTS else "due",
        bool(word_query(wanted.text)),
        wanted.group is not None,
        wanted.due_before is not None or wanted.scope == "late",
        wanted.scope == "due",
        wanted.due_after is not None,
        wanted.undated,
        bool(wanted.holders),
        bool(wanted.processes),
        party,
    )


def _before(wanted: WorklistFilter, now: datetime) -> datetime | None:
    limits = [wanted.due_before] if wanted.due_before else []
    return min([*limits, now]) if wanted.scope == "late" else min(limits, default=None)


def _conditions(shape: _Shape, branch: str) -> list[ColumnElement[bool]]:
    found = [_OPEN]
    if branch == "own":
        found.append(_t.assignee == _ACTOR)
    elif branch == "taken":
        found += [_OFFICE, _t.assignee.is_not(None), _t.assignee != _ACTOR]
    elif branch == "elsewhere":
        found += _elsewhere()
    else:
        found += [_OFFICE if branch == "office" else _ROLE, _t.assignee.is_(None)]
    return found + _narrowed(shape)


def _elsewhere() -> list[ColumnElement[bool]]:
    """With others, in a case where the actor completed a task and from which they were not removed."""
    done, gone = tables.task.alias("done").c, tables.party_removed.c
    removed = exists().where(gone.case_id == _t.case_id, gone.actor == _ACTOR)
    return [
        _t.case_id.in_(select(done.case_id).where(done.completed_by == _ACTOR)),
        ~removed,
        func.coalesce(_t.assignee, "") != _ACTOR,
        ~(_OFFICE & (func.coalesce(_t.group_name, "") == any_(_GROUPS))),
    ]


_CALLED = func.strpos(
    func.lower(tables.person.c.name + " " + tables.person.c.organisation), bindparam("named", type_=Text)
)
_PEOPLE = select(tables.person.c.id).where(_CALLED > 0).limit(bindparam("few", type_=Integer))
_CASES_OF_PEOPLE = (
    select(tables.party.c.case_id)
    .where(
        tables.party.c.actor == any_(bindparam("ids", type_=ARRAY(Text))),
        tables.party.c.role == bindparam("role", type_=Text),
    )
    .distinct()
    .limit(bindparam("few", type_=Integer))
)
_CASES_OF_MANY = (
    select(tables.party.c.case_id)
    .join_from(tables.party, tables.person, tables.party.c.actor == tables.person.c.id)
    .where(tables.party.c.role == bindparam("role", type_=Text), _CALLED > 0)
)


def _narrowed(shape: _Shape) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if shape.words:
        found.append(_t.search.op("@@")(cast(bindparam("words", type_=Text), TSQUERY)))
    if shape.group:
        found.append(_t.group_name == bindparam("group", type_=Text))
    if shape.before:
        found.append(_t.due < bindparam("before", type_=TIMESTAMP(timezone=True)))
    if shape.dated:
        found.append(_t.due.is_not(None))
    if shape.after:
        found.append(_t.due >= bindparam("after", type_=TIMESTAMP(timezone=True)))
    if shape.undated:
        found.append(_t.due.is_(None))
    if shape.holders:
        found.append(_t.assignee == any_(bindparam("holders", type_=ARRAY(Text))))
    if shape.processes:
        found.append(_t.process == any_(bindparam("processes", type_=ARRAY(Text))))
    return found + _of_party(shape)


def _of_party(shape: _Shape) -> list[ColumnElement[bool]]:
    """In a case whose party of a role has the words in their name or organisation."""
    few = _t.case_id == any_(bindparam("cases", type_=ARRAY(Text)))
    return [few if shape.party == "few" else _t.case_id.in_(_CASES_OF_MANY)] if shape.party else []


def _flat(shape: _Shape, branch: str) -> Select[Any]:
    """One branch as a plain selection, in no order."""
    statement = select(*records.TASK_COLUMNS).where(*_conditions(shape, branch))
    if branch in {"office", "taken"}:
        return statement.where(_t.group_name == any_(_GROUPS))
    if branch == "role":
        p = tables.party.c
        joined = (p.actor == _ACTOR) & (p.case_id == _t.case_id) & (p.role == _t.group_name)
        return statement.where(joined)
    return statement


def _ordered(shape: _Shape, branch: str, *, walked: bool) -> Select[Any]:
    """One branch with its first rows in order.

    `walked`: each office group by a walk along its own index (LATERAL), which ends soon unless few rows fit. The few
    rows that rare words leave are gathered by the index of words and sorted.
    """
    order = [_t[name] for name in _SORTS[shape.sort]]
    reach = bindparam("reach", type_=Integer)
    if branch not in {"office", "taken"} or not walked:
        return _flat(shape, branch).order_by(*order).limit(reach)
    groups = func.unnest(_GROUPS).table_valued(column("of_group", Text), name="mine").render_derived()
    each = (
        select(*records.TASK_COLUMNS)
        .where(*_conditions(shape, branch), _t.group_name == groups.c.of_group)
        .order_by(*order)
        .limit(reach)
        .lateral("each_group")
    )
    return select(*each.c).select_from(groups.join(each, true()))


@lru_cache(maxsize=256)
def _page(shape: _Shape, *, walked: bool) -> Select[Any]:
    branches = [select(_ordered(shape, branch, walked=walked).subquery()) for branch in shape.branches]
    whole = union_all(*branches).subquery("found")
    order = [whole.c[name] for name in _SORTS[shape.sort]]
    return select(whole).order_by(*order).limit(bindparam("size")).offset(bindparam("offset"))


@lru_cache(maxsize=256)
def _count(shape: _Shape) -> Select[Any]:
    cap = bindparam("cap", type_=Integer)
    branches = [
        select(
            select(literal_column("1").label("one"))
            .select_from(_flat(shape, branch).subquery())
            .limit(cap)
            .subquery()
        )
        for branch in shape.branches
    ]
    return select(func.count().label("total")).select_from(union_all(*branches).limit(cap).subquery())
