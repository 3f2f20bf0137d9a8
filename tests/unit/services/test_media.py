"""An upload is what its name says, or it is refused with the reason."""

import pytest

from app.domain.errors import DocumentRefused
from app.services import media

limit = 1024


def test_a_pdf_is_a_pdf():
    assert media.checked("Relazione.PDF", b"%PDF-1.7\n...", limit) == "application/pdf"


@pytest.mark.parametrize(
    ("name", "data", "reason"),
    [
        ("a.pdf", b"PK\x03\x04", "mistyped"),
        ("a.pdf", b"", "empty"),
        ("a.pdf", b"%PDF-" + b"x" * limit, "too_large"),
        ("a.exe", b"MZ", "kind"),
        ("a.xlsx", b"%PDF-1.7", "mistyped"),
        ("a.png", b"%PDF-1.7", "mistyped"),
        ("a.p7m", b"hello", "mistyped"),
        ("a.csv", b"\xff\xfe\x00", "mistyped"),
        ("pdf", b"%PDF-1.7", "kind"),
    ],
)
def test_what_is_not_what_it_says_is_refused(name, data, reason):
    with pytest.raises(DocumentRefused) as caught:
        media.checked(name, data, limit)
    assert caught.value.details["reason"] == reason


def test_a_field_takes_its_own_kinds_only_and_the_refusal_names_those():
    with pytest.raises(DocumentRefused) as caught:
        media.checked("a.docx", b"PK\x03\x04", limit, (".pdf", ".p7m"))
    assert caught.value.details["kinds"] == ".p7m, .pdf"
    assert media.checked("a.docx", b"PK\x03\x04", limit)
    assert media.kinds_of(("image/*",)) == [".png", ".jpg", ".jpeg"]
    assert media.kinds_of(("application/pdf",)) == [".pdf"]


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\docs\\a.pdf", "a.pdf"),
        ("relazione (v2) è.pdf", "relazione (v2) è.pdf"),
        ("a\x00b\n.pdf", "a_b_.pdf"),
        ("x" * 400 + ".pdf", "x" * 140 + ".pdf"),
    ],
)
def test_a_name_loses_its_folders_and_control_signs(name, kept):
    assert media.safe_name(name) == kept
