"""A decree: its text made from what was drafted, its number in the yearly register, the page that registers it, its publication."""

import re
from datetime import date
from decimal import Decimal
from typing import Any

from app.domain.cases import Document
from app.handling import Call, DocumentId, House, handler
from handlers import simulator
from handlers.canonical import day, digest
from handlers.paper import pdf, written

REGISTER = "decreti"
KINDS = {
    "ddg": ("Decreto del Direttore generale", "D.d.g."),
    "dduo": ("Decreto del Dirigente di unità organizzativa", "D.d.u.o."),
    "dds": ("Decreto del Dirigente di struttura", "D.d.s."),
}
"""What a kind of decree is called, in full and as it is cited."""

CHANNELS = {"burl": "burl", "sito": "sito", "trasparenza": "trasparenza"}
"""The simulated system behind each channel of publication."""

MONTHS = (
    "gennaio", "febbraio", "marzo", "aprile", "maggio", "giugno",
    "luglio", "agosto", "settembre", "ottobre", "novembre", "dicembre",
)  # fmt: skip

Row = dict[str, Any]


@handler("decreto.genera", inside=True)
def generate(atto: Row, allegati: list[Row], spesa: bool, *, house: House) -> Row:
    """Make the text of a decree, which is what the director signs: tagged PDF, each annex named by its SHA-256.

    `allegati` are those that the process made (`titolo`, `documento`); `atto.altri_allegati` are files that the officer added.
    Gives `documento`, `impronta` and `versione`, the round of drafting in this case.
    """
    known = {document.id: document for document in house.documents()}
    start = f"decreto-testo-{house.case_id}-v"
    version = 1 + sum(document.name.startswith(start) for document in known.values())
    facts = {
        "tipo": KINDS[atto["tipo"]][0],
        "oggetto": atto["oggetto"],
        "premesse": paragraphs(atto["premesse"]),
        "dispositivo": paragraphs(atto["dispositivo"]),
        "allegati": _annexes(allegati, atto.get("altri_allegati"), known),
        "rimedi": atto.get("rimedi") or "",
        "spesa": spesa,
        "fascicolo": house.case_id,
        "versione": str(version),
    }
    data = pdf("decreto", facts, house.now)
    document = house.add_document(f"{start}{version}.pdf", "application/pdf", data)
    return {"documento": document, "impronta": digest(data), "versione": Decimal(version)}


@handler("decreto.numera", inside=True)
def number(atto: Row, testo: Row, firma: Row, visto: Row | None, *, house: House) -> Row:
    """Give a signed decree the next number of the year and make its registration page; the same job twice is one entry.

    `firma` is the signed `file` and the name of who signed (`firmatario`). `impronta` is the SHA-256 of the signed text, as signed.
    """
    signed = digest(house.read_document(firma["file"]))
    year = day(house.now).year
    told = {"tipo": atto["tipo"], "oggetto": atto["oggetto"], "fascicolo": house.case_id}
    told |= {"impronta": testo["impronta"], "firmato": signed, "firmatario": firma["firmatario"]}
    given = house.enter(REGISTER, told, year)
    at = house.entered_at(REGISTER)
    name, short = KINDS[atto["tipo"]]
    cited = f"{short} {long_date(day(at))}, n. {given}"
    facts = {**told, "tipo": name, "numero": str(given), "data": long_date(day(at)), "alle": written(at)}
    facts |= {"visto": _visa(visto), "documento": _name(house, testo["documento"])}
    page = pdf("registrazione", facts, house.now)
    return {
        "registro": REGISTER,
        "numero": str(given),
        "anno": Decimal(year),
        "data": day(at),
        "estremi": cited,
        "tipo": atto["tipo"],
        "oggetto": atto["oggetto"],
        "documento": house.add_document(f"decreto-{year}-{given:05d}.pdf", "application/pdf", page),
        "testo": testo["documento"],
        "impronta": testo["impronta"],
        "firmato": firma["file"],
        "impronta_firmato": signed,
        "firmatario": firma["firmatario"],
    }


@handler("burl.pubblica")
def publish(canali: list[str], decreto: Row, *, call: Call) -> list[Row]:
    """Publish a decree in each channel asked for: official bulletin, site, transparency section; all three are simulated here.

    What goes out is the registration page and the signed text, by their bytes. The bulletin comes first: where it is down
    (`burl.non_disponibile`) nothing else has gone out.
    """
    bodies = {name: call.read_document(DocumentId(decreto[name])) for name in ("documento", "testo")}
    effect = {
        "atto": decreto["estremi"],
        "oggetto": decreto["oggetto"],
        "impronta": digest(bodies["testo"]),
        "registrazione": digest(bodies["documento"]),
        "byte": str(sum(map(len, bodies.values()))),
    }
    return [_published(one, effect, call) for one in CHANNELS if one in canali]


def _published(channel: str, effect: dict[str, str], call: Call) -> Row:
    told = simulator.tell(CHANNELS[channel], call, {"canale": channel, **effect})
    return {
        "canale": channel,
        "stato": "pubblicata",
        "modalita": told["modalita"],
        "ricevuta": told["ricevuta"],
        "alle": told["alle"],
    }


def paragraphs(text: str) -> list[str]:
    """Split what was typed into its paragraphs: an empty line ends one, and so does a line that begins with a number or a dash."""
    parts = re.split(r"\n\s*\n|\n(?=\s*(?:\d+[.)]|[-–•])\s)", text.replace("\r\n", "\n"))
    return [re.sub(r"^(?:\d+[.)]|[-–•])\s+", "", " ".join(part.split())) for part in parts if part.strip()]


def long_date(when: date) -> str:
    """Write a date as acts cite it: 28 giugno 2023, 1° luglio 2023."""
    return f"{when.day}{'°' if when.day == 1 else ''} {MONTHS[when.month - 1]} {when.year}"


def _annexes(made: list[Row], added: Any, known: dict[str, Document]) -> list[Row]:
    own = [{"titolo": row["titolo"], "documento": row["documento"]} for row in made]
    files = [added] if isinstance(added, str) else list(added or [])
    own += [{"titolo": known[file].name, "documento": file} for file in files]
    return [
        {
            "titolo": row["titolo"],
            "file": known[row["documento"]].name,
            "sha256": known[row["documento"]].sha256,
        }
        for row in own
    ]


def _visa(visa: Row | None) -> Row | None:
    if visa is None or not visa.get("capitolo"):
        return None
    return {"capitolo": visa["capitolo"], "impegno": visa["impegno"]}


def _name(house: House, wanted: str) -> str:
    return next(document.name for document in house.documents() if document.id == wanted)
