"""Pages that everybody may read: open calls, published lists, help, accessibility, privacy."""

from datetime import datetime
from typing import Any

from flask import Blueprint, Response, render_template, request
from flask.typing import ResponseReturnValue

from app.definitions.manifest import manifest_of
from app.domain.cases import Document
from app.domain.errors import NotFound
from app.handling import Version
from app.services import cases, public, publications
from app.services.public import Shown
from app.web import documents, records
from app.web import published as published_lists
from app.web.languages import spoken
from app.web.records import Fact
from app.web.session import house, me_or_none, visitor

blueprint = Blueprint("public", __name__)


class Told:
    """A public case with the words to read it: facts in the order of its manifest, instants apart from the rest."""

    def __init__(self, shown: Shown) -> None:
        self.shown, self.case = shown, shown.case
        self._manifest = manifest_of(shown.bundle)
        self._facts = {
            fact.key: fact for fact in records.facts(shown.case.record, [shown.bundle], spoken(), {})
        }

    @property
    def window(self) -> list[tuple[str, datetime]]:
        """When it opens and closes: the instants on its record, each with its name."""
        return [(one.label, one.value) for one in self._listed() if isinstance(one.value, datetime)]

    @property
    def facts(self) -> list[tuple[str, Any]]:
        """What else it says of itself in short."""
        return [(one.label, one.value) for one in self._listed() if not isinstance(one.value, datetime)]

    @property
    def tables(self) -> list[tuple[str, list[str], list[dict[str, Any]]]]:
        """Its tables: name, columns, rows by column."""
        named = [self._facts[key] for key in self._manifest.public.tables if key in self._facts]
        return [
            (one.label, list(dict.fromkeys(column for row in one.value for column in row)), one.value)
            for one in named
        ]

    @property
    def documents(self) -> list[tuple[str, Document]]:
        """Its documents, each with what it is."""
        return [(self._named(key), document) for key, document in self.shown.documents]

    def _named(self, key: str) -> str:
        return self._manifest.record[key].label.of(spoken())

    def _listed(self) -> list[Fact]:
        found = [self._facts[key] for key in self._manifest.public.facts if key in self._facts]
        return [one for one in found if one.value not in ("", [], {})]


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
    return render_template(
        "public/publication.html",
        name=name,
        head=head,
        version=version,
        versions=versions,
        columns=columns,
        deep=deep,
        rows=rows,
        cell=published_lists.cell,
    )


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
