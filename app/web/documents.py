"""Documents go out as downloads that no browser executes."""

from urllib.parse import quote

from flask import Blueprint, Response, g, url_for
from flask_login import login_required

from app.domain.cases import Document
from app.services import documents
from app.web.session import house, me

blueprint = Blueprint("documents", __name__, url_prefix="/documents")


@blueprint.get("/<document_id>")
@login_required
def download(document_id: str) -> Response:
    """Send a document to someone who may see its case; others learn nothing, not even that it exists."""
    return attached(*documents.read(house(), document_id, me()))


def address(document: Document) -> str:
    """Give the address of a document: for who acts as an invited, one of the pages that they are on."""
    if g.get("link"):
        return url_for(".download", document_id=document.id)
    return url_for("documents.download", document_id=document.id)


def attached(document: Document, data: bytes) -> Response:
    """Give a document as a download."""
    plain = document.name.encode("ascii", "replace").decode().replace("?", "_").replace('"', "_")
    headers = {
        "Content-Disposition": f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(document.name)}",
        "Content-Security-Policy": "default-src 'none'; sandbox",
        "X-Content-Type-Options": "nosniff",
        "X-Sha256": document.sha256,
    }
    return Response(data, mimetype=document.media_type, headers=headers)
