# mypy: disable-error-code="func-returns-value"
"""Functions over strings (DMN 1.5, 10.3.4.3). Positions count characters from 1, from the end if negative."""

import re as _spelling
from decimal import Decimal
from functools import lru_cache
from typing import Any

import re2

from app.feel.library.registry import ABSENT, builtin
from app.feel.limits import CHARACTERS_PER_STEP, Run

_FLAGS = frozenset("smixq")
_GROUP = _spelling.compile(r"\\(.)|\$(\d)|(\$)|(\\)", _spelling.DOTALL)
_MAX_PATTERN = 1000


@builtin("substring", "string", "number", "number?")
def substring(run: Run, text: str, start: Decimal, length: Any = ABSENT) -> str | None:
    """Give `length` characters from a position."""
    begin = int(start)
    if not begin or (length is not ABSENT and int(length) < 1):
        return run.warn("substring counts from 1, and takes a length of at least 1")
    if abs(begin) > len(text):
        return run.warn(f"the string has {len(text)} characters, and no position {start}")
    begin = begin - 1 if begin > 0 else len(text) + begin
    return run.sized(text[begin:] if length is ABSENT else text[begin : begin + int(length)])


@builtin("string length", "string")
def string_length(_run: Run, text: str) -> Decimal:
    """Count characters."""
    return Decimal(len(text))


@builtin("upper case", "string")
def upper_case(run: Run, text: str) -> str:
    """Give capitals."""
    return run.sized(text.upper())


@builtin("lower case", "string")
def lower_case(run: Run, text: str) -> str:
    """Give small letters."""
    return run.sized(text.lower())


@builtin("substring before", "string", "string")
def substring_before(run: Run, text: str, match: str) -> str:
    """Give what stands before the first match; nothing where there is none."""
    before, found, _ = text.partition(match) if match else ("", "", "")
    return run.sized(before) if found else ""


@builtin("substring after", "string", "string")
def substring_after(run: Run, text: str, match: str) -> str:
    """Give what stands after the first match; nothing where there is none."""
    if not match:
        return text
    _, found, after = text.partition(match)
    return run.sized(after) if found else ""


@builtin("contains", "string", "string")
def contains(run: Run, text: str, match: str) -> bool:
    """Whether a string has another within it."""
    run.spend(1 + len(text) // CHARACTERS_PER_STEP)
    return match in text


@builtin("starts with", "string", "string")
def starts_with(_run: Run, text: str, match: str) -> bool:
    """Whether a string begins with another."""
    return text.startswith(match)


@builtin("ends with", "string", "string")
def ends_with(_run: Run, text: str, match: str) -> bool:
    """Whether a string ends with another."""
    return text.endswith(match)


@lru_cache(maxsize=256)
def _compiled(pattern: str, flags: str) -> Any:
    """Compile an XPath pattern for RE2; None where RE2 has no such pattern (look-around, back-references)."""
    if not set(flags) <= _FLAGS or len(pattern) > _MAX_PATTERN:
        return None
    if "q" in flags:
        pattern = _spelling.escape(pattern)
    elif "x" in flags:
        pattern = _without_space(pattern)
    letters = "".join(sorted(set(flags) & set("smi")))
    options = re2.Options()
    options.log_errors = False
    options.max_mem = 1 << 22
    try:
        return re2.compile(f"(?{letters})(?:{pattern})" if letters else pattern, options)
    except re2.error:
        return None


def _without_space(pattern: str) -> str:
    """Drop white space outside character classes, as XPath's flag x has it."""
    kept, inside, escaped = [], False, False
    for sign in pattern:
        if escaped or inside or not sign.isspace():
            kept.append(sign)
        inside = (inside or sign == "[") and not (sign == "]" and not escaped)
        escaped = sign == "\\" and not escaped
    return "".join(kept)


def _pattern(run: Run, text: str, pattern: str, flags: Any) -> Any:
    run.spend(1 + len(text) // CHARACTERS_PER_STEP)
    compiled = _compiled(pattern, "" if flags is ABSENT or flags is None else flags)
    return (
        run.warn(f"{pattern[:60]!r} is not a pattern that FEEL takes here") if compiled is None else compiled
    )


@builtin("matches", "string", "string", "any?")
def matches(run: Run, text: str, pattern: str, flags: Any = ABSENT) -> bool | None:
    """Whether a pattern is found within a string."""
    if flags is not ABSENT and flags is not None and type(flags) is not str:
        return run.warn("the flags of a pattern are a string")
    compiled = _pattern(run, text, pattern, flags)
    return None if compiled is None else compiled.search(text) is not None


@builtin("replace", "string", "string", "string", "any?")
def replace(run: Run, text: str, pattern: str, replacement: str, flags: Any = ABSENT) -> str | None:
    """Put a replacement, in which `$1` is the first group, for every match of a pattern that does not match nothing."""
    if flags is not ABSENT and flags is not None and type(flags) is not str:
        return run.warn("the flags of a pattern are a string")
    compiled = _pattern(run, text, pattern, flags)
    if compiled is None or compiled.search("") is not None:
        return run.warn("replace needs a pattern that does not match the empty string")
    literal = type(flags) is str and "q" in flags
    parts: list[tuple[str, int | None]] | None = [(replacement, None)] if literal else _template(replacement)
    if parts is None:
        return run.warn("a replacement writes $0 to $9, \\$ and \\\\")
    return _replaced(run, text, compiled, parts)


def _template(replacement: str) -> list[tuple[str, int | None]] | None:
    """Split a replacement into text and group numbers; None where a dollar or backslash stands alone."""
    parts: list[tuple[str, int | None]] = []
    position = 0
    for match in _GROUP.finditer(replacement):
        parts.append((replacement[position : match.start()], None))
        escaped, group, *alone = match.groups()
        if any(alone) or (escaped is not None and escaped not in "$\\"):
            return None
        parts.append((escaped or "", int(group) if group is not None else None))
        position = match.end()
    parts.append((replacement[position:], None))
    return parts


def _replaced(run: Run, text: str, compiled: Any, parts: list[tuple[str, int | None]]) -> str:
    pieces: list[str] = []
    position = size = 0
    for match in compiled.finditer(text):
        run.spend(12 + len(parts))
        pieces.append(text[position : match.start()])
        for plain, group in parts:
            known = group is not None and group <= compiled.groups
            piece = (match.group(group) or "") if known else plain
            size += len(piece)
            pieces.append(piece)
        position = match.end()
        if size > run.limits.string:
            break
    pieces.append(text[position:])
    return run.sized("".join(pieces))


@builtin("split", "string", "string")
def split(run: Run, text: str, delimiter: str) -> list[str] | None:
    """Split a string where a pattern matches."""
    compiled = _pattern(run, text, delimiter, ABSENT)
    if compiled is None or compiled.search("") is not None:
        return run.warn("split needs a pattern that does not match the empty string")
    pieces: list[str] = []
    position = 0
    for match in compiled.finditer(text):
        run.spend(1)
        pieces.append(text[position : match.start()])
        position = match.end()
    pieces.append(text[position:])
    run.counted(len(pieces))
    return pieces


@builtin("string join", "list", "any?", "any?", "any?")
def string_join(
    run: Run, items: list[Any], delimiter: Any = None, prefix: Any = None, suffix: Any = None
) -> str | None:
    """Join the strings of a list, leaving out nulls."""
    extras = [None if extra is ABSENT else extra for extra in (delimiter, prefix, suffix)]
    texts = [item for item in items if item is not None]
    if not all(type(item) is str for item in [*texts, *(extra for extra in extras if extra is not None)]):
        return run.warn("string join takes strings")
    between, before, after = (extra or "" for extra in extras)
    run.spend(
        sum(map(len, texts)) // CHARACTERS_PER_STEP + len(texts) * (1 + len(between) // CHARACTERS_PER_STEP)
    )
    if sum(map(len, texts)) + len(texts) * len(between) > run.limits.string:
        run.spend(run.limits.steps + 1)
    return run.sized(before + between.join(texts) + after)
