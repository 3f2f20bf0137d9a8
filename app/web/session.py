"""What a view knows of its request: the house, and who asks."""

from collections.abc import Callable
from typing import ParamSpec, TypeVar, cast

import flask_login
from flask import current_app
from flask_babel import get_locale
from flask_babel import gettext as _
from flask_login import UserMixin, current_user

from app.domain.actors import Actor, system
from app.services import definitions, people
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


def me() -> Actor:
    """Give who is logged in; only for views behind `login_required`."""
    return cast("LoggedIn", current_user).actor


def me_or_none() -> Actor | None:
    """Give who is logged in, or None for a visitor."""
    return me() if current_user.is_authenticated else None


def names() -> dict[str, str]:
    """Give everybody's name by log-in name, the system's too."""
    return {**people.names(house()), system.id: str(_("the system"))}


def groups() -> dict[str, str]:
    """Give what the processes call their candidate groups, by code, in the page's language."""
    return definitions.group_names(house(), str(get_locale() or "it"))
