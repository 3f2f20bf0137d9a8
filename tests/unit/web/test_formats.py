"""Numbers on public pages as each language writes them."""

from datetime import date
from decimal import Decimal

import pytest

from app.web import formats


@pytest.mark.parametrize(
    ("value", "italian", "english"),
    [
        (Decimal(600000), "600.000", "600,000"),
        (Decimal("1234567.50"), "1.234.567,50", "1,234,567.50"),
        (Decimal(9999), "9999", "9999"),
        (Decimal("65.5"), "65,5", "65.5"),
        (Decimal(-10000), "-10.000", "-10,000"),
        (date(2024, 6, 3), "03/06/2024", "03/06/2024"),
        ("600000", "600000", "600000"),
    ],
)
def test_a_number_of_five_digits_is_grouped(
    monkeypatch: pytest.MonkeyPatch, value: object, italian: str, english: str
) -> None:
    for language, wanted in (("it", italian), ("en", english)):
        monkeypatch.setattr(formats, "spoken", lambda language=language: language)
        assert formats.grouped(value) == wanted
