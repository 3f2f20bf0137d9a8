"""The headers that every answer carries, and the requests that no part of the site could answer."""

from typing import Any

from flask import Flask, Response, abort, request
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.routing import IntegerConverter

from app.definitions import expressions

content_security_policy = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self' data:; "
    "connect-src 'self'; frame-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)

headers = {
    "Content-Security-Policy": content_security_policy,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=()",
    "X-Frame-Options": "DENY",
}


forms_of_tasks = (
    "tasks.answer",
    "tasks.draft",
    "invitations.answer",
    "invitations.draft",
    "kept.answer",
    "kept.draft",
)


class Number(IntegerConverter):
    """A number in an address: one that is larger than any the database gives is of nothing."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **{"max": 2**31 - 1, **options})


def protect(response: Response) -> Response:
    """Add the headers; a page of a person is not kept by caches between."""
    for name, value in headers.items():
        response.headers.setdefault(name, value)
    response.headers.setdefault("Cache-Control", "no-store")
    return response


def refuse_address(_endpoint: str | None, _values: dict[str, Any] | None) -> None:
    """Refuse addresses with a zero byte, which PostgreSQL cannot hold, before any part looks up what they name."""
    if "\0" in request.path:
        abort(404)


def refuse_unstorable() -> None:
    """Refuse fields with a zero byte, which PostgreSQL cannot hold and no browser types.

    A task's form is let through: what was typed there is kept whatever it is, and refused at its field.
    """
    typed = [] if request.endpoint in forms_of_tasks else [*request.form.values()]
    if any("\0" in text for text in [*request.args.values(), *typed]):
        abort(400)


def install(site: Flask) -> None:
    """Send the headers with every answer of the site, bound what its forms compute, refuse what no part of it could keep.

    What proxies in front say of an address is believed as far as there are proxies of the house.
    """
    if count := site.extensions["pratica"].settings.proxies:
        site.wsgi_app = ProxyFix(site.wsgi_app, x_for=count, x_proto=count, x_host=count)  # type: ignore[method-assign]
    site.url_map.converters["int"] = Number
    site.url_value_preprocessor(refuse_address)
    site.before_request(expressions.begin_page)
    site.teardown_request(lambda _error: expressions.end_page())
    site.before_request(refuse_unstorable)
    site.after_request(protect)
