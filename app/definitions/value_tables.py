"""Value tables: the codes that a field may hold, with their titles, as CSV files of the bundle.

Lines that begin with `#` say of the table what it is (`# title: ATECO 2007`, `# source: ...`); then a line `code,title`, then
one line for each code.
"""

import csv
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from functools import lru_cache
from io import StringIO

from app.domain.bundles import Bundle
from app.domain.errors import DefinitionInvalid

FOLDER = "tables"
MAX_ROWS = 20_000
MOST_FOUND = 20
_word = re.compile(r"\w+")


@dataclass(frozen=True)
class ValueTable:
    """Codes and their titles; `title` and `source` say which table it is and where it comes from."""

    name: str
    title: str
    source: str
    rows: Mapping[str, str] = field(hash=False, repr=False)

    def near(self, code: str, most: int = 3) -> list[tuple[str, str]]:
        """Give the codes most like one that is not there: those that begin as it does come first."""

        def likeness(known: str) -> tuple[int, float, str]:
            common = next(
                (n for n, pair in enumerate(zip(code, known, strict=False)) if pair[0] != pair[1]), -1
            )
            shared = min(len(code), len(known)) if common < 0 else common
            return -shared, abs(len(known) - len(code)) - SequenceMatcher(None, code, known).ratio(), known

        return [(known, self.rows[known]) for known in sorted(self._begun(code), key=likeness)[:most]]

    def _begun(self, code: str) -> list[str]:
        """Give the codes of the longest beginning that any code has in common with this one."""
        for length in range(len(code), 0, -1):
            found = [known for known in self.rows if known.startswith(code[:length])]
            if found:
                return found
        return []

    def search(self, typed: str, most: int = MOST_FOUND) -> list[tuple[str, str]]:
        """Give the codes that begin with what was typed, or else those whose title has a word beginning with each word of it."""
        wanted = typed.strip().casefold()
        if not wanted:
            return []
        found = [pair for pair in self.rows.items() if pair[0].casefold().startswith(wanted)]
        if not found:
            words = _word.findall(wanted)
            found = [pair for pair in self.rows.items() if words and _has(pair[1], words)]
        return found[:most]


def _has(title: str, words: list[str]) -> bool:
    own = _word.findall(title.casefold())
    return all(any(one.startswith(word) for one in own) for word in words)


def read_table(name: str, data: bytes) -> ValueTable:
    """Read a value table; DefinitionInvalid where it is none, a code comes twice, or there are too many."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as broken:
        raise DefinitionInvalid(f"Expected the value table {name} in UTF-8, but: {broken}.") from broken
    lines = text.splitlines()
    said = dict(_said(lines))
    try:
        rows = list(csv.reader(StringIO("\n".join(line for line in lines if not line.startswith("#")))))
    except csv.Error as broken:
        raise DefinitionInvalid(f"Expected the value table {name} as CSV, but: {broken}.") from broken
    if not rows or rows[0] != ["code", "title"] or any(len(row) != len(rows[0]) for row in rows):
        raise DefinitionInvalid(
            f"Expected a line code,title and two values in each line of {name}, but it differs."
        )
    codes = {code.strip(): title.strip() for code, title in rows[1:]}
    if len(codes) != len(rows) - 1 or "" in codes or len(codes) > MAX_ROWS:
        raise DefinitionInvalid(
            f"Expected each code of {name} once, at most {MAX_ROWS}, but one is empty or repeated."
        )
    return ValueTable(name, said.get("title", name), said.get("source", ""), codes)


def _said(lines: list[str]) -> Iterator[tuple[str, str]]:
    for line in lines:
        key, colon, value = line.removeprefix("#").partition(":")
        if line.startswith("#") and colon:
            yield key.strip(), value.strip()


def file_of(name: str) -> str:
    """Give the name of a table's file in a bundle."""
    return f"{FOLDER}/{name}.csv"


def tables_of(bundle: Bundle, names: frozenset[str]) -> dict[str, ValueTable]:
    """Give the tables of these names that a bundle has; each is read once for each content."""
    files = {name: bundle.files.get(file_of(name)) for name in sorted(names)}
    return {name: _kept(name, data) for name, data in files.items() if data is not None}


@lru_cache(maxsize=32)
def _kept(name: str, data: bytes) -> ValueTable:
    return read_table(name, data)
