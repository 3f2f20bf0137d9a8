"""The project agreement and the lead's application: made from the data, one frozen text for one content."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from app.handling import House, handler
from handlers.canonical import canonical, digest
from handlers.elenco import KINDS
from handlers.paper import pdf, written

FORMS = {
    "accordo_di_progetto": "accordo di progetto",
    "contratto_di_rete": "contratto di rete",
    "consorzio": "consorzio",
    "ati_ats": "ATI o ATS",
    "cluster": "cluster",
    "altro": "altra forma",
}
NAMES = {
    "titolo": "titolo",
    "forma": "forma",
    "tipo_partenariato": "tipo di partenariato",
    "obiettivo_comune": "obiettivo comune",
    "durata_mesi": "durata in mesi",
    "tipo": "tipo",
    "denominazione": "denominazione",
    "ruolo": "ruolo",
    "capofila": "capofila",
    "importo": "importo",
}

Row = dict[str, Any]


@handler("accordo.genera", inside=True)
def generate(contenuto: Row, precedenti: list[Row], attuale: Row | None, *, house: House) -> Row:
    """Give the agreement of a content: the version that has it already, or the next one with its PDF and hash.

    `contenuto` is the material content (`progetto`, `partner`, `impegni`), `precedenti` the versions so far and
    `attuale` the last one used. `impronta` is the SHA-256 of the PDF, which is what partners sign; `modifiche` says what
    the new version changes.
    """
    fingerprint = digest(canonical(contenuto))
    changes = list(_changes(attuale["contenuto"], contenuto)) if attuale else []
    known = next((one for one in precedenti if one["contenuto_impronta"] == fingerprint), None)
    if known is not None:
        return {**known, "contenuto": contenuto, "modifiche": changes or known["modifiche"]}
    version = len(precedenti) + 1
    facts = {
        **_facts(contenuto),
        "versione": str(version),
        "fascicolo": house.case_id,
        "contenuto": fingerprint,
    }
    data = pdf("accordo", facts, house.now)
    return {
        "fascicolo": house.case_id,
        "versione": Decimal(version),
        "documento": house.add_document(f"accordo-{house.case_id}-v{version}.pdf", "application/pdf", data),
        "impronta": digest(data),
        "contenuto_impronta": fingerprint,
        "contenuto": contenuto,
        "modifiche": changes,
        "generato_alle": house.now,
    }


@handler("domanda.genera", inside=True)
def application(
    edizione: Row,
    anagrafica: Row,
    proposta: Row,
    accordo: Row,
    firme: list[Row],
    precedenti: list[Row],
    *,
    house: House,
) -> Row:
    """Give the application that the lead signs: it names the agreement by its hash, every signature on it and who gave it.

    `precedenti` are the applications made so far: what has the same content is the same document. A name that was erased is left out.
    """
    signed = {row["partner"]: row for row in firme if row["impronta"] == accordo["impronta"]}
    content = [edizione.get("titolo"), anagrafica, proposta, accordo["impronta"], list(signed.values())]
    fingerprint = digest(canonical(content))
    known = next((one for one in precedenti if one["contenuto"] == fingerprint), None)
    if known is not None:
        return {**known, "versioni": precedenti}
    data = pdf(
        "domanda",
        _application(edizione, anagrafica, proposta, accordo, house.opened(signed), house),
        house.now,
    )
    version = f"-v{len(precedenti) + 1}" if precedenti else ""
    name = f"domanda-{house.case_id}{version}.pdf"
    document = house.add_document(name, "application/pdf", data)
    made = {"documento": document, "impronta": digest(data), "contenuto": fingerprint}
    return {**made, "versioni": [*precedenti, made]}


def _application(
    edizione: Row, anagrafica: Row, proposta: Row, accordo: Row, signed: dict[str, Row], house: House
) -> Row:
    return {
        "fascicolo": house.case_id,
        "edizione": str(edizione.get("titolo") or ""),
        "titolo": anagrafica["titolo"],
        "ambiti": ", ".join(proposta["ambiti"]),
        "versione": str(accordo["versione"]),
        "impronta": accordo["impronta"],
        "contenuto": digest(canonical({"anagrafica": anagrafica, "proposta": proposta})),
        "partner": [_signature(partner, signed.get(partner["cf"])) for partner in proposta["partner"]],
    }


def _signature(partner: Row, given: Row | None) -> Row:
    when = written(given["alle"]) if given else "con questa domanda" if partner.get("capofila") else "manca"
    signer = str(given.get("firmatario") or "") if given else ""
    return {"nome": partner["denominazione"], "codice": partner["cf"], "firma": when, "firmatario": signer}


def _facts(content: Row) -> Row:
    project, partners = content["progetto"], content["partner"]
    names = {partner["cf"]: partner["denominazione"] for partner in partners}
    return {
        "titolo": project["titolo"],
        "forma": FORMS.get(project["forma"], project["forma"]),
        "obiettivo": project["obiettivo_comune"],
        "durata": str(project["durata_mesi"]),
        "partner": [
            {
                "nome": partner["denominazione"],
                "tipo": _kind(partner["tipo"]),
                "codice": partner["cf"],
                "ruolo": partner.get("ruolo") or "",
                "capofila": partner.get("capofila") is True,
            }
            for partner in partners
        ],
        "impegni": [
            {
                "nome": names.get(row["impresa"], row["impresa"]),
                "importo": _euros(row.get("importo")),
            }
            for row in content["impegni"]
            if row.get("impresa")
        ],
    }


def _kind(code: str) -> str:
    name = KINDS[code]["it"] if code in KINDS else code
    return name[:1].upper() + name[1:]


def _euros(amount: Decimal | None) -> str:
    return f"{amount or Decimal(0):,.2f}".replace(",", " ").replace(".", ",").replace(" ", ".")


def _changes(before: Row, after: Row) -> Iterator[str]:
    """Say what the new content changes, one sentence each, in the order of the agreement."""
    yield from _differences("", before["progetto"], after["progetto"])
    yield from _rows("partner", "cf", before["partner"], after["partner"])
    names = {p["cf"]: p["denominazione"] for p in [*before["partner"], *after["partner"]]}
    yield from _rows("impegno", "impresa", before["impegni"], after["impegni"], names)


def _rows(
    what: str, key: str, before: list[Row], after: list[Row], names: Row | None = None
) -> Iterator[str]:
    old, new = ({row[key]: row for row in rows if row.get(key)} for rows in (before, after))
    for code in sorted(old.keys() | new.keys()):
        name = (names or {}).get(code) or new.get(code, old.get(code, {})).get("denominazione", code)
        if code not in old:
            yield f"{what} di {name}: nuovo" if names else f"{name}: nuovo {what}"
        elif code not in new:
            yield f"{what} di {name}: tolto" if names else f"{name}: {what} tolto"
        else:
            yield from _differences(f"{name}, ", old[code], new[code])


def _differences(prefix: str, before: Row, after: Row) -> Iterator[str]:
    for key in sorted(before.keys() | after.keys()):
        old, new = before.get(key), after.get(key)
        if old != new:
            yield f"{prefix}{NAMES.get(key, key)}: da {_short(old)} a {_short(new)}"


def _short(value: Any) -> str:
    if value is None:
        return "niente"
    text = _euros(value) if isinstance(value, Decimal) else str(value)
    return f"«{text[:60]}…»" if len(text) > 60 else f"«{text}»"  # noqa: PLR2004 - room in a sentence
