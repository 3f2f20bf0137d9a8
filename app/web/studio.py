"""The designers' place: processes and their versions, findings at their elements, upload and deploy."""

import base64
import io
import zipfile
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from flask import Blueprint, Response, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.definitions import bundle as bundles
from app.domain.bundles import Bundle
from app.domain.definitions import Finding
from app.domain.errors import BundleInvalid
from app.services import definitions
from app.services.definitions import DefinitionView
from app.services.house import House
from app.web import diagrams
from app.web.languages import spoken
from app.web.session import house, login_required, me, names

blueprint = Blueprint("studio", __name__, url_prefix="/studio")
largest_upload = 2 * 1024 * 1024  # bytes of a packed bundle that the deploy form can carry


@dataclass(frozen=True)
class Process:
    """A process with its versions, latest first."""

    id: str
    versions: list[DefinitionView]
    findings: list[Finding] = field(default_factory=list)

    @property
    def latest(self) -> DefinitionView:
        """The version that new instances start on."""
        return self.versions[0]

    @property
    def running(self) -> int:
        """How many instances run on any version."""
        return sum(version.running for version in self.versions)

    @property
    def finished(self) -> int:
        """How many instances have ended on any version."""
        return sum(version.finished for version in self.versions)


@lru_cache(maxsize=128)
def _findings(at: House, bundle_hash: str) -> tuple[Finding, ...]:
    """Check a deployed bundle once: its bytes never change, nor do this installation's handlers."""
    return tuple(definitions.findings(at, definitions.bundle(at, bundle_hash, me())))


def processes() -> list[Process]:
    """Give every deployed process with its versions."""
    by_process: dict[str, list[DefinitionView]] = {}
    for version in definitions.every(house(), me()):
        by_process.setdefault(version.row.process, []).append(version)
    found = []
    for name, versions in sorted(by_process.items()):
        newest_first = sorted(versions, key=lambda v: -v.row.version)
        found.append(Process(name, newest_first, list(_findings(house(), newest_first[0].row.bundle))))
    return found


@blueprint.get("")
@login_required
def index() -> str:
    """Show every process with versions, instances and findings."""
    return render_template("studio/index.html", processes=processes(), people=names())


@blueprint.get("/processes/<process>")
@login_required
def show(process: str) -> str:
    """Show a process: the diagram of one version, its findings, and which instance is on which version."""
    found = _process(process)
    version = _version(found)
    bundle = definitions.bundle(house(), version.row.bundle, me())
    findings = list(_findings(house(), version.row.bundle))
    return render_template(
        "studio/process.html",
        process=found,
        people=names(),
        version=version,
        findings=findings,
        **_drawn(bundle, findings),
    )


@blueprint.get("/processes/<process>/bundle.zip")
@login_required
def bundle_file(process: str) -> Response:
    """Send a version's bundle as it was deployed."""
    version = _version(_process(process))
    body = bundles.bundle_to_zip(definitions.bundle(house(), version.row.bundle, me()))
    name = f"{process}-{version.row.version}.zip"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(body, content_type="application/zip", headers=headers)


@blueprint.get("/upload")
@login_required
def upload() -> str:
    """Ask for a bundle."""
    definitions.require_designer(me())
    return render_template("studio/upload.html", refused="")


@blueprint.post("/upload")
@login_required
def check() -> ResponseReturnValue:
    """Check an uploaded bundle and show its findings; nothing is deployed yet."""
    definitions.require_designer(me())
    try:
        bundle = bundles.bundle_from_zip(_uploaded())
    except BundleInvalid as error:
        return render_template("studio/upload.html", refused=str(error)), 422
    return _checked(bundle)


@blueprint.post("/deploy")
@login_required
def deploy() -> ResponseReturnValue:
    """Deploy a bundle that was checked."""
    definitions.require_designer(me())
    bundle = bundles.bundle_from_zip(
        _carried(request.form.get("bundle", "")), request.form.get("process", "")
    )
    version = definitions.deploy(house(), bundle, me())
    flash(
        _("%(process)s is deployed as version %(version)s.", process=bundle.process, version=version),
        "success",
    )
    return redirect(url_for("studio.show", process=bundle.process), 303)


def _checked(bundle: Bundle) -> str:
    findings = definitions.findings(house(), bundle)
    packed = bundles.bundle_to_zip(bundle)
    carried = base64.b64encode(packed).decode() if len(packed) <= largest_upload else ""
    return render_template(
        "studio/checked.html",
        bundle=bundle,
        findings=findings,
        carried=carried,
        **_drawn(bundle, findings),
        errors=[f for f in findings if f.severity == "error"],
    )


def _carried(text: str) -> bytes:
    """Give the archive that the page of findings carried; nothing where it was altered."""
    try:
        return base64.b64decode(text, validate=True)
    except ValueError:
        return b""


def _uploaded() -> bytes:
    """Give the upload as one archive: a ZIP as it is, single files packed together (forms into their folder)."""
    files = [(file.filename or "", file.read()) for file in request.files.getlist("files") if file.filename]
    if not files:
        raise BundleInvalid(_("Expected a ZIP archive or a BPMN file, but no file was chosen."))
    if len(files) == 1 and files[0][0].lower().endswith(".zip"):
        return bytes(files[0][1])
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, data in files:
            archive.writestr(f"forms/{name}" if name.endswith(".json") else name, data)
    return buffer.getvalue()


def _process(name: str) -> Process:
    return next((p for p in processes() if p.id == name), None) or abort(404)


def _version(process: Process) -> DefinitionView:
    wanted = request.args.get("version", default=process.latest.row.version, type=int)
    return next((v for v in process.versions if v.row.version == wanted), None) or abort(404)


def _drawn(bundle: Bundle, findings: list[Finding]) -> dict[str, Any]:
    """Give what the templates need to draw a bundle's diagram with its findings."""
    files = diagrams.files(bundle)
    file = request.args.get("file", "") if request.args.get("file") in files else next(iter(files), "")
    marks = {f.element: f.severity for f in reversed(findings) if f.file in (file, "") and f.element}
    return {
        "files": files,
        "file": file,
        "names": diagrams.names(bundle),
        "picture": diagrams.picture(
            bundle, file, {e: "incident" for e, k in marks.items() if k == "error"}, language=spoken()
        ),
        "viewer": {
            "xml": bundle.files[file].decode("utf-8", "replace") if file else "",
            "marks": {kind: [e for e, k in marks.items() if k == kind] for kind in ("error", "warning")},
            "badges": {e: {"text": "!" if k == "error" else "?", "kind": k} for e, k in marks.items()},
        },
    }
