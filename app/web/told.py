"""A case that everybody may read, in the words of its manifest."""

from datetime import datetime
from typing import Any

from app.definitions.manifest import manifest_of
from app.domain.cases import Document
from app.services.public import Shown
from app.web import records
from app.web.languages import spoken
from app.web.records import Fact


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
