"""What is wrong with a query line, in the person's language."""

from collections.abc import Sequence
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.domain.actors import Actor
from app.domain.query_line import Fault
from app.web.session import groups

why: dict[str, Any] = {
    "key": _l(
        "before the colon stands group, due, held, process, or a role that people have in a case."
        " To look for a text with a colon, put it in quotation marks."
    ),
    "group": _l("it is none of your groups, or several. Yours are: %(groups)s."),
    "due": _l("write <7d (within 7 days), >7d, a date such as 20/11/2023, <20/11/2023, today, late or none."),
    "held": _l("nobody is called so. Write me, nobody, or part of a name."),
    "process": _l("no process is called so."),
    "party": _l("write part of a name after the colon."),
    "twice": _l("it is said twice."),
    "quote": _l("a quotation mark is not closed."),
}


def sentences(faults: Sequence[Fault], by: Actor) -> list[tuple[str, str]]:
    """Give each word that could not be read with what is wrong with it."""
    named = groups()
    own = ", ".join(sorted(f"{code} ({named.get(code, code)})" for code in by.groups)) or str(_("none"))
    return [(fault.word, str(why[fault.why]) % {"groups": own}) for fault in faults]
