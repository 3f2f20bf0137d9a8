"""The signature simulator of a demonstration: it signs as the person whom a field expects, and says that it is a simulation."""

import asyncio
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime
from typing import Any

from asn1crypto import keys, x509
from cryptography import x509 as certificates
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from pyhanko.sign import SimpleSigner
from pyhanko.sign.signers.pdf_cms import PdfCMSSignedAttributes
from pyhanko_certvalidator.registry import SimpleCertificateStore

from app.definitions import forms
from app.definitions.forms import Around, Form, Signing
from app.domain.actors import Actor
from app.domain.cases import Case, Document
from app.domain.errors import FormInvalid, NotAllowed, NotFound
from app.domain.tasks import Task
from app.services import media, trust
from app.services.house import House
from app.services.signing import unknown
from app.services.tasks import form_of, lock, variables_of
from app.services.use_case import use_case
from app.store.unit_of_work import UnitOfWork

SIMULATED = "modalita: simulato"
"""What each certificate of the simulator says of itself."""
_USES = [
    "digital_signature",
    "key_encipherment",
    "data_encipherment",
    "key_agreement",
    "key_cert_sign",
    "crl_sign",
    "encipher_only",
    "decipher_only",
]


@use_case
def sign(
    house: House,
    uow: UnitOfWork,
    task_id: str,
    path: str,
    raw: Mapping[str, Any],
    by: Actor,
    *,
    code: str | None = None,
    document: str | None = None,
) -> Document:
    """Sign by the simulator what the field at `path` expects, with the answers so far, and add the p7m to the case.

    `code` and `document` (a name in the case) are those of a story that tries another. NotAllowed outside a
    demonstration; FormInvalid where it is not known yet what is to be signed, or by whom.
    """
    case, task = lock(uow, task_id, by, "complete")
    if not house.settings.demo:
        raise NotAllowed(
            "Expected a demonstration, but in this house signatures are real.", reason="not_demo_signature"
        )
    form, signing = _asked(uow, task, path, raw, by.language)
    if document is not None:
        signing = replace(signing, document=_named(uow, case.id, document))
    signing = replace(signing, signer=code or signing.signer)
    missing = unknown(form, signing, by.language)
    if missing or signing.document is None or signing.signer is None:
        raise FormInvalid(f"Expected to know what is to be signed at {path}, and by whom.", {path: [missing]})
    data = simulate(house, house.blobs.read(signing.document.sha256), signing.signer, by.name, uow.now)
    return _kept(uow, case, signing.document, data, by)


def _kept(uow: UnitOfWork, case: Case, signed: Document, data: bytes, by: Actor) -> Document:
    name = media.safe_name(f"{signed.name}.p7m")
    return uow.add_document(case.id, name, media.accepted[".p7m"], data, by.id)


def _asked(
    uow: UnitOfWork, task: Task, path: str, raw: Mapping[str, Any], language: str
) -> tuple[Form, Signing]:
    form = form_of(uow, task)
    documents = {document.id: document for document in uow.documents(task.case_id)}
    around = Around(variables_of(uow, task, form), documents, uow.now, language)
    signing = forms.signings(form, raw, around).get(path) if form else None
    if form is None or signing is None:
        raise NotFound(f"Expected a field {path} of {task.id} that takes a signature, but there is none.")
    return form, signing


def _named(uow: UnitOfWork, case_id: str, name: str) -> Document:
    found = [document for document in uow.documents(case_id) if document.name == name]
    if not found:
        raise NotFound(f"Expected a document {name} in {case_id}, but there is none.")
    return found[-1]


def simulate(house: House, data: bytes, fiscal_code: str, person: str, at: datetime) -> bytes:
    """Give a CAdES envelope of the bytes, signed at an instant by a new certificate of that person under the demonstration's authority."""
    key = ec.generate_private_key(ec.SECP256R1())
    authority, secret = trust.demo_authority(house.settings.home)
    cert = _certificate(key, fiscal_code, person, authority, secret)
    signer = SimpleSigner(
        signing_cert=x509.Certificate.load(cert.public_bytes(serialization.Encoding.DER)),
        signing_key=keys.PrivateKeyInfo.load(_der(key)),
        cert_registry=SimpleCertificateStore.from_certs([authority]),
    )
    attributes = PdfCMSSignedAttributes(signing_time=at)
    made = signer.async_sign_general_data(
        data, "sha256", detached=False, use_cades=True, signed_attr_settings=attributes
    )
    with ThreadPoolExecutor(1) as beside:  # whoever calls may have a loop of their own running
        return bytes(beside.submit(asyncio.run, made).result().dump())


def _der(key: ec.EllipticCurvePrivateKey) -> bytes:
    plain = serialization.NoEncryption()
    return key.private_bytes(serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, plain)


def _certificate(
    key: ec.EllipticCurvePrivateKey,
    fiscal_code: str,
    person: str,
    authority: x509.Certificate,
    secret: ec.EllipticCurvePrivateKey,
) -> certificates.Certificate:
    issuer = certificates.load_der_x509_certificate(authority.dump())
    known = certificates.AuthorityKeyIdentifier.from_issuer_public_key(secret.public_key())
    return (
        certificates.CertificateBuilder()
        .subject_name(_subject(fiscal_code, person))
        .issuer_name(issuer.subject)
        .public_key(key.public_key())
        .serial_number(certificates.random_serial_number())
        .not_valid_before(trust.first_day)
        .not_valid_after(trust.last_day)
        .add_extension(
            certificates.KeyUsage(content_commitment=True, **dict.fromkeys(_USES, False)), critical=True
        )
        .add_extension(known, critical=False)
        .sign(secret, hashes.SHA256())
    )


def _subject(fiscal_code: str, person: str) -> certificates.Name:
    pairs = [
        (NameOID.COUNTRY_NAME, "IT"),
        (NameOID.ORGANIZATION_NAME, "DEMO - nessun valore legale"),
        (NameOID.ORGANIZATIONAL_UNIT_NAME, SIMULATED),
        (NameOID.SERIAL_NUMBER, f"TINIT-{fiscal_code[:58]}"),
        (NameOID.COMMON_NAME, person[:64] or fiscal_code[:64]),
    ]
    return certificates.Name([certificates.NameAttribute(kind, value) for kind, value in pairs])
