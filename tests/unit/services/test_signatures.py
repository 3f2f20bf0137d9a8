"""A signature counts when it is of exactly the document, whole, by the expected person, under a root of the house."""

import base64
import time
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from io import BytesIO

import pytest
import typst
from asn1crypto import cms, core
from cryptography.x509.oid import NameOID
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter

from app.domain.errors import SignatureInvalid
from app.services import ber
from app.services.signatures import Wanted, verify
from app.services.trust import Trust
from tests.papers import CODE, OTHER, authority, cades, made, name, pades, person

NOW = datetime(2023, 5, 8, 10, tzinfo=UTC)
DOCUMENT = typst.compile(b"= Accordo\nLe imprese si impegnano.")
OLDER = typst.compile(b"= Accordo\nLe imprese si impegnavano.")
CA = authority()
ADA = person(CA)
TRUST = Trust((CA.asn1,))
P7M = cades(DOCUMENT, ADA, CA, at=NOW)
PDF = pades(DOCUMENT, ADA, CA)


def wanted(**more):
    return Wanted(**{"document": DOCUMENT, "fiscal_code": CODE, "now": NOW, **more})


def reason(data, trusted=TRUST, **more):
    with pytest.raises(SignatureInvalid) as refused:
        verify(data, wanted(**more), trusted)
    return refused.value.details["reason"]


PEM = b"-----BEGIN PKCS7-----\n" + base64.encodebytes(P7M) + b"-----END PKCS7-----\n"


@pytest.mark.parametrize(
    "data", [P7M, base64.b64encode(P7M), base64.encodebytes(P7M), PEM], ids=["der", "base64", "lines", "pem"]
)
def test_a_p7m_is_read_in_each_armour(data):
    found = verify(data, wanted(), TRUST)
    assert (found.signer, found.fiscal_code, found.signed_at) == ("Ada De Marchi", CODE, NOW)
    assert (found.format, found.issuer, found.simulated) == ("cades", "Certificatore di prova", False)


def test_a_pdf_signed_within_is_read():
    found = verify(PDF, wanted(now=datetime.now(UTC)), TRUST)
    assert (found.fiscal_code, found.format) == (CODE, "pades")


def test_the_other_prefix_of_the_fiscal_code_is_read_and_names_are_not_believed():
    assert verify(cades(DOCUMENT, person(CA, prefix="IT:"), CA), wanted(), TRUST).fiscal_code == CODE
    for subject in (name(f"DE MARCHI ADA {CODE}"), name("Ada", (NameOID.DN_QUALIFIER, f"TINIT-{CODE}"))):
        assert reason(cades(DOCUMENT, made(subject, CA), CA)) == "wrong_person"


def test_an_intermediate_authority_leads_to_the_root():
    between = made(name("Sottocertificatore"), CA, ca=True)
    assert verify(cades(DOCUMENT, person(between), between), wanted(), TRUST).issuer == "Sottocertificatore"


@pytest.mark.parametrize("sign", [cades, pades])
def test_an_older_version_is_named_as_another_document(sign):
    with pytest.raises(SignatureInvalid) as refused:
        verify(sign(OLDER, ADA, CA), wanted(), TRUST)
    assert refused.value.details["reason"] == "other_document"
    if sign is cades:
        assert refused.value.details["hash"] == sha256(OLDER).hexdigest()


@pytest.mark.parametrize("sign", [cades, pades])
def test_another_person_is_named_with_the_one_expected(sign):
    other = person(CA, OTHER, "Mario Rossi")
    with pytest.raises(SignatureInvalid) as refused:
        verify(sign(DOCUMENT, other, CA), wanted(now=datetime.now(UTC)), TRUST)
    told = refused.value.details
    assert told["reason"] == "wrong_person"
    assert told["expected"] == CODE
    assert "Mario Rossi" in told["signer"]
    assert OTHER in told["signer"]


def test_a_chain_that_leads_elsewhere_is_not_believed():
    stranger = authority("Certificatore di prova")
    assert reason(cades(DOCUMENT, person(stranger), stranger)) == "untrusted"
    assert reason(pades(DOCUMENT, person(stranger), stranger)) == "untrusted"
    assert reason(P7M, Trust()) == "no_roots"


def test_a_simulated_signature_is_one_under_the_demonstrations_authority():
    assert verify(P7M, wanted(), Trust((), (CA.asn1,))).simulated
    assert not verify(P7M, wanted(), Trust((CA.asn1,), (authority("altra").asn1,))).simulated


def test_a_certificate_must_be_valid_when_it_signs():
    late = person(CA, ends=NOW - timedelta(days=1))
    early = person(CA, begins=NOW + timedelta(days=1))
    assert reason(cades(DOCUMENT, late, CA, at=NOW)) == "expired"
    assert reason(cades(DOCUMENT, early, CA, at=NOW)) == "expired"
    signed_before = cades(DOCUMENT, late, CA, at=NOW - timedelta(days=2))
    assert verify(signed_before, wanted(), TRUST).fiscal_code == CODE


def test_a_signing_time_is_not_believed_before_the_document_was_there_nor_in_the_future():
    late = person(CA, ends=NOW - timedelta(days=1))
    back = cades(DOCUMENT, late, CA, at=NOW - timedelta(days=2))
    assert reason(back, made_at=NOW - timedelta(hours=3)) == "expired"
    early = person(CA, begins=NOW + timedelta(days=1))
    assert reason(cades(DOCUMENT, early, CA, at=NOW + timedelta(days=2))) == "expired"


def test_a_changed_file_is_broken():
    signature = cms.ContentInfo.load(P7M)["content"]["signer_infos"][0]["signature"].native
    place = P7M.index(signature) + len(signature) // 2
    assert reason(P7M[:place] + bytes([P7M[place] ^ 1]) + P7M[place + 1 :]) == "broken"
    content = P7M.index(DOCUMENT) + 100
    assert reason(P7M[:content] + b"?" + P7M[content + 1 :]) == "other_document"


def swapped(data, page):
    """Add a revision to a PDF that changes what the page shows."""
    writer = IncrementalPdfFileWriter(BytesIO(data))
    stream = generic.StreamObject(stream_data=b"BT /F1 12 Tf (altro) Tj ET")
    reference = writer.add_object(stream)
    target = writer.root["/Pages"]["/Kids"][page].get_object()
    target["/Contents"] = reference
    writer.update_container(target)
    out = BytesIO()
    writer.write(out)
    return out.getvalue()


def test_a_pdf_changed_before_or_after_it_was_signed_is_refused():
    changed = swapped(DOCUMENT, 0)
    assert changed.startswith(DOCUMENT)
    assert reason(pades(changed, ADA, CA), now=datetime.now(UTC)) == "broken"
    assert reason(swapped(PDF, 0), now=datetime.now(UTC)) == "broken"


def test_a_pdf_without_a_signature_has_none():
    assert reason(DOCUMENT) == "none"
    assert reason(OLDER) == "other_document"


def both(data, *people):
    """Join the signers of several envelopes of one document."""
    envelopes = [cms.ContentInfo.load(cades(data, one, CA)) for one in people]
    first = envelopes[0]["content"]
    for other in envelopes[1:]:
        first["signer_infos"].append(other["content"]["signer_infos"][0])
        for cert in other["content"]["certificates"]:
            first["certificates"].append(cert)
    return envelopes[0].dump(force=True)


def test_of_several_signers_one_is_the_person_and_all_are_good():
    mario = person(CA, OTHER, "Mario Rossi")
    assert verify(both(DOCUMENT, mario, ADA), wanted(), TRUST).fiscal_code == CODE
    stranger = authority("Un altro")
    assert reason(both(DOCUMENT, ADA, person(stranger, OTHER))) == "untrusted"
    assert reason(both(DOCUMENT, *[ADA] * 11)) == "several"
    twice = pades(PDF, mario, CA, field="Firma2")
    assert verify(twice, wanted(now=datetime.now(UTC)), TRUST).fiscal_code == CODE


def test_what_is_no_signature_is_said_to_be_none():
    empty = cms.ContentInfo.load(P7M)
    empty["content"]["signer_infos"] = cms.SignerInfos([])
    assert reason(empty.dump(force=True)) == "none"
    assert reason(cades(P7M, ADA, CA)) == "several"
    for garbage in (b"", b"0", b"\x30\x82", b"PK\x03\x04 zip", b"MIIB", b"-----BEGIN PKCS7-----", P7M[:2000]):
        assert reason(garbage) in {"not_a_signature", "broken"}


def test_a_long_form_of_ber_is_read_and_a_long_file_is_not():
    deep = b"\x30\x80" * 200_000
    assert reason(deep) == "not_a_signature"
    assert reason(P7M + b"\x00" * 1_000_000) in {"broken", "not_a_signature"}


def pieces(data, size):
    """Give an envelope without lengths, whose content comes in pieces, as tools write that stream."""
    info = cms.ContentInfo.load(cades(data, ADA, CA, at=NOW))["content"]
    parts = [core.OctetString(data[n : n + size]).dump() for n in range(0, len(data), size)]
    end, data_type = b"\x00\x00", core.ObjectIdentifier("1.2.840.113549.1.7.1").dump()
    inside = b"\x30\x80" + data_type + b"\xa0\x80\x24\x80" + b"".join(parts) + end * 3
    fields = [info["version"], info["digest_algorithms"], None, info["certificates"], info["signer_infos"]]
    body = b"".join(inside if one is None else one.dump() for one in fields)
    return (
        b"\x30\x80"
        + core.ObjectIdentifier("1.2.840.113549.1.7.2").dump()
        + b"\xa0\x80\x30\x80"
        + body
        + end * 3
    )


def test_an_envelope_in_pieces_is_read_in_time():
    assert verify(pieces(DOCUMENT, 1000), wanted(), TRUST).signed_at == NOW
    large = DOCUMENT + bytes(15_000_000)
    begun = time.process_time()
    assert verify(pieces(large, 1000), wanted(document=large), TRUST).fiscal_code == CODE
    assert reason(pieces(bytes(500_000), 1)) == "not_a_signature"
    assert time.process_time() - begun < 15


@given(st.binary(max_size=200))
def test_any_bytes_are_der_or_a_value_error(data):
    with suppress(ValueError, IndexError):
        assert ber.definite(ber.definite(data, padded=True)) == ber.definite(data, padded=True)


@settings(max_examples=150, deadline=2000, suppress_health_check=list(HealthCheck))
@given(st.data())
def test_damaged_files_end_in_a_reason_or_still_hold(data):
    whole = data.draw(st.sampled_from([P7M, PDF]))
    start = data.draw(st.integers(0, len(whole)))
    length = data.draw(st.integers(0, 400))
    damaged = whole[:start] + data.draw(st.binary(max_size=60)) + whole[start + length :]
    try:
        verify(damaged, wanted(now=datetime.now(UTC)), TRUST)
    except SignatureInvalid as refused:
        assert refused.details["reason"]


@settings(max_examples=150, deadline=2000)
@given(st.binary(max_size=300), st.sampled_from([b"", DOCUMENT, b"%PDF-1.7\n", P7M[:20]]))
def test_garbage_ends_in_a_reason(tail, head):
    assert reason(head + tail)
