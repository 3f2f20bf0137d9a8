"""The error summary of a form: each line names its field as the page does, and leads to it."""

from dataclasses import dataclass

from app.definitions.forms import Field


@dataclass(frozen=True)
class Problem:
    """A line of the error summary: it leads to the field that it is about."""

    label: str
    sentence: str
    href: str


def place(path: str, fields: tuple[Field, ...], language: str) -> str:
    """Give the words of a path: `referente.nome` is `Referente, Nome`, `partner.2.cf` is `Partner 3, Codice fiscale`."""
    return ", ".join(word for word in _words(path, fields, language) or [path] if word)


def _words(path: str, fields: tuple[Field, ...], language: str) -> list[str] | None:
    """Give the labels on the way to a path, or None where these fields do not hold it; steps are not named."""
    for asked in fields:
        label = asked.label.of(language) or asked.key
        if path and path == asked.name:
            return [label]
        inside, rest = _entered(path, asked)
        if inside is None:
            continue
        if asked.type == "group":
            found = _words(rest, asked.fields, language)
            if found is not None:
                return found if asked.section else [asked.label.of(language), *found]
        else:
            found = _words(rest, asked.fields, language) if rest else []
            return [f"{label} {inside + 1}", *([rest] if found is None else found)]
    return None


def _entered(path: str, asked: Field) -> tuple[int | None, str]:
    """Give what is left of a path inside a group or in a row of a list, and that row's number (0 in a group)."""
    if asked.type == "group":
        return 0, path
    if asked.type == "dynamiclist" and path.startswith(f"{asked.name}."):
        number, _dot, rest = path.removeprefix(f"{asked.name}.").partition(".")
        return (int(number), rest) if number.isdecimal() else (None, path)
    return None, path
