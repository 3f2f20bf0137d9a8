"""The keys of a form or of a row: each once, none inside another, all readable by FEEL."""

import re
from typing import Any

_key = re.compile(r"[^\W\d]\w*(\.[^\W\d]\w*)*")
_reserved = frozenset({"this", "parent", "i", "value", "true", "false", "null"})


class Names:
    """The keys taken so far under a prefix; `taken` gives for each full name its type and the values to choose from."""

    def __init__(self, prefix: str = "", taken: dict[str, tuple[str, list[Any]]] | None = None) -> None:
        self.prefix = prefix
        self.taken = {} if taken is None else taken

    def within(self, path: str) -> "Names":
        """Give the names of a group under a path; they are one with these."""
        return Names(".".join(part for part in (self.prefix, path) if part), self.taken)

    def take(self, key: str, kind: str, options: list[Any]) -> str:
        """Take a key; gives what is wrong with it, or nothing."""
        name = ".".join(part for part in (self.prefix, key) if part)
        if not _key.fullmatch(key) or key.startswith("_") or key in _reserved:
            return f"Expected a key of letters, digits and _ that FEEL can name, but it is {key!r}."
        if name in self.taken:
            return f"Expected each key once, but {name!r} is there again."
        clash = [
            other for other in self.taken if other.startswith(f"{name}.") or name.startswith(f"{other}.")
        ]
        if clash:
            return f"Expected {name!r} to be a value or a group, but {clash[0]!r} makes it both."
        self.taken[name] = (kind, options)
        return ""
