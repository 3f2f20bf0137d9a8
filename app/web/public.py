"""Pages that everybody may read: open calls, published lists, help, accessibility, privacy."""

from flask import Blueprint, Response, render_template, request
from flask.typing import ResponseReturnValue

from app.domain.errors import NotFound
from app.handling import Version
from app.services import cases, public, publications
from app.web import documents, listed
from app.web import published as published_lists
from app.web.languages import spoken
from app.web.session import house, me_or_none, visitor
from app.web.told import Told

blueprint = Blueprint("public", __name__)


@blueprint.get("/")
def home() -> str:
    """Show the calls that are open to everybody now, and what the person's own office may begin."""
    open_calls = cases.startable(house(), visitor)
    person = me_or_none()
    own = [one for one in cases.startable(house(), person) if one not in open_calls] if person else []
    names = publications.names(house())
    told = [Told(one) for one in public.shown(house(), spoken())]
    return render_template(
        "public/home.html", open_calls=open_calls, own=own, names=names, told=told, now=house().clock.now()
    )


@blueprint.get("/calls/<case_id>")
def call(case_id: str) -> str:
    """Show to everybody what the manifest of a case makes public: state, window, facts, tables, documents."""
    told = Told(public.view(house(), case_id, spoken()))
    return render_template("public/call.html", told=told, now=house().clock.now())


@blueprint.get("/calls/<case_id>/documents/<document_id>")
def call_document(case_id: str, document_id: str) -> Response:
    """Send a document that a public case shows."""
    return documents.attached(*public.read(house(), case_id, document_id, spoken()))


@blueprint.get("/publications")
def published() -> str:
    """Show what was published."""
    latest = [publications.latest(house(), name) for name in publications.names(house())]
    titles = {
        version.name: published_lists.head_of(version.body, version.name, spoken()).title
        for version in latest
        if version
    }
    return render_template("public/publications.html", latest=[v for v in latest if v], titles=titles)


@blueprint.get("/publications/<name>")
def publication(name: str) -> str:
    """Show one version of a published list, the last one unless another is asked for."""
    versions = publications.versions(house(), name)
    version = _chosen(versions, name)
    rows = published_lists.rows_of(version.body)
    head = published_lists.head_of(version.body, name, spoken())
    columns, deep = map(head.ordered, published_lists.table(rows))
    filters = listed.filters_of(version.body, rows, head, request.args)
    text = request.args.get("q", "").strip()[:100]
    return render_template(
        "public/publication.html",
        name=name,
        head=head,
        version=version,
        versions=versions,
        entries={one.number: len(published_lists.rows_of(one.body)) for one in versions},
        columns=columns,
        label=listed.said_of(version.body, "label") or (columns or deep or [""])[0],
        deep=deep,
        filters=filters,
        text=text,
        total=len(rows),
        rows=listed.matching(rows, filters, text),
        note=listed.note_of(version.body, spoken()),
        changes=_changes(versions, version, head),
        cell=published_lists.cell,
    )


def _changes(
    versions: list[Version], version: Version, head: published_lists.Head
) -> list[listed.Change] | None:
    """Give what a version changed; None where it is the first one here, or does not say what tells its rows apart."""
    key = listed.said_of(version.body, "key")
    before = [one for one in versions if one.sha256 == version.previous]
    if not before or not isinstance(key, str):
        return None
    old, new = (published_lists.rows_of(one.body) for one in (before[0], version))
    return listed.changes(old, new, key, head)


@blueprint.get("/publications/<name>.<any(json, csv):kind>")
def publication_file(name: str, kind: str) -> Response:
    """Send a version as it was published (JSON), or its rows as CSV."""
    version = _chosen(publications.versions(house(), name), name)
    body = version.body if kind == "json" else published_lists.as_csv(published_lists.rows_of(version.body))
    types = {"json": "application/json", "csv": "text/csv; charset=utf-8"}
    file_name = f"{name}-{version.number}.{kind}"
    headers = {
        "Content-Disposition": f'attachment; filename="{file_name}"',
        "X-Version-Sha256": version.sha256,
    }
    return Response(body, content_type=types[kind], headers=headers)


@blueprint.get("/help")
def help_page() -> str:
    """Explain how the site is used."""
    return render_template("public/help.html")


@blueprint.get("/accessibility")
def accessibility() -> str:
    """Show the accessibility statement."""
    return render_template("public/accessibility.html")


@blueprint.get("/privacy")
def privacy() -> str:
    """Say which data are kept and why."""
    return render_template("public/privacy.html")


@blueprint.get("/favicon.ico")
def no_icon() -> ResponseReturnValue:
    """Answer browsers that ask for an icon without reading the page."""
    return "", 204


def _chosen(versions: list[Version], name: str) -> Version:
    wanted = request.args.get("version", type=int)
    found = [v for v in versions if wanted in (None, v.number)]
    if not found:
        raise NotFound(f"Expected a publication {name!r}, but there is none of that name and version.")
    return found[-1]
