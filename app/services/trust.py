"""Whom the house believes: the roots that the operator configured, and in a demonstration an authority of its own."""

import asyncio
import os
import tempfile
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from asn1crypto import pem, x509
from cryptography import x509 as certificates
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from pyhanko_certvalidator import CertificateValidator, ValidationContext
from pyhanko_certvalidator.errors import (
    ExpiredError,
    NotYetValidError,
    PathError,
    ValidationError,
)

from app.config import Settings
from app.domain.errors import ConfigurationInvalid, SignatureInvalid

AUTHORITY = "Pratica DEMO - nessun valore legale"
first_day, last_day = datetime(2000, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)
"""A demonstration's clock runs in the past or the future: what it makes is valid all the time."""
_suffixes = frozenset({".pem", ".crt", ".cer", ".der"})


@dataclass(frozen=True)
class Trust:
    """The roots that signatures must lead to; those of `demo` make simulated signatures."""

    roots: tuple[x509.Certificate, ...] = ()
    demo: tuple[x509.Certificate, ...] = ()

    def judge(self, cert: x509.Certificate, others: list[x509.Certificate], moment: datetime) -> bool:
        """Tell whether a certificate that was valid at a moment is a simulated one.

        SignatureInvalid: `untrusted` where it does not lead to a root, `expired` where it, or one on the way, was not valid.
        """
        told = {"signer": name_of(cert), "issuer": issuer_of(cert), "at": moment}
        if not self.roots and not self.demo:
            raise SignatureInvalid(
                "Expected roots to verify a signature with, but none are configured.", reason="no_roots"
            )
        context = ValidationContext(
            trust_roots=[*self.roots, *self.demo],
            other_certs=others,
            moment=moment,
            best_signature_time=moment,
            allow_fetching=False,
        )
        try:
            found = CertificateValidator(cert, validation_context=context).async_validate_path()
            with ThreadPoolExecutor(1) as beside:  # whoever calls may have a loop of their own running
                path = beside.submit(asyncio.run, found).result()
        except (ExpiredError, NotYetValidError) as late:
            raise SignatureInvalid(
                f"Expected a certificate valid at {moment}, but {late}", reason="expired", **told
            ) from late
        except (PathError, ValidationError) as unknown:
            raise SignatureInvalid(
                f"Expected a chain to a root of this house, but {unknown}", reason="untrusted", **told
            ) from unknown
        known = {root.sha256 for root in self.demo}
        return any(one.sha256 in known for one in path)


def of(settings: Settings) -> Trust:
    """Give whom an installation believes; ConfigurationInvalid where its roots cannot be read."""
    roots = tuple(_read(settings.signature_roots)) if settings.signature_roots else ()
    demo = (demo_authority(settings.home)[0],) if settings.demo else ()
    return Trust(roots, demo)


def name_of(cert: x509.Certificate) -> str:
    """Give the name in a certificate's subject: the common name, else the whole of it."""
    return _said(cert.subject)


def issuer_of(cert: x509.Certificate) -> str:
    """Give the name of who issued a certificate."""
    return _said(cert.issuer)


def _said(name: x509.Name) -> str:
    found = name.native.get("common_name") or name.human_friendly
    return (found if isinstance(found, str) else ", ".join(found))[:200]


def _read(place: Path) -> list[x509.Certificate]:
    """Read every certificate of a file, or of the certificate files of a folder."""
    files = sorted(p for p in place.iterdir() if p.suffix.lower() in _suffixes) if place.is_dir() else [place]
    found: list[x509.Certificate] = []
    for file in files:
        try:
            data = file.read_bytes()
            blocks = [der for _, _, der in pem.unarmor(data, multiple=True)] if pem.detect(data) else [data]
            loaded = [x509.Certificate.load(der, strict=True) for der in blocks]
            found += [cert for cert in loaded if cert.native]  # reads it to the end
        except (OSError, ValueError, TypeError) as unreadable:
            raise ConfigurationInvalid(
                f"Expected {file} (PRATICA_SIGNATURE_ROOTS) to hold certificates, but: {unreadable}."
            ) from unreadable
    return found


def demo_authority(home: Path) -> tuple[x509.Certificate, ec.EllipticCurvePrivateKey]:
    """Give the demonstration's authority and its key; made at first need and kept in the home, for its owner only."""
    path = home / "demo_authority.pem"
    try:
        if not path.exists():
            _keep(path, _made())
        data = path.read_bytes()
        key = serialization.load_pem_private_key(data, None)
        cert = certificates.load_pem_x509_certificate(data)
    except (OSError, ValueError) as unreadable:
        raise ConfigurationInvalid(
            f"Expected {path} to hold the demonstration's authority, but: {unreadable}. Remove it: a new one is made."
        ) from unreadable
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise ConfigurationInvalid(f"Expected {path} to hold a key of an elliptic curve, but it is another.")
    return x509.Certificate.load(cert.public_bytes(serialization.Encoding.DER)), key


def _made() -> bytes:
    key = ec.generate_private_key(ec.SECP256R1())
    name = certificates.Name(
        [
            certificates.NameAttribute(NameOID.COUNTRY_NAME, "IT"),
            certificates.NameAttribute(NameOID.ORGANIZATION_NAME, "DEMO - nessun valore legale"),
            certificates.NameAttribute(NameOID.COMMON_NAME, AUTHORITY),
        ]
    )
    public = key.public_key()
    cert = (
        certificates.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(public)
        .serial_number(certificates.random_serial_number())
        .not_valid_before(first_day)
        .not_valid_after(last_day)
        .add_extension(certificates.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(certificates.SubjectKeyIdentifier.from_public_key(public), critical=False)
        .sign(key, hashes.SHA256())
    )
    return pem_of(key) + cert.public_bytes(serialization.Encoding.PEM)


def pem_of(key: ec.EllipticCurvePrivateKey) -> bytes:
    """Write a private key as PEM, without a password."""
    encoding, plain = serialization.Encoding.PEM, serialization.NoEncryption()
    return key.private_bytes(encoding, serialization.PrivateFormat.PKCS8, plain)


def _keep(path: Path, data: bytes) -> None:
    """Write a file complete under another name first, readable by its owner only; another process may be quicker."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    number, name = tempfile.mkstemp(prefix=".demo_authority-", dir=path.parent)
    try:
        with os.fdopen(number, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(number)
        with suppress(FileExistsError):
            os.link(name, path)
    finally:
        Path(name).unlink()
