"""The built-in functions of FEEL (DMN 1.5, 10.3.4), entered into one table by the modules that hold them."""

from app.feel.library import (
    contexts,
    conversions,
    dates,
    lists,
    numeric,
    ranges,
    statistics_of_lists,
    strings,
)
from app.feel.library.registry import ABSENT, NAMES, arrange, as_value, find

__all__ = [
    "ABSENT",
    "NAMES",
    "arrange",
    "as_value",
    "contexts",
    "conversions",
    "dates",
    "find",
    "lists",
    "numeric",
    "ranges",
    "statistics_of_lists",
    "strings",
]
