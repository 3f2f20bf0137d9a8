"""The kinds of answer as marshmallow fields: what was sent becomes a FEEL value, or a sentence in the person's language.

An empty answer is None here; whether one is required depends on conditions and is asked later.
"""

import unicodedata
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

import re2
from marshmallow import ValidationError, fields

from app.definitions.forms import literals, validators
from app.definitions.forms.messages import say
from app.definitions.forms.model import COMPANION, SEVERAL, Field
from app.definitions.forms.sealed_text import said_in

MAX_TEXT = 100_000
_TRUTHS = {
    "on": True,
    "true": True,
    "1": True,
    "yes": True,
    "off": False,
    "false": False,
    "0": False,
    "": False,
}


def option_key(value: Any) -> str:
    """Give the text that stands for an option's value in HTML and in what is posted."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, Mapping):
        return "|".join(option_key(part) for part in value.values())
    return literals.write(value)


class _Answer(fields.Field[Any], ABC):
    """A field of a form in a language; subclasses read one value."""

    def __init__(self, asked: Field, language: str) -> None:
        super().__init__(required=False, allow_none=True, load_default=None)
        self.asked, self.language = asked, language

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        del attr, data, kwargs  # marshmallow's signature; an answer is read from its own value alone
        return self.read(value)

    @abstractmethod
    def read(self, value: Any) -> Any:
        """Give the value, or raise ValidationError with a sentence."""

    def refuse(self, code: str, **values: object) -> ValidationError:
        return ValidationError([say(code, self.language, **values)])

    def single(self, value: Any) -> Any:
        if isinstance(value, (list, tuple)) and len(value) <= 1:
            return value[0] if value else None
        return value

    def text(self, value: Any) -> str:
        value = self.single(value)
        if not isinstance(value, str):
            raise self.refuse("not_text")
        return value


class TextAnswer(_Answer):
    """A text: trimmed, in one Unicode form, with the line breaks of the typist made one kind."""

    def read(self, value: Any) -> str | None:
        typed = (
            unicodedata.normalize("NFC", self.text(value)).replace("\r\n", "\n").replace("\r", "\n").strip()
        )
        if not typed:
            return None
        if any(unicodedata.category(c) in {"Cc", "Cs"} and c not in "\n\t" for c in typed):
            raise self.refuse("characters")
        self._measure(typed)
        names = list(self.asked.validators)
        if self.asked.format == "email" and not names:
            names = ["email"]
        for name in names:
            if name in validators.names():
                typed, fault = validators.run(name, typed)
                if fault:
                    raise self.refuse(fault)
        return typed

    def _measure(self, typed: str) -> None:
        bounds, count = self.asked.bounds, len(typed)
        most = min(bounds.max_length or MAX_TEXT, MAX_TEXT)
        if bounds.min_length and count < bounds.min_length:
            raise self.refuse("min_length", least=bounds.min_length, count=count)
        if count > most:
            raise self.refuse("max_length", most=most, count=count)
        if bounds.pattern and not re2.search(bounds.pattern, typed):
            own = self.asked.properties.get(f"pattern_message_{self.language}")
            raise ValidationError([str(own)]) if own else self.refuse("pattern")


class NumberAnswer(_Answer):
    """A number, exact; too many decimals are an error."""

    def read(self, value: Any) -> Decimal | None:
        value = self.single(value)
        if isinstance(value, str) and not value.strip():
            return None
        number = self._read(value)
        low, high = self.asked.bounds.minimum, self.asked.bounds.maximum
        if low is not None and number < low:
            raise self.refuse("minimum", limit=literals.write(low, self.language))
        if high is not None and number > high:
            raise self.refuse("maximum", limit=literals.write(high, self.language))
        return number

    def _read(self, value: Any) -> Decimal:
        if isinstance(value, bool) or not isinstance(value, (str, int, float, Decimal)):
            raise self.refuse("number")
        read = literals.read_number if isinstance(value, str) else literals.read_exact
        if isinstance(value, Decimal):
            value = f"{value:f}" if value.is_finite() else ""
        try:
            return read(str(value), self.asked.bounds.decimals)
        except literals.Unreadable as wrong:
            raise self.refuse(wrong.code, **wrong.values) from None


class MomentAnswer(_Answer):
    """A date, a time, or date and time of Europe/Rome."""

    readers: Mapping[str, tuple[type, Callable[[str], Any]]] = {
        "date": (date, literals.read_date),
        "time": (time, literals.read_time),
        "datetime": (datetime, literals.read_moment),
    }

    def read(self, value: Any) -> Any:
        kind, read = self.readers.get(self.asked.subtype, self.readers["date"])
        value = self.single(value)
        if isinstance(value, datetime) and value.tzinfo is None:
            value = value.isoformat()
        if type(value) is kind:
            return value
        typed = self.text(value).strip()
        if not typed:
            return None
        try:
            return read(typed)
        except literals.Unreadable as wrong:
            raise self.refuse(wrong.code, **wrong.values) from None


class TickAnswer(_Answer):
    """True or false; a box that was not sent is false."""

    def __init__(self, asked: Field, language: str) -> None:
        super().__init__(asked, language)
        self.load_default = False

    def read(self, value: Any) -> bool:
        value = value[-1] if isinstance(value, (list, tuple)) and value else value
        if isinstance(value, bool):
            return value
        truth = _TRUTHS.get(value.lower()) if isinstance(value, str) else None
        if truth is None:
            raise self.refuse("tick")
        return truth


class ChoiceAnswer(_Answer):
    """One of the options, or several; options that are computed are looked up later."""

    def read(self, value: Any) -> Any:
        if self.asked.type not in SEVERAL:
            return self._one(self.single(value))
        items = value if isinstance(value, (list, tuple)) else [value]
        chosen = [self._one(item) for item in items]
        return [item for n, item in enumerate(chosen) if item is not None and item not in chosen[:n]]

    def _one(self, value: Any) -> Any:
        if value is None or value == "":
            return None
        if self.asked.options_source:
            return value
        if isinstance(value, (Sequence, Mapping)) and not isinstance(value, str):
            raise self.refuse("not_text")
        typed = option_key(value)
        for option in self.asked.options:
            if option_key(option.value) == typed:
                return option.value
        raise self.refuse("choice", text=typed[:80])


class FilesAnswer(_Answer):
    """The id of a document of the case, or several."""

    def read(self, value: Any) -> Any:
        items = value if isinstance(value, (list, tuple)) else [value]
        ids = [item.strip() for item in items if isinstance(item, str) and item.strip()]
        if any(not isinstance(item, (str, type(None))) for item in items):
            raise self.refuse("not_text")
        if self.asked.multiple:
            return list(dict.fromkeys(ids))
        if len(ids) > 1:
            raise self.refuse("one_file")
        return ids[0] if ids else None


class CompanionAnswer(_Answer):
    """What a register said of a row or group; what is none of the house's is nothing at all."""

    def read(self, value: Any) -> Any:
        return said_in(self.single(value))


KINDS: Mapping[str, type[_Answer]] = {
    COMPANION: CompanionAnswer,
    "textfield": TextAnswer,
    "textarea": TextAnswer,
    "number": NumberAnswer,
    "datetime": MomentAnswer,
    "checkbox": TickAnswer,
    "checklist": ChoiceAnswer,
    "taglist": ChoiceAnswer,
    "radio": ChoiceAnswer,
    "select": ChoiceAnswer,
    "filepicker": FilesAnswer,
}
