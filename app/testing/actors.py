"""The people of the stories and the demonstration, from `processes/demo.toml`."""

import tomllib
from dataclasses import dataclass, field
from pathlib import Path

from app.domain.actors import Actor, Capability
from app.domain.errors import StoryInvalid


@dataclass(frozen=True)
class Cast:
    """The people, the one password that all of them have in a demonstration, and the stories it plays.

    `opening` are the stories that a new demonstration begins with, `stories` those of the worked cases.
    """

    people: dict[str, Actor]
    password: str = ""
    stories: tuple[str, ...] = field(default=())
    opening: tuple[str, ...] = field(default=())


def read_cast(content: Path) -> Cast:
    """Read the people of a content folder; StoryInvalid names what is wrong."""
    path = content / "processes" / "demo.toml"
    if not path.is_file():
        return Cast({})
    table = tomllib.loads(path.read_text())
    people = {}
    for login, entry in table.get("people", {}).items():
        try:
            people[login] = _person(login, entry)
        except (KeyError, ValueError) as wrong:
            raise StoryInvalid(f"Expected {login} in {path.name} to be a person, but: {wrong}.") from wrong
    told, opening = tuple(table.get("stories", ())), tuple(table.get("opening", ()))
    return Cast(people, str(table.get("password", "")), told, opening)


def _person(login: str, entry: dict[str, object]) -> Actor:
    return Actor(
        id=login,
        name=str(entry["name"]),
        email=str(entry.get("email", f"{login}@pratica.example")),
        groups=frozenset(_words(entry, "groups")),
        capabilities=frozenset(Capability(word) for word in _words(entry, "capabilities")),
        language=str(entry.get("language", "it")),
        organisation=str(entry.get("organisation", "")),
    )


def _words(entry: dict[str, object], key: str) -> list[str]:
    words = entry.get(key, [])
    return [str(word) for word in words] if isinstance(words, list) else []
