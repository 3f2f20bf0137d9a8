"""Documents go out as downloads that no browser executes, or to be read beside a form."""

from urllib.parse import quote

from flask import Blueprint, Response, g, url_for
from flask_login import login_required

from app.domain.cases import Document
from app.services import documents
from app.web.session import house, me

_SHOWN = frozenset({"application/pdf", "image/png", "image/jpeg", "image/gif", "image/webp"})
_BESIDE = (
    "default-src 'none'; img-src 'self'; object-src 'self'; style-src 'unsafe-inline'; frame-ancestors 'self'"
)
"""What a document may do that is shown within one of our pages: the browser's own reader styles itself."""
blueprint = Blueprint("documents", __name__, url_prefix="/documents")


@blueprint.get("/<document_id>")
@login_required
def download(document_id: str) -> Response:
    """Send a document to someone who may see its case; others learn nothing, not even that it exists."""
    return attached(*documents.read(house(), document_id, me()))


@blueprint.get("/<document_id>/view")
@login_required
def view(document_id: str) -> Response:
    """Send a document to be read beside a form, where its kind can be shown without running anything; else as a download."""
    document, data = documents.read(house(), document_id, me())
    return inline(document, data) if is_shown(document) else attached(document, data)


def is_shown(document: Document) -> bool:
    """Tell whether browsers show documents of this kind without running anything of theirs."""
    return document.media_type in _SHOWN


def address(document: Document) -> str:
    """Give the address of a document: for who acts as an invited, one of the pages that they are on."""
    if g.get("link"):
        return url_for(".download", document_id=document.id)
    return url_for("documents.download", document_id=document.id)


def attached(document: Document, data: bytes) -> Response:
    """Give a document as a download."""
    return _sent(document, data, "attachment", {"Content-Security-Policy": "default-src 'none'; sandbox"})


def inline(document: Document, data: bytes) -> Response:
    """Give a document to be shown in a frame of our own pages, and of nobody else's."""
    return _sent(
        document, data, "inline", {"Content-Security-Policy": _BESIDE, "X-Frame-Options": "SAMEORIGIN"}
    )


def _sent(document: Document, data: bytes, how: str, headers: dict[str, str]) -> Response:
    plain = document.name.encode("ascii", "replace").decode().replace("?", "_").replace('"', "_")
    headers = {
        **headers,
        "Content-Disposition": f"{how}; filename=\"{plain}\"; filename*=UTF-8''{quote(document.name)}",
        "X-Content-Type-Options": "nosniff",
        "X-Sha256": document.sha256,
    }
    return Response(data, mimetype=document.media_type, headers=headers)
