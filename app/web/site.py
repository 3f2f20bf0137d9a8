"""The pages of the house, put together."""

import base64
from datetime import timedelta
from hashlib import sha256

from flask import Flask
from flask_wtf import CSRFProtect

from app.services.house import House
from app.web import (
    admin,
    assets,
    auth,
    bulk,
    called,
    cases,
    desk,
    documents,
    drafts,
    formats,
    frame,
    invitations,
    invited_messages,
    keeping,
    languages,
    messages,
    portal,
    public,
    refusals,
    security,
    simulators,
    studio,
    tasks,
    uploads,
)

csrf = CSRFProtect()


def create_site(house: House) -> Flask:
    """Make the site that serves a house to browsers."""
    site = Flask("app.web", static_folder=None)
    site.request_class = uploads.Post
    site.config.update(_configuration(house))
    site.extensions |= {"pratica": house, "pratica.box": _box_key(house)}
    site.jinja_options = {"trim_blocks": True, "lstrip_blocks": True}
    for part in (auth, languages, formats, called, frame, security, refusals):
        part.install(site)
    csrf.init_app(site)
    for part in (
        assets,
        public,
        portal,
        desk,
        bulk,
        tasks,
        drafts,
        documents,
        invited_messages,
        cases,
        messages,
        simulators,
        studio,
        admin,
    ):
        site.register_blueprint(part.blueprint)
    site.register_blueprint(keeping.blueprint, name="kept", url_prefix=invitations.kept_prefix)
    return site


def _box_key(house: House) -> bytes:
    """Give the key under which posts are kept while somebody logs in again."""
    return base64.urlsafe_b64encode(sha256(f"kept posts\n{house.settings.secret_key}".encode()).digest())


def _configuration(house: House) -> dict[str, object]:
    return {
        "SECRET_KEY": house.settings.secret_key,
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_NAME": "pratica",
        "SESSION_COOKIE_SAMESITE": "Lax",
        "SESSION_COOKIE_SECURE": house.settings.secure_cookies,
        "PERMANENT_SESSION_LIFETIME": timedelta(hours=10),
        "SESSION_REFRESH_EACH_REQUEST": False,  # an answer still on its way would log in again who has logged out
        "MAX_CONTENT_LENGTH": house.settings.document_limit + 1024 * 1024,
        "MAX_FORM_MEMORY_SIZE": 4 * 1024 * 1024,
        "MAX_FORM_PARTS": 5000,
        "WTF_CSRF_TIME_LIMIT": None,  # a token lives as long as its session: a form may lie open all day
        "RATELIMIT_STORAGE_URI": "memory://",
    }
