"""Authorities, certificates and signed files for the tests of signatures."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from io import BytesIO

from asn1crypto import keys
from asn1crypto import x509 as asn1
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import SimpleSigner, signers
from pyhanko.sign.fields import SigSeedSubFilter
from pyhanko.sign.signers.pdf_cms import PdfCMSSignedAttributes
from pyhanko_certvalidator.registry import SimpleCertificateStore

DER, PEM = serialization.Encoding.DER, serialization.Encoding.PEM
CODE = "DMRDAA75C54Z999S"
OTHER = "RSSMRA85T10A562S"
since, until = datetime(2020, 1, 1, tzinfo=UTC), datetime(2030, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Authority:
    """A certificate with its key, which may issue others."""

    cert: x509.Certificate
    key: ec.EllipticCurvePrivateKey

    @property
    def asn1(self) -> asn1.Certificate:
        return asn1.Certificate.load(self.cert.public_bytes(DER))

    @property
    def pem(self) -> bytes:
        return self.cert.public_bytes(PEM)


def name(common: str, *more: tuple[x509.ObjectIdentifier, str]) -> x509.Name:
    pairs = [(NameOID.COMMON_NAME, common), *more]
    return x509.Name([x509.NameAttribute(oid, text) for oid, text in pairs])


def made(
    subject: x509.Name,
    by: Authority | None = None,
    *,
    ca: bool = False,
    begins: datetime = since,
    ends: datetime = until,
) -> Authority:
    key = ec.generate_private_key(ec.SECP256R1())
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(by.cert.subject if by else subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(begins)
        .not_valid_after(ends)
        .add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )
    return Authority(builder.sign(by.key if by else key, hashes.SHA256()), key)


def authority(common: str = "Certificatore di prova") -> Authority:
    return made(name(common), ca=True)


def person(
    by: Authority, code: str = CODE, common: str = "Ada De Marchi", prefix: str = "TINIT-", **more: datetime
) -> Authority:
    return made(name(common, (NameOID.SERIAL_NUMBER, prefix + code)), by, **more)


def signer_of(who: Authority, *chain: Authority) -> SimpleSigner:
    der = who.key.private_bytes(DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    store = SimpleCertificateStore.from_certs([one.asn1 for one in chain])
    return SimpleSigner(signing_cert=who.asn1, signing_key=keys.PrivateKeyInfo.load(der), cert_registry=store)


def cades(data: bytes, who: Authority, *chain: Authority, at: datetime | None = None) -> bytes:
    """Give a p7m of the bytes."""
    made = signer_of(who, *chain).async_sign_general_data(
        data,
        "sha256",
        detached=False,
        use_cades=True,
        signed_attr_settings=PdfCMSSignedAttributes(signing_time=at),
    )
    return ThreadPoolExecutor(1).submit(asyncio.run, made).result().dump()


def pades(data: bytes, who: Authority, *chain: Authority, field: str = "Firma1") -> bytes:
    """Give the PDF with a signature of its own added."""
    meta = signers.PdfSignatureMetadata(
        field_name=field, md_algorithm="sha256", subfilter=SigSeedSubFilter.PADES
    )
    writer = IncrementalPdfFileWriter(BytesIO(data))
    signing = signers.PdfSigner(meta, signer_of(who, *chain)).async_sign_pdf(writer)
    out = ThreadPoolExecutor(1).submit(asyncio.run, signing).result()
    return out.getvalue()
