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
    """Give the members and the president their roles in the case; `schede_entro` of each seat is when its sheet is due.

    Raises the business error `nucleo.incompatibile` for somebody who has to do with the case otherwise.
    """
    for member in membri:
        _require_free(member["utente"], house)
    house.appoint(MEMBER, [member["utente"] for member in membri])
    house.appoint(PRESIDENT, [presidente])
    due = _due(house.now, giorni)
    seats = [{**member, "nome": house.name(member["utente"]), "schede_entro": due} for member in membri]
    return {"posti": seats, "nominati_alle": house.now}


@handler("nucleo.sostituisci", inside=True)
def replace(
    esce: str,
    entra: str,
    qualifica: str,
    ente: str | None,
    presidente: str | None,
    giorni: Decimal,
    *,
    house: House,
) -> Row:
    """Take a member's role and give it to another, who begins anew; a president who leaves is one no more.

    `presidente` is who presides then, without it whoever comes in. Raises the business error `nucleo.incompatibile` where that person is a
    member already, was one, or has to do with the case otherwise.
    """
    _require_free(entra, house)
    if entra in house.appointed(MEMBER):
        raise HandlerError(
            "nucleo.incompatibile",
            f"{house.name(entra)} fa già parte del nucleo: scegliere un'altra persona.",
        )
    staying = [person for person in house.appointed(MEMBER) if person != esce]
    presides = esce in house.appointed(PRESIDENT)
    house.appoint(MEMBER, [*staying, entra])
    if presides:
        house.appoint(PRESIDENT, [presidente or entra])
    seat = {"utente": entra, "nome": house.name(entra), "qualifica": qualifica, "ente": ente}
    return {"posto": {**seat, "schede_entro": _due(house.now, giorni)}, "esce": esce, "alle": house.now}


@handler("nucleo.congeda", inside=True)
def dismiss(*, house: House) -> Row:
    """Take the roles of the committee from everybody: there is nothing left to evaluate."""
    house.appoint(MEMBER, [])
    house.appoint(PRESIDENT, [])
    return {"alle": house.now}


def _require_free(person: str, house: House) -> None:
    """Refuse somebody who has to do with this case otherwise: a party, a member who was removed, or whoever did a task of the office."""
    own = {(how, role) for how in ("holds", "acted") for role in (MEMBER, PRESIDENT)}
    if house.involved(person) - own:
        raise HandlerError(
            "nucleo.incompatibile",
            f"{house.name(person)} fa parte di questa pratica, è stato escluso dal nucleo o ha già agito per l'ufficio: scegliere un'altra persona.",
        )


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
    year = day(house.now).year
    nucleo = {**nucleo, "presidente": next(iter(house.appointed(PRESIDENT)), None)}
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
        "dati": [f"{last.labels.get(key, key)}: {_written(value)}" for key, value in last.inputs.items()],
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


def _written(value: Any) -> str:
    return _number(value) if isinstance(value, Decimal) else str(value)


def _number(value: Decimal) -> str:
    return f"{value:.2f}".replace(".", ",") if value % 1 else f"{value:.0f}"


def _due(now: datetime, days: Decimal) -> datetime:
    return termini.end_of(termini.effective(day(now) + timedelta(days=int(days))))


def _mail(to: str, subject: str, text: str, call: Call) -> Row:
    told = simulator.tell("posta", call, {"a": to, "oggetto": subject, "testo": text})
    return {"a": told["a"], "inviata_alle": told["alle"], "modalita": told["modalita"]}
