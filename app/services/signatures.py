"""Digital signatures: a file is verified against the exact document that it must sign, and the person who must have signed."""

import binascii
import hashlib
import struct
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256

from asn1crypto import cms, core, pem, x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from pyhanko.pdf_utils.misc import PdfError
from pyhanko.sign.validation.generic_cms import extract_self_reported_ts, validate_sig_integrity
from pyhanko_certvalidator.errors import PathError, ValidationError

from app.domain.errors import SignatureInvalid
from app.services import ber, trust
from app.services.trust import Trust

MOST_SIGNERS, MOST_CERTIFICATES = 10, 30
ROOM = 512 * 1024
"""Bytes that a signature may take beside its document, which may be there twice (base64, tiny pieces)."""
EARLIER, LATER = timedelta(hours=1), timedelta(minutes=10)
"""How far a signing time may lie before the document came to be, and after the house's clock, and be believed."""
UNREADABLE = (
    ArithmeticError,
    AssertionError,
    AttributeError,
    InvalidSignature,
    LookupError,
    MemoryError,
    OSError,
    PathError,
    PdfError,
    RuntimeError,
    TypeError,
    UnsupportedAlgorithm,
    ValidationError,
    ValueError,
    struct.error,
    zlib.error,
)
"""What the readers of ASN.1, certificates and PDF raise where a file is not what it says."""
_DIGESTS = frozenset({"sha256", "sha384", "sha512"})
_PREFIXES = ("TINIT-", "IT:")

Digest = Callable[[str], bytes]


@dataclass(frozen=True)
class Signature:
    """A verified signature: who, when they say they signed, in which format (cades, pades), by whose certificate."""

    signer: str
    fiscal_code: str
    signed_at: datetime | None
    format: str
    issuer: str
    simulated: bool


@dataclass(frozen=True)
class Wanted:
    """What a signature must be of, and whose: the document's bytes, when it came to be, the fiscal code, the house instant."""

    document: bytes
    fiscal_code: str
    now: datetime
    made_at: datetime | None = None

    def moment(self, claimed: datetime | None) -> datetime:
        """Give the moment to judge certificates at: the signing time that is claimed, if the house can believe it."""
        if claimed is None or claimed.tzinfo is None or claimed > self.now + LATER:
            return self.now
        return self.now if self.made_at and claimed < self.made_at - EARLIER else claimed


def verify(data: bytes, wanted: Wanted, trusted: Trust) -> Signature:
    """Give the expected person's signature in a file, where every signature in it is good; SignatureInvalid with the reason.

    Reasons: not_a_signature, none, several, other_document, broken, untrusted, expired, wrong_person, no_roots.
    """
    try:
        found = list(_signed(data, wanted, trusted))
    except UNREADABLE as unreadable:
        raise broken(f"{type(unreadable).__name__}: {unreadable}") from unreadable
    if not found:
        raise SignatureInvalid("Expected a signature, but there is none.", reason="none")
    for signature in found:
        if signature.fiscal_code == wanted.fiscal_code:
            return signature
    who = ", ".join(f"{one.signer} ({one.fiscal_code or '–'})" for one in found)
    raise SignatureInvalid(
        f"Expected {wanted.fiscal_code} to have signed, but {who} did.",
        reason="wrong_person",
        expected=wanted.fiscal_code,
        signer=who,
    )


def broken(why: str) -> SignatureInvalid:
    """Give the error of a signature that cannot be read or does not fit."""
    return SignatureInvalid(f"Expected a whole signature, but {why:.300}.", reason="broken")


def other_document(found: bytes) -> SignatureInvalid:
    """Give the error of a signature over something else than the document."""
    digest = sha256(found).hexdigest()
    return SignatureInvalid(
        f"Expected a signature of the document, but this is of another (SHA-256 {digest}), perhaps an earlier version.",
        reason="other_document",
        hash=digest,
    )


def _signed(data: bytes, wanted: Wanted, trusted: Trust) -> Iterator[Signature]:
    if data[:1024].lstrip().startswith(b"%PDF-"):
        from app.services import signed_pdf  # half a second to import, for the few who sign in the PDF

        for envelope, info, digest in signed_pdf.signers(data, wanted.document):
            yield _signature(envelope, info, digest, "pades", wanted, trusted)
        return
    envelope = _envelope(data, wanted)
    if len(envelope["signer_infos"]) > MOST_SIGNERS:
        raise _several()
    for info in envelope["signer_infos"]:
        yield _signature(envelope, info, _digest_of(wanted.document), "cades", wanted, trusted)


def _digest_of(data: bytes) -> Digest:
    return lambda algorithm: hashlib.new(algorithm, data).digest()


def _several() -> SignatureInvalid:
    return SignatureInvalid(
        "Expected one signature of the document, but there is one within another, or too many.",
        reason="several",
    )


def _envelope(data: bytes, wanted: Wanted) -> cms.SignedData:
    """Read a CAdES file that holds exactly the document."""
    envelope = _read_envelope(_bare(data))
    if envelope is None:
        raise SignatureInvalid(
            "Expected a CAdES signature or a signed PDF, but it is neither.", reason="not_a_signature"
        )
    content = envelope["encap_content_info"]["content"]
    if content is core.VOID or content.native is None:
        raise SignatureInvalid(
            "Expected a signature that holds its document, but it stands alone.", reason="not_a_signature"
        )
    inside = content.native if isinstance(content.native, bytes) else bytes(content)
    if sha256(inside).digest() != sha256(wanted.document).digest():
        raise _several() if _read_envelope(_bare(inside)) is not None else other_document(inside)
    if len(data) > 2 * len(wanted.document) + ROOM:
        raise broken("it is much larger than its document")
    return envelope


def _bare(data: bytes) -> bytes:
    """Give the DER or BER of a file that may be armoured as PEM or written in base64."""
    text = data.lstrip()
    if text.startswith(b"-----BEGIN"):
        return bytes(pem.unarmor(text)[2])
    if text.startswith(b"MI"):
        return binascii.a2b_base64(b"".join(text.split()), strict_mode=True)
    return data


def _read_envelope(data: bytes) -> cms.SignedData | None:
    """Give the signed data of a CMS file; None where it is none."""
    try:
        info = cms.ContentInfo.load(ber.definite(data), strict=True)
        if info["content_type"].native != "signed_data":
            return None
        envelope = info["content"]
        return envelope if isinstance(envelope, cms.SignedData) and len(envelope) else None
    except UNREADABLE:
        return None


def _signature(
    envelope: cms.SignedData, info: cms.SignerInfo, digest: Digest, kind: str, wanted: Wanted, trusted: Trust
) -> Signature:
    """Verify one signer: digest, signature, certificate and its chain."""
    certs = _certificates(envelope)
    cert = next((one for one in certs if _is_of(one, info)), None)
    if cert is None:
        raise broken("the signer's certificate is not in it")
    algorithm = str(info["digest_algorithm"]["algorithm"].native)
    if algorithm not in _DIGESTS:
        raise broken(f"it is made with {algorithm}, which proves nothing any more")
    content_type = str(envelope["encap_content_info"]["content_type"].native)
    intact, valid = validate_sig_integrity(info, cert, content_type, digest(algorithm))
    if not intact or not valid:
        raise broken("the signature does not fit the document")
    usage = cert.key_usage_value
    if usage is not None and not usage.native & {"digital_signature", "non_repudiation"}:
        raise broken("its certificate is not made for signing")
    claimed = extract_self_reported_ts(info)
    others = [one for one in certs if one is not cert]
    simulated = trusted.judge(cert, others, wanted.moment(claimed))
    return Signature(trust.name_of(cert), fiscal_code(cert), claimed, kind, trust.issuer_of(cert), simulated)


def _certificates(envelope: cms.SignedData) -> list[x509.Certificate]:
    held = envelope["certificates"]
    if len(held) > MOST_CERTIFICATES:
        raise _several()
    return [choice.chosen for choice in held if choice.name == "certificate"]


def _is_of(cert: x509.Certificate, info: cms.SignerInfo) -> bool:
    """Tell whether a certificate is the one that a signer names."""
    sid = info["sid"]
    if sid.name == "subject_key_identifier":
        return bool(cert.key_identifier == sid.chosen.native)
    named = sid.chosen
    return bool(cert.issuer == named["issuer"] and cert.serial_number == named["serial_number"].native)


def fiscal_code(cert: x509.Certificate) -> str:
    """Give the fiscal code in the subject's serialNumber (`TINIT-...`, ETSI EN 319 412-1, or `IT:...`); empty if there is none."""
    found = cert.subject.native.get("serial_number", "")
    for text in [found] if isinstance(found, str) else found:
        for prefix in _PREFIXES:
            if text.upper().startswith(prefix):
                return str(text[len(prefix) :].strip().upper())
    return ""
