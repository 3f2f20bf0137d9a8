"""The evaluation committee: nominated, reminded, replaced, and its minutes."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from app.domain.decisions import Decision
from app.domain.errors import HandlerError
from app.handling import Call, House, handler
from handlers import simulator, termini
from handlers.canonical import day, digest
from handlers.paper import pdf, written

MEMBER, PRESIDENT, MINUTES = "valutatore", "presidente_nucleo", "verbali"
ON_PAPER = "d4_divergenza"
"""The decision whose table the minutes show, with the row that hit."""

Row = dict[str, Any]


@handler("nucleo.nomina", inside=True)
def appoint(membri: list[Row], presidente: str, giorni: Decimal, *, house: House) -> Row:
    """Give the members and the president their roles in the case; `schede_entro` is when their sheets are due."""
    house.appoint(MEMBER, [member["utente"] for member in membri])
    house.appoint(PRESIDENT, [presidente])
    seats = [{**member, "nome": house.name(member["utente"])} for member in membri]
    return {"posti": seats, "nominati_alle": house.now, "schede_entro": _due(house.now, giorni)}


@handler("nucleo.sostituisci", inside=True)
def replace(esce: str, entra: str, qualifica: str, ente: str | None, giorni: Decimal, *, house: House) -> Row:
    """Take a member's role and give it to another, who begins anew.

    Raises the business error `nucleo.gia_membro` where who comes in is a member already.
    """
    if entra in house.appointed(MEMBER):
        raise HandlerError("nucleo.gia_membro", f"Expected somebody new, but {entra} is a member already.")
    staying = [person for person in house.appointed(MEMBER) if person != esce]
    house.appoint(MEMBER, [*staying, entra])
    seat = {"utente": entra, "nome": house.name(entra), "qualifica": qualifica, "ente": ente}
    return {"posto": seat, "esce": esce, "alle": house.now, "schede_entro": _due(house.now, giorni)}


@handler("nucleo.presidenza", inside=True)
def preside(presidente: str, *, house: House) -> Row:
    """Give the president's role to one person alone."""
    house.appoint(PRESIDENT, [presidente])
    return {"presidente": presidente}


@handler("nucleo.sollecita")
def remind(membro: str, titolo: str, entro: datetime, *, call: Call) -> Row:
    """Remind a member of the sheet that is due; the mail is simulated."""
    text = f"La scheda di valutazione di «{titolo}» è attesa entro il {written(entro)}."
    return _mail(membro, f"Promemoria: {titolo}", text, call)


@handler("nucleo.segnala_ritardo")
def late(membro: str, presidente: str, titolo: str, *, call: Call) -> Row:
    """Tell the president that a sheet is late; the mail is simulated."""
    text = f"La scheda di {membro} per «{titolo}» è in ritardo. Il dirigente può sostituire il membro."
    return _mail(presidente, f"Scheda in ritardo: {titolo}", text, call)


@handler("nucleo.verbale", inside=True)
def minutes(
    titolo: str,
    nucleo: Row,
    posti: list[Row],
    punteggi: Row,
    consenso: Row | None,
    finale: Row,
    seduta: Row,
    *,
    house: House,
) -> Row:
    """Write the minutes of the committee's session, numbered in their register, as a PDF to be signed."""
    year = seduta["data"].year
    number = house.enter(MINUTES, {"fascicolo": house.case_id, "seduta": seduta["data"]}, year)
    facts = {
        "numero": f"{number}/{year}",
        "fascicolo": house.case_id,
        "titolo": titolo,
        **_session(nucleo, posti, seduta),
        **_scores(punteggi, finale),
        **_discussion(consenso or {}, posti),
        "tabella": _table([one for one in house.decisions() if one.id == ON_PAPER]),
    }
    data = pdf("verbale", facts, house.now)
    document = house.add_document(f"verbale-{number}-{year}.pdf", "application/pdf", data)
    return {"numero": facts["numero"], "documento": document, "impronta": digest(data), "alle": house.now}


def _table(taken: list[Decision]) -> Row:
    if not taken or taken[-1].table is None:
        return {}
    last, table = taken[-1], taken[-1].table
    return {
        "nome": last.name,
        "colonne": [*table.inputs, *table.outputs],
        "righe": [
            {"celle": [*rule.inputs, *rule.outputs], "vale": rule.number in last.matched}
            for rule in table.rules
        ],
    }


def _session(committee: Row, seats: list[Row], session: Row) -> Row:
    return {
        "atto": committee["atto"],
        "data": f"{session['data']:%d/%m/%Y}",
        "membri": [_member(one, committee, session) for one in seats],
        "decisione": session["decisione"],
        "note": session.get("note") or "",
    }


def _discussion(agreed: Row, seats: list[Row]) -> Row:
    names = {seat["utente"]: seat["nome"] for seat in seats}
    return {
        "confronto": agreed.get("ragione_per_differenza") or "",
        "dissensi": [f"{names[row['membro']]}: {row['testo']}" for row in agreed.get("dissensi") or []],
    }


def _scores(scores: Row, final: Row) -> Row:
    agreed = {row["codice"]: row["punteggio"] for row in final["righe"]}
    return {
        "valutatori": [one["nome"] for one in scores["schede"]],
        "criteri": [
            {
                "nome": f"{one['codice']} {one['titolo']}",
                "valori": [_number(value) for value in one["valori"]],
                "finale": _number(agreed[one["codice"]]),
            }
            for one in scores["criteri"]
        ],
        "totali": [_number(sheet["totale"]) for sheet in scores["schede"]],
        "scarto": _number(scores["scarto"]),
        "totale": _number(final["totale"]),
    }


def _member(one: Row, committee: Row, session: Row) -> Row:
    return {
        "nome": one["nome"],
        "qualifica": one["qualifica"],
        "ente": one.get("ente") or "",
        "presidente": one["utente"] == committee["presidente"],
        "presente": one["utente"] in session["presenti"],
    }


def _number(value: Decimal) -> str:
    return f"{value:.2f}".replace(".", ",") if value % 1 else f"{value:.0f}"


def _due(now: datetime, days: Decimal) -> datetime:
    return termini.end_of(termini.effective(day(now) + timedelta(days=int(days))))


def _mail(to: str, subject: str, text: str, call: Call) -> Row:
    told = simulator.tell("posta", call, {"a": to, "oggetto": subject, "testo": text})
    return {"a": told["a"], "inviata_alle": told["alle"], "modalita": told["modalita"]}
