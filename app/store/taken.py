"""Which invitations are kept under an account."""

from sqlalchemy import bindparam, select

from app.domain.cases import Taken
from app.store import tables
from app.store.reading import Reading

_t = tables.invitation_taken.c
_TAKEN = select(tables.invitation_taken).order_by(_t.case_id, _t.instance)
_IN_CASE = _TAKEN.where(_t.case_id == bindparam("case_id"))
_CASES = select(_t.case_id).distinct().where(_t.account == bindparam("account")).order_by(_t.case_id.desc())


class TakenQueries(Reading):
    """Invitations under accounts, as the history says."""

    def taken_in(self, case_id: str) -> list[Taken]:
        """Give the invitations of a case that were taken, in order of their instances."""
        return [Taken(**row) for row in self._rows(_IN_CASE, case_id=case_id)]

    def cases_taken_by(self, account: str) -> list[str]:
        """Give the numbers of the cases in which an account took an invitation, newest first."""
        return [row["case_id"] for row in self._rows(_CASES, account=account)]
