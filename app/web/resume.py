"""What a person typed is not lost when their session ends: the log-in page carries it, sealed, and gives it back.

The posted fields travel as one encrypted token in a hidden field of the log-in page, so nothing is stored and any
web process can open it. After the log-in a page posts them again to where they were going, marked `_kept`; the view
there keeps them as a draft and shows its form filled with them.
"""

import json
import zlib

from cryptography.fernet import Fernet, InvalidToken
from flask import Request, current_app, request, url_for
from itsdangerous import BadSignature, URLSafeSerializer
from werkzeug.datastructures import MultiDict

from app.web.session import me_or_none

own_fields = ("csrf_token", "_by", "_kept")
lifetime = 3600  # seconds that a log-in page may lie open before its sealed fields expire


def keep_post() -> str:
    """Seal the fields of this request's post: path, who typed them, names and values."""
    kept = {"path": _resumable_path(request), "by": typed_by(), "fields": fields()}
    return _box().encrypt(zlib.compress(json.dumps(kept).encode())).decode()


def fields() -> list[tuple[str, str]]:
    """Give names and values of this request's post, but for those that the page itself adds."""
    return [(name, value) for name, value in request.form.items(multi=True) if name not in own_fields]


def open_kept(token: str, person: str) -> tuple[str, list[tuple[str, str]]] | None:
    """Give path and fields of a sealed post, or None if it expired, was altered, or another person typed it."""
    try:
        kept = json.loads(zlib.decompress(_box().decrypt(token.encode(), ttl=lifetime)))
    except InvalidToken:
        return None
    if kept["by"] not in (None, person):
        return None
    return kept["path"], [(name, value) for name, value in kept["fields"]]


def take_post() -> MultiDict[str, str] | None:
    """Give the fields typed before the session ended, when this request brings them back; else None."""
    if "_kept" not in request.form:
        return None
    return MultiDict(fields())


def typist() -> str:
    """Give the signed id of who fills in a form: it decides who gets the kept fields back."""
    person = me_or_none()
    return str(_signer().dumps(person.recorded_as)) if person else ""


def typed_by() -> str | None:
    """Give who was shown the form that this request posts, as signed by this house; None if that is not known."""
    try:
        return str(_signer().loads(request.form["_by"])) if request.form.get("_by") else None
    except BadSignature:
        return None


def _resumable_path(asked: Request) -> str:
    return asked.full_path.rstrip("?") if asked.endpoint else url_for("public.home")


def _signer() -> URLSafeSerializer:
    return URLSafeSerializer(current_app.secret_key or "", salt="typist")


def _box() -> Fernet:
    return Fernet(current_app.extensions["pratica.box"])
