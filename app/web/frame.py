"""What stands around every page: who is here, where they may go, what time the house has."""

from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from secrets import token_urlsafe
from typing import Any

from flask import Flask, current_app, request
from flask_babel import lazy_gettext as _l

from app.domain.actors import Actor, Capability
from app.web import assets, documents, resume
from app.web.languages import languages, spoken
from app.web.session import guest, house, logged_in, me_or_none


@dataclass(frozen=True)
class Place:
    """An entry of the main navigation; `prefix` tells which pages belong to it."""

    label: Any
    endpoint: str
    prefix: str


portal = Place(_l("Portal"), "portal.index", "/portal")
desk = Place(_l("Desk"), "desk.index", "/desk")
every_case = Place(_l("Cases"), "cases.index", "/cases")
studio = Place(_l("Studio"), "studio.index", "/studio")
admin = Place(_l("Administration"), "admin.index", "/admin")


def places(person: Actor | None) -> list[Place]:
    """Give the places that a person may enter, in the order of the navigation."""
    if person is None:
        return []
    sees_cases = bool(person.groups) or Capability.auditor in person.capabilities
    open_to_all = [portal, *([desk] if person.groups else []), *([every_case] if sees_cases else [])]
    studios = [studio] if Capability.designer in person.capabilities else []
    return [*open_to_all, *studios, *([admin] if Capability.operator in person.capabilities else [])]


def product_version() -> str:
    """Give the version of the installed product."""
    try:
        return version("pratica")
    except PackageNotFoundError:
        return "0"


def surroundings() -> dict[str, Any]:
    """Give what every template may use."""
    person, visiting = me_or_none(), guest()
    account = (
        logged_in() if visiting is None or visiting.account else None
    )  # a link shows nobody else's log-in
    settings = house().settings
    known = current_app.view_functions
    return {
        "person": person,
        "account": account,
        "places": [place for place in places(account) if place.endpoint in known],
        "language": spoken(),
        "languages": languages,
        "settings": settings,
        "house_time": house().clock.now() if settings.demo else None,
        "product_version": product_version(),
        "here": request.full_path.rstrip("?") if request.method == "GET" else _readable(request.path),
        "guest": visiting,
        "document_address": documents.address,
        "asset": assets.asset,
        "has_asset": assets.has_asset,
        "typist": resume.typist,
        "fresh_key": lambda: token_urlsafe(16),
        "may": _may(person),
    }


def _readable(path: str) -> str:
    """Give the address at or above a path that a browser can open: some addresses only take a post."""
    adapter = current_app.create_url_adapter(request)
    while adapter and path not in ("", "/") and not adapter.test(path, "GET"):
        path = path.rpartition("/")[0]
    return path or "/"


def _may(person: Actor | None) -> frozenset[str]:
    return frozenset(str(c) for c in person.capabilities) if person else frozenset()


def install(site: Flask) -> None:
    """Give every template its surroundings."""
    site.context_processor(surroundings)
