"""The pages speak Italian and English completely: every message of the sources stands in the Italian catalogue."""

import re
from functools import cache
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.pofile import read_po

web = Path(__file__).parents[3] / "app" / "web"
methods = [("frontend/**", "ignore"), ("**.py", "python"), ("templates/**.html", "jinja2")]


@cache
def _asked() -> frozenset[str]:
    keywords = DEFAULT_KEYWORDS | {"_l": None}
    found = extract_from_dir(web, methods, {"templates/**.html": {"trimmed": "true"}}, keywords=keywords)
    return frozenset(m if isinstance(m, str) else m[0] for _file, _line, m, _comments, _context in found)


@cache
def _italian() -> Catalog:
    with (web / "translations" / "it" / "LC_MESSAGES" / "messages.po").open("rb") as file:
        return read_po(file, locale="it")


def _known() -> dict[str, tuple[str, ...]]:
    texts = {}
    for message in _italian():
        if message.id:
            key = message.id if isinstance(message.id, str) else message.id[0]
            texts[key] = (message.string,) if isinstance(message.string, str) else tuple(message.string)
    return texts


def test_the_sources_hold_messages() -> None:
    assert len(_asked()) > 300


def test_no_message_lacks_italian() -> None:
    known = _known()
    assert sorted(m for m in _asked() if m and not all(known.get(m, ("",)))) == []


def test_the_catalogue_holds_nothing_that_nobody_asks_for() -> None:
    assert sorted(set(_known()) - _asked()) == []


def test_a_translation_keeps_the_places_of_its_message() -> None:
    for message, texts in _known().items():
        places = set(re.findall(r"%\(\w+\)[sd]", message))
        for text in texts:
            assert set(re.findall(r"%\(\w+\)[sd]", text)) == places, message


def test_no_translation_is_uncertain() -> None:
    assert [m.id for m in _italian() if m.id and m.fuzzy] == []
