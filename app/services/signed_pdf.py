"""Signatures within a PDF (PAdES): the document is its first revision, and what follows adds signatures and nothing else."""

import logging
from collections.abc import Callable, Iterator
from io import BytesIO

from asn1crypto import cms
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.reader import HistoricalResolver, PdfFileReader
from pyhanko.sign.validation.pdf_embedded import EmbeddedPdfSignature
from pyhanko.sign.validation.status import SignatureCoverageLevel

from app.domain.errors import DocumentRefused
from app.services import ber, screening
from app.services.signatures import MOST_SIGNERS, broken, other_document

MOST_ADDED = 4 * 1024 * 1024
"""Bytes that signatures may add to a document."""
_FREE = {
    "/Catalog": frozenset({"/AcroForm", "/DSS", "/Extensions", "/Version", "/Perms"}),
    "/Page": frozenset({"/Annots"}),
}
"""What signing may change in objects that the document has."""

logging.getLogger("pyhanko").setLevel(logging.CRITICAL)  # a file that is refused is told to who sent it


def signers(
    data: bytes, document: bytes
) -> Iterator[tuple[cms.SignedData, cms.SignerInfo, Callable[[str], bytes]]]:
    """Give each signature of a PDF whose first revision is the document, and how its digest is computed.

    SignatureInvalid where it signs another document, or where something else than signatures was added.
    """
    if not data.startswith(document):
        raise other_document(_first_revision(data))
    if len(data) - len(document) > MOST_ADDED:
        raise broken("much more than a signature was added to the document")
    try:
        screening.screen_pdf("", data)
    except DocumentRefused as refused:
        raise broken(str(refused)) from refused
    if data == document:
        return
    reader = PdfFileReader(BytesIO(data), strict=True)
    found: list[EmbeddedPdfSignature] = list(reader.embedded_regular_signatures)
    if len(found) > MOST_SIGNERS:
        raise broken("it holds too many signatures")
    if found:
        _require_signatures_only(reader, PdfFileReader(BytesIO(document)))
    for signature in found:
        ber.definite(signature.pkcs7_content, padded=True)  # many pieces would take long to put together
        _require_covering(signature)
        yield signature.signed_data, signature.signer_info, signature.compute_digest


def _first_revision(data: bytes) -> bytes:
    end = data.find(b"%%EOF")
    return data if end < 0 else data[: end + len(b"%%EOF\n")]


def _require_signatures_only(reader: PdfFileReader, base: PdfFileReader) -> None:
    """Refuse a file whose later revisions change an object of the document, but for what signing adds to it."""
    first, last = base.xrefs.total_revisions, reader.xrefs.total_revisions
    old, new = (reader.get_historical_resolver(revision) for revision in (first - 1, last - 1))
    known = {_name(ref) for n in range(first) for ref in base.xrefs.explicit_refs_in_revision(n)}
    freed = {_name(ref) for n in range(first, last) for ref in reader.xrefs.refs_freed_in_revision(n)}
    written = {ref for n in range(first, last) for ref in reader.xrefs.explicit_refs_in_revision(n)}
    free = {_name(base.trailer.raw_get("/Info").reference)} if "/Info" in base.trailer else set()
    changed = [ref for ref in written if _name(ref) in known - free]
    alike = _name(reader.root_ref) == _name(base.root_ref) and not known & freed
    if not alike or not all(_is_signing(old(ref), new(ref), new) for ref in changed):
        raise broken("the document was changed before or after it was signed")
    form = _followed(new.root.get("/AcroForm"), new)
    fields = form.get("/Fields") if isinstance(form, generic.DictionaryObject) else None
    if not all(_is_signature(one, new) for one in _listed(fields, new)):
        raise broken("fields were added to the document")


def _followed(value: generic.PdfObject | None, resolver: HistoricalResolver) -> generic.PdfObject | None:
    return resolver(value.reference) if isinstance(value, generic.IndirectObject) else value


def _listed(value: generic.PdfObject | None, resolver: HistoricalResolver) -> list[generic.PdfObject]:
    found = _followed(value, resolver)
    return list(found) if isinstance(found, generic.ArrayObject) else []


def _name(ref: generic.Reference) -> tuple[int, int]:
    return ref.idnum, ref.generation


def _is_signing(before: generic.PdfObject, after: generic.PdfObject, new: HistoricalResolver) -> bool:
    """Tell whether an object of the document is as before, or differs only by what signing changes."""
    if isinstance(before, generic.StreamObject):
        return before.get("/Type") == "/Metadata" and isinstance(after, generic.StreamObject)
    if not isinstance(before, generic.DictionaryObject) or not isinstance(after, generic.DictionaryObject):
        return _same(before, after)
    kind = before.get("/Type")
    free = _FREE.get(str(kind), frozenset())
    keys = {*before, *after} - free
    if isinstance(after, generic.StreamObject) or not all(_same_at(key, before, after) for key in keys):
        return False
    return kind != "/Page" or _adds_signatures(before, after, new)


def _same_at(key: str, before: generic.DictionaryObject, after: generic.DictionaryObject) -> bool:
    return key in before and key in after and _same(before.raw_get(key), after.raw_get(key))


def _same(one: generic.PdfObject, other: generic.PdfObject) -> bool:
    """Tell whether two values are written alike; references are followed nowhere, the objects behind them are compared for themselves."""
    if isinstance(one, generic.IndirectObject) and isinstance(other, generic.IndirectObject):
        return _name(one.reference) == _name(other.reference)
    if isinstance(one, generic.DictionaryObject) and isinstance(other, generic.DictionaryObject):
        return one.keys() == other.keys() and all(_same_at(key, one, other) for key in one)
    if isinstance(one, generic.ArrayObject) and isinstance(other, generic.ArrayObject):
        return len(one) == len(other) and all(map(_same, list(one), list(other)))
    return bool(type(one) is type(other) and one == other)


def _adds_signatures(
    before: generic.DictionaryObject, after: generic.DictionaryObject, new: HistoricalResolver
) -> bool:
    """Tell whether the annotations of a page are those there were, and signatures."""
    kept, now = _listed(before.get("/Annots"), new), _listed(after.get("/Annots"), new)
    alike = len(now) >= len(kept) and all(map(_same, kept, now))
    return alike and all(_is_signature(one, new) for one in now[len(kept) :])


def _is_signature(one: generic.PdfObject, new: HistoricalResolver) -> bool:
    field = _followed(one, new)
    return isinstance(field, generic.DictionaryObject) and field.get("/FT") == "/Sig"


def _require_covering(signature: EmbeddedPdfSignature) -> None:
    """Refuse a signature that leaves out a part of its revision."""
    signature.compute_integrity_info(skip_diff=True)
    if signature.coverage not in {
        SignatureCoverageLevel.ENTIRE_FILE,
        SignatureCoverageLevel.ENTIRE_REVISION,
    }:
        raise broken("the signature leaves a part of the file out")
