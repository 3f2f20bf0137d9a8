"""People with a log-in; passwords are kept as argon2id hashes only."""

from functools import lru_cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError
from sqlalchemy import and_, bindparam, func, or_, select, update
from sqlalchemy.dialects.postgresql import insert

from app.domain.actors import Actor
from app.store import records, tables
from app.store.reading import Reading

_p = tables.person.c
_PERSON = select(tables.person).where(_p.id == bindparam("id"))
_PEOPLE = select(tables.person).order_by(_p.name, _p.id)
_LANGUAGE = update(tables.person).where(_p.id == bindparam("person")).values(language=bindparam("chosen"))
_NAMED = select(tables.person).where(
    or_(
        _p.id == bindparam("named"),
        and_(_p.email != "", func.lower(_p.email) == func.lower(bindparam("named"))),
    )
)
_hasher = PasswordHasher()


@lru_cache(maxsize=1)
def _nobody() -> str:
    """The hash that a wrong log-in name is checked against, so that it takes as long as a wrong password."""
    return _hasher.hash("nobody")


class People(Reading):
    """The people of the house."""

    def add(self, person: Actor, password: str) -> None:
        """Add a person, or replace the one with the same id."""
        row = {
            "id": person.id,
            "name": person.name,
            "email": person.email,
            "organisation": person.organisation,
            "language": person.language,
            "groups": sorted(person.groups),
            "capabilities": sorted(capability.value for capability in person.capabilities),
            "password_hash": _hasher.hash(password),
        }
        statement = insert(tables.person).values(row)
        changed = {name: value for name, value in row.items() if name != "id"}
        self._connection.execute(statement.on_conflict_do_update(index_elements=[_p.id], set_=changed))

    def authenticate(self, login: str, password: str) -> Actor | None:
        """Give the person whose password this is, else None; an unknown name takes as long as a wrong password."""
        row = self._row(_PERSON, id=login.replace("\0", ""))
        try:
            _hasher.verify(row["password_hash"] if row else _nobody(), password)
        except (VerifyMismatchError, InvalidHashError):
            return None
        return records.person_from(row) if row else None

    def get(self, login: str) -> Actor | None:
        """Give a person by id, if there is one."""
        row = self._row(_PERSON, id=login.replace("\0", ""))
        return records.person_from(row) if row else None

    def named(self, name: str) -> list[Actor]:
        """Give who has this log-in name or this mail address."""
        if "\0" in name:
            return []
        return [records.person_from(row) for row in self._rows(_NAMED, named=name)]

    def all(self) -> list[Actor]:
        """Give everybody, by name."""
        return [records.person_from(row) for row in self._rows(_PEOPLE)]

    def set_language(self, login: str, language: str) -> None:
        """Keep a person's language."""
        self._connection.execute(_LANGUAGE, {"person": login, "chosen": language})
