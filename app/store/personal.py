"""Personal values: a commitment in the history, a ciphertext beside it, a key per subject that can be forgotten.

The commitment is SHA-256 over a salt and the canonical value; the salt is an HMAC of the value under the subject's
key, so that the same value of one subject is one commitment, and once the key is forgotten nobody can try values out.
"""

import hmac
import secrets
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

import orjson
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import any_, bindparam, delete, select, update
from sqlalchemy.dialects.postgresql import insert

from app.feel.codec import from_tagged
from app.feel.values import Sealed
from app.store import tables
from app.store.log import canonical
from app.store.reading import Reading
from app.store.writing import Writing

_k = tables.personal_key.c
_v = tables.personal_value.c
_KEY = select(_k.id, _k.key).where(_k.subject == bindparam("subject"))
_NEW_KEY = (
    insert(tables.personal_key)
    .values(subject=bindparam("subject"), key=bindparam("key"))
    .on_conflict_do_nothing()
    .returning(_k.id, _k.key)
)
_FORGET = delete(tables.personal_key).where(_k.subject == bindparam("subject"))
_EMPTY_DRAFTS = [
    update(table).where(table.c.saved_by == bindparam("subject")).values(sealed=b"")
    for table in (tables.draft, tables.draft_version)
]
_KEEP = (
    insert(tables.personal_value)
    .values(
        commitment=bindparam("commitment"),
        subject=bindparam("subject"),
        key_id=bindparam("key_id"),
        ciphertext=bindparam("ciphertext"),
    )
    .on_conflict_do_nothing()
)
_VALUES = (
    select(_v.commitment, _v.subject, _v.ciphertext, _k.key)
    .join_from(tables.personal_value, tables.personal_key, _v.key_id == _k.id, isouter=True)
    .where(_v.commitment == any_(bindparam("commitments")))
)
_NONCE = 12


@dataclass(frozen=True)
class Erased:
    """What a sealed value unseals to once its subject's key is forgotten."""

    commitment: str

    def __str__(self) -> str:
        return ""

    def __bool__(self) -> bool:
        return False


class PersonalQueries(Reading):
    """Reading personal values."""

    def unseal(self, value: Any) -> Any:
        """Replace every sealed value within `value` by its plain one, or by `Erased` where its key is forgotten."""
        commitments = sorted({sealed.commitment for sealed in _sealed_within(value)})
        if not commitments:
            return value
        rows = self._rows(_VALUES, commitments=commitments)
        plain = {row["commitment"]: _opened(row["key"], row["ciphertext"], row["commitment"]) for row in rows}
        return _replaced(value, {c: plain.get(c, Erased(c)) for c in commitments})

    def erased(self, values: Iterable[Any]) -> int:
        """Count the sealed values within `values` that nobody can open any more."""
        opened = self.unseal(
            [Sealed(each) for each in {s.commitment for v in values for s in _sealed_within(v)}]
        )
        return sum(isinstance(value, Erased) for value in opened)


class PersonalStore(PersonalQueries, Writing):
    """Sealing and forgetting."""

    def seal(self, subject: str, value: Any) -> Sealed:
        """Keep a personal value under its subject's key and give the commitment that stands for it."""
        if isinstance(value, Sealed):
            return value
        key_id, key = self._key_of(subject)
        text = canonical(value).encode()
        salt = hmac.digest(key, b"salt\x00" + text, "sha256")
        commitment = sha256(salt + text).hexdigest()
        ciphertext = encrypt(key, salt + text, commitment.encode())
        row = {"commitment": commitment, "subject": subject, "key_id": key_id, "ciphertext": ciphertext}
        self._connection.execute(_KEEP, row)
        return Sealed(commitment)

    def forget(self, subject: str) -> bool:
        """Forget a subject's key: their sealed values can never be read again; False if there was none.

        Drafts and versions that they saved are emptied, and say no more than who saved them and when. What is sealed for
        the subject later gets a new key and opens nothing that was sealed before.
        """
        for emptied in _EMPTY_DRAFTS:
            self._connection.execute(emptied, {"subject": subject})
        return self._connection.execute(_FORGET, {"subject": subject}).rowcount > 0

    def _key_of(self, subject: str) -> tuple[int, bytes]:
        row = self._row(_KEY, subject=subject) or self._row(
            _NEW_KEY, subject=subject, key=secrets.token_bytes(32)
        )
        row = row or self._row(_KEY, subject=subject)  # another transaction made the key meanwhile
        if row is None:
            raise LookupError(f"Expected a key for {subject}, but it was forgotten meanwhile.")
        return row["id"], bytes(row["key"])


def encrypt(key: bytes, text: bytes, bound_to: bytes) -> bytes:
    """Encrypt with AES-256-GCM under a fresh nonce, which goes before the ciphertext."""
    nonce = secrets.token_bytes(_NONCE)
    return nonce + AESGCM(key).encrypt(nonce, text, bound_to)


def decrypt(key: bytes, ciphertext: bytes, bound_to: bytes) -> bytes:
    """Decrypt what `encrypt` wrote; InvalidTag if it was altered or belongs elsewhere."""
    return AESGCM(key).decrypt(ciphertext[:_NONCE], ciphertext[_NONCE:], bound_to)


def _opened(key: bytes | None, ciphertext: bytes, commitment: str) -> Any:
    if key is None:
        return Erased(commitment)
    text = decrypt(bytes(key), bytes(ciphertext), commitment.encode())
    return from_tagged(orjson.loads(text[32:]))


def _sealed_within(value: Any) -> Iterator[Sealed]:
    if isinstance(value, Sealed):
        yield value
    elif isinstance(value, dict):
        for item in value.values():
            yield from _sealed_within(item)
    elif isinstance(value, list | tuple):
        for item in value:
            yield from _sealed_within(item)


def _replaced(value: Any, plain: dict[str, Any]) -> Any:
    if isinstance(value, Sealed):
        return plain[value.commitment]
    if isinstance(value, dict):
        return {key: _replaced(item, plain) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_replaced(item, plain) for item in value]
    return value
