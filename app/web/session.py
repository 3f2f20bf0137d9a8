"""What a view knows of its request: the house, and who asks."""

from collections.abc import Callable
from typing import Any, ParamSpec, TypeVar, cast

import flask_login
from flask import current_app, g
from flask_babel import get_locale
from flask_babel import gettext as _
from flask_login import UserMixin, current_user

from app.domain.actors import Actor, system
from app.services import definitions, invitations, people
from app.services.house import House

P = ParamSpec("P")
R = TypeVar("R")
visitor = Actor(id="visitor", name="")


def login_required(view: Callable[P, R]) -> Callable[P, R]:
    """Let only people with a session reach a view; others are asked to log in first."""
    return cast("Callable[P, R]", flask_login.login_required(view))


class LoggedIn(UserMixin):  # type: ignore[misc]  # Flask-Login has no types
    """An actor as Flask-Login wants to see them."""

    def __init__(self, actor: Actor) -> None:
        self.actor = actor

    def get_id(self) -> str:
        """Give the id that the session keeps."""
        return self.actor.id


def house() -> House:
    """Give the house that this site serves."""
    return cast("House", current_app.extensions["pratica"])


def guest() -> Actor | None:
    """Give who acts in this request as an invited: by a personal link, whoever is logged in beside, or through their account."""
    return cast("Actor | None", g.get("guest"))


def logged_in() -> Actor | None:
    """Give who has a session, whatever link this request came by."""
    return cast("LoggedIn", current_user).actor if current_user.is_authenticated else None


def me() -> Actor:
    """Give who acts: by a personal link, else who is logged in; only for views behind either."""
    return guest() or cast("LoggedIn", current_user).actor


def me_or_none() -> Actor | None:
    """Give who acts, or None for a visitor."""
    return me() if guest() is not None or current_user.is_authenticated else None


class Names(dict[str, str]):
    """Names by log-in name; those who act by a personal link are looked up in the case that invited them."""

    def get(self, key: str, default: Any = None) -> Any:
        """Give the name of an id, else the default."""
        if key not in self and invitations.is_invited(key):
            self.update(invitations.names(house(), invitations.case_of(key)))
            self.setdefault(
                key, str(_("partner invited by link no. %(number)s", number=key.rpartition("/")[2]))
            )
        return super().get(key, default)


def names() -> dict[str, str]:
    """Give everybody's name by log-in name, the system's too."""
    return Names({**people.names(house()), system.id: str(_("the system"))})


def groups() -> dict[str, str]:
    """Give what the processes call their candidate groups, by code, in the page's language."""
    return definitions.group_names(house(), str(get_locale() or "it"))
