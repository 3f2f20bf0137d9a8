"""FEEL as definitions use it: compiled once for each text, evaluated over a scope on the house clock."""

import re
from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any

from app.feel import Compiled, FeelError
from app.feel import compile as compile_feel

_template = re.compile(r"\{\{(.*?)\}\}", re.DOTALL)


@lru_cache(maxsize=4096)
def compiled(text: str) -> Compiled:
    """Give an expression ready to be evaluated; raises FeelError where it is none."""
    return compile_feel(text)


def fault(text: str) -> FeelError | None:
    """Give what is wrong with the syntax of an expression, or None."""
    try:
        compiled(text)
    except FeelError as wrong:
        return wrong
    return None


def value(text: str, scope: Mapping[str, Any], now: datetime | None = None) -> Any:
    """Evaluate an expression; raises FeelError."""
    return compiled(text)(scope, now)


def value_or(text: str, scope: Mapping[str, Any], now: datetime | None, default: Any) -> Any:
    """Evaluate an expression; an error or null gives the default."""
    try:
        result = value(text, scope, now)
    except FeelError:
        return default
    return default if result is None else result


def placeholders(text: str) -> list[str]:
    """Give the expressions between `{{` and `}}` of a text."""
    return [match.strip() for match in _template.findall(text)]


def fill(text: str, scope: Mapping[str, Any], now: datetime | None, write: Any = str) -> str:
    """Put the values of its `{{FEEL}}` in a text; an error or null leaves nothing there."""

    def one(match: re.Match[str]) -> str:
        result = value_or(match[1].strip(), scope, now, None)
        return "" if result is None else str(write(result))

    return _template.sub(one, text)
