"""The demonstration: its people, its definitions, and the worked cases played into a real house."""

from collections.abc import Iterable

from app.domain.actors import system
from app.domain.errors import NotAllowed
from app.services import definitions, projections
from app.services import people as persons
from app.services.house import House
from app.store.clock import HouseClock
from app.testing.actors import Cast, read_cast
from app.testing.clock import travel
from app.testing.player import perform
from app.testing.stories import Story, read_story


def begin(house: House) -> list[str]:
    """Deploy the shipped processes and add the people; a demonstration without cases begins with its opening stories.

    Gives lines to print: what was played, and the people with the password that they share.
    """
    cast = read_cast(house.settings.content)
    lines = _people(house, cast)
    definitions.deploy_shipped(house, system)
    if house.settings.demo and isinstance(house.clock, HouseClock) and not projections.case_ids(house):
        lines = [*_play(house, house.clock, _stories(house, cast.opening), cast), *lines]
    return lines


def load(house: House) -> list[str]:
    """Deploy the shipped processes, add the people and play the demonstration's stories; gives a line for each.

    The clock of the house goes back to where the first story starts, and then with the stories. NotAllowed outside
    a demonstration, and where there are cases already.
    """
    if not house.settings.demo or not isinstance(house.clock, HouseClock):
        raise NotAllowed("Expected a demonstration, but this house keeps real time.", reason="not_demo")
    there = projections.case_ids(house)
    if there:
        raise NotAllowed(
            f"Expected a house without cases, but {house.settings.home} has {len(there)}."
            " Set PRATICA_HOME to a new folder, and serve that one.",
            reason="not_empty",
        )
    definitions.deploy_shipped(house, system)
    cast = read_cast(house.settings.content)
    lines = _people(house, cast)
    return [*lines, *_play(house, house.clock, _stories(house, cast.stories), cast)]


def _people(house: House, cast: Cast) -> list[str]:
    known = persons.names(house)
    for person in cast.people.values():
        if person.id not in known:
            persons.add(house, person, cast.password)
    lines = [
        f"  {person.id:10} {person.name} ({', '.join(sorted(person.groups | person.capabilities)) or 'portale'})"
        for person in cast.people.values()
    ]
    return [f"People of the demonstration, password {cast.password!r}:", *lines] if lines else []


def _play(house: House, clock: HouseClock, told: Iterable[Story], cast: Cast) -> list[str]:
    lines: list[str] = []
    for number, story in enumerate(told):
        if number == 0:
            clock.set(story.starts)  # back: nothing has happened yet, and the call closed in the past
        travel(house, clock, story.starts)
        stage = perform(house, story, cast)
        lines.append(f"{story.title}: {', '.join(stage.named.values())}")
    return lines


def _stories(house: House, named: Iterable[str]) -> list[Story]:
    folder = house.settings.content / "processes"
    names = [name.partition("/") for name in named]
    return [
        read_story(folder / process / "scenarios" / f"{story}.toml", process) for process, _, story in names
    ]
