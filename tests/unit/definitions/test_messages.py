"""Every sentence exists in both languages and takes the same values."""

import string

from app.definitions.forms import messages


def test_both_languages_say_everything_with_the_same_values() -> None:
    for code in messages.codes():
        italian, english = (messages._TABLE[code][n] for n in (0, 1))
        assert italian.endswith(".")
        assert english.endswith(".")
        assert _values(italian) == _values(english), code


def _values(text: str) -> set[str | None]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}
