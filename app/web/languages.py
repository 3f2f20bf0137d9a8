"""Which language a page speaks: the person's own, else the visitor's choice, else Italian."""

import re

from flask import Blueprint, Flask, Response, request
from flask_babel import Babel, get_locale

from app.services import people
from app.web.session import house, me, me_or_none

blueprint = Blueprint("languages", __name__)
languages = {"it": "Italiano", "en": "English"}
_local = re.compile(r"/(?!/)[^\x00-\x1f\x7f\\]*")


def wanted() -> str:
    """Give the language of this request."""
    person = me_or_none()
    language = person.language if person else request.cookies.get("language", "it")
    return language if language in languages else "it"


def spoken() -> str:
    """Give the language of the page that is being made."""
    return str(get_locale() or "it")


def local_path(target: str | None, otherwise: str) -> str:
    """Give `target` if it is a path of this site, else `otherwise`: a redirect never leaves the house.

    A sign that a browser drops or turns (a line end, a tab, a backslash) makes it another address: it is refused.
    """
    return target if target and _local.fullmatch(target) else otherwise


@blueprint.post("/language")
def choose() -> Response:
    """Keep the chosen language: with the person, or in a cookie for a visitor."""
    language = request.form.get("language", "it")
    response = Response(status=303, headers={"Location": local_path(request.form.get("next"), "/")})
    if language in languages:
        if me_or_none():
            people.set_language(house(), me(), language)
        response.set_cookie("language", language, max_age=31536000, httponly=True, samesite="Lax")
    return response


def install(site: Flask) -> None:
    """Let Flask-Babel translate the site."""
    Babel(
        site,
        default_locale="it",
        default_timezone="Europe/Rome",
        locale_selector=wanted,
        default_translation_directories="translations",
    )
    site.register_blueprint(blueprint)
