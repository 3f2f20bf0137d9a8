"""Documents of cases: the blob first, then the event and the row in the unit of work."""

import secrets
from abc import abstractmethod
from collections.abc import Iterable

from app.domain.cases import Case, Document
from app.domain.errors import ConfigurationInvalid, NotFound
from app.domain.events import DocumentAdded
from app.store.blobs import BlobStore
from app.store.case_queries import CaseQueries
from app.store.writing import Writing


class DocumentStore(CaseQueries, Writing):
    """Adding documents and reading their bytes."""

    def add_document(
        self, case_id: str, name: str, media_type: str, data: bytes | Iterable[bytes], by: str = "system"
    ) -> Document:
        """Store a document and record `DocumentAdded` in the case, which this unit must have locked."""
        case = self.current(case_id)
        sha256, size = self._blob_store().write(data)
        document = Document(secrets.token_hex(12), case_id, name, media_type, size, sha256, self.now, by)
        added = DocumentAdded(document.id, name, media_type, size, sha256)
        self.record(case, None, [added], actor=by)
        return document

    def document_bytes(self, document_id: str) -> bytes:
        """Give the bytes of a document; NotFound if there is none."""
        document = self.document(document_id)
        if document is None:
            raise NotFound(f"Expected a document {document_id}, but there is none.")
        return self._blob_store().read(document.sha256)

    @abstractmethod
    def current(self, case_id: str) -> Case:
        """Give a locked case as it is now."""

    @abstractmethod
    def record(self, case: Case, instance: int | None, events: list[DocumentAdded], *, actor: str) -> Case:
        """Append events to a case."""

    def _blob_store(self) -> BlobStore:
        if self._blobs is None:
            raise ConfigurationInvalid(
                "Expected a unit of work with a blob store, but it was opened without."
            )
        return self._blobs
