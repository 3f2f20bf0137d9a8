"""What leaves the house: publication on the site, notices and letters to parties, all simulated here."""

from decimal import Decimal
from typing import Any

from app.handling import Call, DocumentId, handler
from handlers import simulator
from handlers.canonical import digest


@handler("sito.pubblica")
def publish(
    nome: str, versione: Decimal, impronta: str, documento: DocumentId, *, call: Call
) -> dict[str, Any]:
    """Publish one version of a list on the site; the same job twice publishes it once."""
    data = call.read_document(documento)
    effect = {
        "nome": nome,
        "versione": str(versione),
        "impronta": impronta,
        "byte": str(len(data)),
        "impronta_letta": digest(data),
    }
    return simulator.tell("sito", call, effect)


@handler("avviso.invia")
def notify(ruolo: str, oggetto: str, testo: str, *, call: Call) -> dict[str, Any]:
    """Send a notice to those who hold a role in the case; the address is looked up by the mail system."""
    return simulator.tell("avvisi", call, {"ruolo": ruolo, "oggetto": oggetto, "testo": testo})


@handler("pec.invia")
def send(
    pratica: str,
    ruolo: str,
    destinatario: str,
    oggetto: str,
    documento: DocumentId,
    protocollo: str,
    *,
    call: Call,
) -> dict[str, Any]:
    """Send a protocolled letter by certified mail to who holds a role in a case; the mail system looks up the address."""
    data = call.read_document(documento)
    effect = {
        "a": f"{destinatario} ({ruolo}, {pratica})",
        "oggetto": oggetto,
        "protocollo": protocollo,
        "allegato": digest(data),
        "byte": str(len(data)),
    }
    told = simulator.tell("pec", call, effect)
    return {key: told[key] for key in ("a", "alle", "ricevuta", "modalita")}
