"""What partners read in their letters."""

import json
from datetime import UTC, datetime
from pathlib import Path

from app.handling import Call, Invitation
from handlers import partner

NOW = datetime(2023, 5, 8, 22, 30, tzinfo=UTC)
WHO = {"pec": "riciclo@pec.example", "denominazione": "Riciclo Chimera"}


def call(ledger: Path) -> Call:
    return Call(
        "k", "FIL-1", NOW, 1, ledger, lambda _: b"", list, lambda: Invitation("invited:1", "http://l")
    )


def test_a_partner_reads_why_its_changes_are_not_accepted_and_gets_no_link(tmp_path: Path) -> None:
    given = (WHO, "NOVACERA", "Novacera S.r.l.", "Un ruolo nella ricerca", "Spetta agli atenei")
    sent = partner.answer(*given, call=call(tmp_path))
    assert (sent["a"], sent["modalita"], "attore" in sent) == ("riciclo@pec.example", "simulato", False)
    (letter,) = [json.loads(path.read_text()) for path in (tmp_path / "pec").glob("*.json")]
    assert "«Un ruolo nella ricerca»" in letter["testo"]
    assert "«Spetta agli atenei»" in letter["testo"]
    assert "collegamento" not in letter
