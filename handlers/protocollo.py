"""The protocol register and its emergency book (D.P.R. 445/2000 arts. 53, 55, 57 and 63)."""

from datetime import datetime
from typing import Any

from app.handling import DocumentId, House, handler
from handlers.canonical import day, digest

OFFICE = "O1"
"""The organisational area that numbers are given in."""

Entry = dict[str, Any]


@handler("impronta.calcola", inside=True)
def fingerprint(documento: DocumentId, *, house: House) -> str:
    """Give the SHA-256 of a document of the case (D.P.R. 445/2000 art. 53 c. 1 f)."""
    return digest(house.read_document(documento))


@handler("protocollo.registra", inside=True)
def register(
    direzione: str,
    mittente: str | None,
    destinatari: list[str],
    oggetto: str,
    documento: DocumentId,
    impronta: str,
    *,
    house: House,
) -> Entry:
    """Enter a document in the protocol register; the same job twice is one entry.

    The number has seven digits and begins again each solar year: `O1.2023.0000042`.
    """
    year = day(house.now).year
    body = _body(direzione, mittente, destinatari, oggetto, documento, impronta)
    number = f"{OFFICE}.{year}.{house.enter('protocollo', body, year):07d}"
    return _entry("protocollo", number, impronta, house.entered_at("protocollo"))


@handler("protocollo.emergenza", inside=True)
def register_in_emergency(
    direzione: str,
    mittente: str | None,
    destinatari: list[str],
    oggetto: str,
    documento: DocumentId,
    impronta: str,
    *,
    house: House,
) -> Entry:
    """Enter a document in the emergency register while the protocol is down: `EMG-2023-0003`."""
    year = day(house.now).year
    body = _body(direzione, mittente, destinatari, oggetto, documento, impronta)
    number = f"EMG-{year}-{house.enter('protocollo_emergenza', body, year):04d}"
    return _entry("protocollo_emergenza", number, impronta, house.entered_at("protocollo_emergenza"))


@handler("protocollo.riconcilia", inside=True)
def reconcile(
    direzione: str,
    mittente: str | None,
    destinatari: list[str],
    oggetto: str,
    documento: DocumentId,
    impronta: str,
    emergenza: Entry,
    *,
    house: House,
) -> Entry:
    """Enter in the protocol what the emergency register holds, with the number that it got there."""
    year = day(house.now).year
    body = _body(direzione, mittente, destinatari, oggetto, documento, impronta)
    number = house.enter("protocollo", {**body, "emergenza": emergenza["numero"]}, year)
    entry = _entry("protocollo", f"{OFFICE}.{year}.{number:07d}", impronta, house.entered_at("protocollo"))
    return {**entry, "emergenza": emergenza["numero"], "emergenza_data": emergenza["data"]}


def _body(
    direction: str, sender: str | None, receivers: list[str], subject: str, document: str, impronta: str
) -> Entry:
    return {
        "direzione": direction,
        "mittente": sender,
        "destinatari": list(receivers),
        "oggetto": subject,
        "documento": document,
        "impronta": impronta,
    }


def _entry(register_name: str, number: str, impronta: str, now: datetime) -> Entry:
    return {
        "registro": register_name,
        "numero": number,
        "data": now,
        "impronta": impronta,
        "segnatura": f"{number} del {day(now):%d/%m/%Y}",
    }
