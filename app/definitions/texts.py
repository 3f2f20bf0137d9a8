"""A text in the two languages of the house."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

LANGUAGES = ("it", "en")


@dataclass(frozen=True)
class Text:
    """What a person reads, in Italian and English; a language that is missing falls back to the other."""

    it: str = ""
    en: str = ""

    def of(self, language: str) -> str:
        """Give the text in a language (`it` or `en`)."""
        return (self.en or self.it) if language == "en" else (self.it or self.en)

    def __bool__(self) -> bool:
        return bool(self.it or self.en)

    def __str__(self) -> str:
        return self.of("it")


def text_of(value: Any, fallback: str = "") -> Text:
    """Read a text written as a plain string or as a table with `it` and `en`."""
    if isinstance(value, Mapping):
        return Text(*(words if isinstance(words := value.get(each), str) else "" for each in LANGUAGES))
    return Text(str(value)) if isinstance(value, str) and value else Text(fallback)
