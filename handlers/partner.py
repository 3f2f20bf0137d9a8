"""Letters to partners: the invitation with its personal link, the reminder, the answer; the certified mail is simulated here."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from app.handling import Call, handler
from handlers import simulator
from handlers.paper import written

Row = dict[str, Any]


@handler("partner.invita")
def invite(
    partner: Row,
    titolo: str,
    capofila: str,
    accordo: Row,
    scade: datetime,
    di_nuovo: bool,
    risposta: str | None,
    *,
    call: Call,
) -> Row:
    """Send a partner the link to the one task that is theirs; the link itself is in the letter and nowhere else.

    `risposta` is what the lead answers to changes that the partner asked for. Gives who acts by the link (`attore`) and by when (`scade`).
    """
    again = "Ti invitiamo di nuovo" if di_nuovo else "Ti invitiamo"
    text = (
        f"{again} ad aderire al partenariato «{titolo}» di {capofila} e a firmare l'accordo di progetto, versione"
        f" {accordo['versione']} (impronta SHA-256 {accordo['impronta']}). Il collegamento qui sotto è personale, serve"
        f" una volta sola e vale fino al {written(scade)}. Con esso puoi firmare, rifiutare o chiedere modifiche."
    )
    if risposta:
        text += f" Il capofila risponde alle modifiche che hai chiesto: {risposta}"
    return {**_letter(partner, f"Invito: {titolo}", text, call), "scade": scade}


@handler("partner.sollecita")
def remind(partner: Row, titolo: str, capofila: str, volta: Decimal = Decimal(1), *, call: Call) -> Row:
    """Remind a partner of the invitation that waits, with the same link.

    `volta` counts the reminders, this one included. Gives what an invitation gives, with `volta` and the instant of the letter (`alle`).
    """
    text = f"{capofila} attende la tua risposta all'invito nel partenariato «{titolo}». Il collegamento è lo stesso."
    sent = _letter(partner, f"Promemoria: {titolo}", text, call)
    return {**sent, "volta": volta, "alle": datetime.fromisoformat(sent["inviata_alle"])}


@handler("partner.risponde")
def answer(partner: Row, titolo: str, capofila: str, chieste: str, risposta: str, *, call: Call) -> Row:
    """Tell a partner that the lead does not accept the changes it asked for (`chieste`), and why; there is no link any more."""
    text = (
        f"{capofila} non accoglie le modifiche all'accordo di progetto del partenariato «{titolo}» che hai chiesto"
        f" («{chieste}») e risponde: «{risposta}». Il tuo collegamento è stato usato e questo invito è chiuso;"
        " il capofila può invitarti di nuovo, con un altro collegamento."
    )
    told = {"a": str(partner["pec"]), "oggetto": f"Modifiche non accolte: {titolo}", "testo": text}
    return _sent(simulator.tell("pec", call, told))


def _letter(partner: Row, subject: str, text: str, call: Call) -> Row:
    invitation = call.invitation()
    told = simulator.tell(
        "pec",
        call,
        {"a": str(partner["pec"]), "oggetto": subject, "testo": text, "collegamento": invitation.address},
    )
    return {"attore": invitation.actor, **_sent(told)}


def _sent(told: Row) -> Row:
    return {
        "a": told["a"],
        "inviata_alle": told["alle"],
        "ricevuta": told["ricevuta"],
        "modalita": told["modalita"],
    }
