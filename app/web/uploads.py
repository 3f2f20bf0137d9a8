"""The files of a post: read so that none costs the fields beside it, stored for an open task, refused at their field."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from tempfile import SpooledTemporaryFile
from typing import IO, Any

from flask import Request, request
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.datastructures import MultiDict

from app.definitions import forms
from app.definitions.forms import Field, Form
from app.domain.actors import Actor
from app.domain.cases import Document
from app.domain.errors import DocumentRefused, NotAllowed, TaskNotOpen, TaskTaken
from app.services import documents
from app.services.house import House
from app.services.tasks import TaskView
from app.web.session import house as house_of_site
from app.web.session import me_or_none

Keep = Callable[[str, bytes, documents.Wanted], Document]
"""What stores a file by name, bytes and what its field wants, or refuses it."""

prefix = "_file."
_in_memory = 512 * 1024  # bytes of a file that are kept in memory before it goes to disk


class Spool(SpooledTemporaryFile[bytes]):
    """A file on its way in: at most `most` bytes are kept, the rest is read and let go."""

    def __init__(self, most: int) -> None:
        super().__init__(max_size=_in_memory)
        self._most = most

    def write(self, data: bytes) -> int:  # type: ignore[override]  # a stream of bytes, as Werkzeug writes it
        """Keep what there is room for; to the writer everything is written."""
        super().write(data[: max(self._most - self.tell(), 0)])
        return len(data)


class Post(Request):
    """A request whose files may be too large without making its other fields unreadable."""

    def _get_file_stream(
        self,
        total_content_length: int | None,  # noqa: ARG002  Werkzeug's signature
        content_type: str | None,  # noqa: ARG002
        filename: str | None = None,  # noqa: ARG002
        content_length: int | None = None,  # noqa: ARG002
    ) -> IO[bytes]:
        """Keep one byte more than is allowed, so that it is seen to be too large; nothing of a visitor's."""
        most = house_of_site().settings.document_limit + 1
        return Spool(most if me_or_none() else 0)


@dataclass
class Uploads:
    """What became of the files of a post, by the path of their field; `lost` names those of a task that is closed.

    `digests` stand for the files themselves: path, name and SHA-256 of each.
    """

    documents: dict[str, list[Document]] = field(default_factory=dict)
    errors: dict[str, list[str]] = field(default_factory=dict)
    lost: list[str] = field(default_factory=list)
    digests: list[tuple[str, str, str]] = field(default_factory=list)

    def put_into(self, posted: MultiDict[str, str], form: Form | None) -> None:
        """Write the documents into the posted fields: beside those there where several are asked, else in their place."""
        asked = pickers(form)
        for path, added in self.documents.items():
            ids = [document.id for document in added]
            kept = [one for one in posted.getlist(path) if one not in ids]
            posted.setlist(path, [*kept, *ids] if asked[within_row(path)].multiple else ids[-1:])


def take(house: House, view: TaskView, by: Actor) -> Uploads:
    """Store the files of this request for the fields of the task that ask for one."""
    return take_for(
        view.form, lambda name, data, wanted: documents.attach(house, view.task.id, name, data, by, wanted)
    )


def take_for(form: Form | None, keep: Keep) -> Uploads:
    """Store the files of this request for the fields of a form that ask for one, each by `keep`."""
    taken, asked = Uploads(), pickers(form)
    for name, uploads in request.files.lists():
        path = name.removeprefix(prefix)
        picker = asked.get(within_row(path))
        if picker is None or not name.startswith(prefix):
            continue
        for upload in uploads:
            if upload.filename:
                data = upload.stream.read()
                _take_one(keep, taken, (path, picker, upload.filename, data))
    return taken


def _take_one(keep: Keep, taken: Uploads, given: tuple[str, Field, str, bytes]) -> None:
    path, picker, name, data = given
    taken.digests.append((path, name, sha256(data).hexdigest()))
    wanted = documents.Wanted(picker.accept, picker.bounds.max_bytes)
    try:
        document = keep(name, data, wanted)
    except DocumentRefused as refused:
        taken.errors.setdefault(path, []).append(refusal(refused))
    except (TaskNotOpen, TaskTaken, NotAllowed):
        taken.errors.setdefault(path, []).append(_("%(name)s was not kept.", name=name))
        taken.lost.append(name)
    else:
        taken.documents.setdefault(path, []).append(document)


def pickers(form: Form | None) -> dict[str, Field]:
    """Give the fields of a form that ask for files, by their name in the form or in their row."""
    fields = forms.every(form.fields) if form else ()
    return {asked.name: asked for asked in fields if asked.type == "filepicker"}


def within_row(path: str) -> str:
    """Give the name of a field in its row: `partner.12.allegati` is `allegati`."""
    parts = path.split(".")
    numbers = [index for index, part in enumerate(parts) if part.isdecimal()]
    return ".".join(parts[numbers[-1] + 1 :]) if numbers else path


def request_limit() -> int:
    """Give how many bytes a post with files may have: several files, each of which is measured by itself."""
    settings = house_of_site().settings
    return max(settings.request_limit, settings.document_limit + 1024 * 1024)


def too_large_words() -> str:
    """Say that a post was too large to be read, and how to send what it held."""
    return _(
        "What you sent is larger than %(most)s MB in all, so none of it could be read. Go back with the button of "
        "your browser, where what you typed may still be, take some files out, and save the draft after every few files.",
        most=request_limit() // 2**20,
    )


def lost_words(names: Sequence[str]) -> str:
    """Say which files were not kept, or nothing where none was sent."""
    return _("These files were not kept: %(names)s.", names=", ".join(names)) if names else ""


refusals: dict[str, Any] = {
    "too_large": _l("%(name)s is larger than %(limit)s MB. Send a smaller file."),
    "empty": _l("%(name)s is empty. Choose the file again."),
    "kind": _l("%(name)s is of a kind that is not accepted. Accepted: %(kinds)s."),
    "mistyped": _l("%(name)s is not really a %(kind)s file. Save it again as %(kind)s and send that."),
    "active_content": _l(
        "%(name)s holds scripts, programs or commands. Print it to a new PDF, and send that."
    ),
    "encrypted": _l("%(name)s is protected with a password. Save it without one, and send that."),
    "tangled": _l("%(name)s is built so that it cannot be checked. Print it to a new PDF, and send that."),
    "infected": _l(
        "%(name)s is infected (%(virus)s) and was not kept. Check your computer, and send a clean file."
    ),
    "unscanned": _l(
        "%(name)s could not be searched for viruses just now, so it was not kept. Try again in some minutes."
    ),
}


def refusal(error: DocumentRefused) -> str:
    """Say in the person's language why a file was refused and what would help."""
    told = {key: str(value) for key, value in error.details.items()}
    template = refusals.get(told.get("reason", ""))
    return str(error) if template is None else str(template) % {"limit": told.get("limit_mb", ""), **told}
