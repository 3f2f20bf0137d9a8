"""The built front end: hashed names, packed beforehand, kept by browsers for a year."""

import json
from functools import cache
from pathlib import Path

from flask import Blueprint, Response, request, send_from_directory, url_for

from app.domain.errors import ConfigurationInvalid

blueprint = Blueprint("assets", __name__, url_prefix="/static")
folder = Path(__file__).parent / "static" / "dist"


@cache
def manifest() -> dict[str, str]:
    """Give the built file of each source name (`base.js` -> `base-4FJ2.js`)."""
    try:
        return dict(json.loads((folder / "manifest.json").read_text()))
    except FileNotFoundError:
        raise ConfigurationInvalid(
            f"Expected the built front end in {folder}, but there is none: run `make install`.",
        ) from None


def asset(name: str) -> str:
    """Give the address of a built file by its source name."""
    return url_for("assets.serve", name=manifest()[name])


def has_asset(name: str) -> bool:
    """Tell whether a source file was built."""
    return name in manifest()


@blueprint.get("/<path:name>")
def serve(name: str) -> Response:
    """Send a built file, packed if the browser takes it so."""
    packed = f"{name}.gz"
    if request.accept_encodings["gzip"] and (folder / packed).is_file() and not name.endswith(".gz"):
        response = send_from_directory(folder, packed, mimetype=_media_type(name))
        response.headers["Content-Encoding"] = "gzip"
    else:
        response = send_from_directory(folder, name, mimetype=_media_type(name))
    response.headers["Vary"] = "Accept-Encoding"
    response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
    return response


def _media_type(name: str) -> str | None:
    known = {".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml", ".woff2": "font/woff2"}
    return known.get(Path(name).suffix)
