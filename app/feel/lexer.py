"""The tokens of FEEL, and the names that are made of several of them."""

import re
from collections.abc import Iterable
from typing import NamedTuple

from app.feel.errors import FeelSyntaxError

_START = (
    "?A-Z_a-z\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u02ff\u0370-\u037d\u037f-\u1fff\u200c-\u200d\u2070-\u218f\u2c00-\u2fef"
    "\u3001-\ud7ff\uf900-\ufdcf\ufdf0-\ufffd\U00010000-\U000effff"
)
_PART = _START + "0-9\u00b7\u0300-\u036f\u203f-\u2040"
_TOKEN = re.compile(
    rf"""(?P<space>(?:\s|\u200b|//[^\n]*|/\*(?s:.*?)\*/)+)
    |(?P<name>[{_START}][{_PART}]*)
    |(?P<number>(?:\d+(?:\.\d+)?|\.\d+)(?:[eE][+-]?\d+)?)
    |(?P<string>"(?:[^"\\]|\\.)*")
    |(?P<sign>\*\*|\.\.|->|<=|>=|!=|/(?!\*)|[-+*()\[\]{{}},:<>=.@'’])""",
    re.VERBOSE,
)

KEYWORDS = frozenset(
    [
        "if",
        "then",
        "else",
        "for",
        "in",
        "return",
        "some",
        "every",
        "satisfies",
        "and",
        "or",
        "between",
        "instance",
        "of",
        "function",
        "external",
        "true",
        "false",
        "null",
    ]
)


class Token(NamedTuple):
    """One token: `kind` is name, keyword, number, string, sign or end; `at` its offset in the text."""

    kind: str
    text: str
    at: int


def tokens(text: str) -> list[Token]:
    """Split a text into its tokens, ending with one of kind `end`; comments and space are dropped."""
    found: list[Token] = []
    position, end, match = 0, len(text), _TOKEN.match
    while position < end:
        hit = match(text, position)
        if hit is None:
            raise _broken(text, position)
        kind = hit.lastgroup or ""
        if kind != "space":
            word = hit.group()
            if kind == "name" and word in KEYWORDS:
                kind = "keyword"
            found.append(Token(kind, word, position))
        position = hit.end()
    found.append(Token("end", "", end))
    return found


def place(text: str, at: int) -> tuple[int, int]:
    """Give line and column, from 1, of an offset."""
    before = text[:at]
    return before.count("\n") + 1, at - (before.rfind("\n") + 1) + 1


def _broken(text: str, at: int) -> FeelSyntaxError:
    line, column = place(text, at)
    if text[at] == '"':
        return FeelSyntaxError("a closing quotation mark", "the end of the text", line=line, column=column)
    if text.startswith("/*", at):
        return FeelSyntaxError(
            "*/ at the end of the comment", "the end of the text", line=line, column=column
        )
    hint = {
        "'": 'strings have double quotation marks: "..."',
        "&": "write: and",
        "|": "write: or",
        "!": "write: not(...)",
    }
    return FeelSyntaxError("FEEL", repr(text[at]), line=line, column=column, hint=hint.get(text[at], ""))


_ODD = re.compile(rf"[^{_PART}]")


class KnownNames:
    """The names of a scope that are more than one token (`Monthly Salary`, `a-b`), found longest first."""

    def __init__(self, names: Iterable[str] = ()) -> None:
        self._by_first: dict[str, list[tuple[tuple[str, ...], str]]] = {}
        for name in names:
            self.add(name)

    def add(self, name: str) -> bool:
        """Learn a name; false where it is a plain word, which needs no learning, or a keyword, which is none."""
        if name in KEYWORDS or (_ODD.search(name) is None and not name[:1].isdigit()):
            return False
        try:
            words = tuple(token.text for token in tokens(name)[:-1])
        except FeelSyntaxError:
            return False
        if not words:
            return False
        same = self._by_first.setdefault(words[0], [])
        same.append((words, name))
        same.sort(key=lambda entry: -len(entry[0]))
        return True

    def match(self, line: list[Token], at: int) -> tuple[str, int] | None:
        """Find the longest known name that begins at a token: the name, and the index after it."""
        candidates = self._by_first.get(line[at].text)
        if candidates is None:
            return None
        for words, name in candidates:
            end = at + len(words)
            if end < len(line) and all(line[at + i].text == word for i, word in enumerate(words)):
                return name, end
        return None
