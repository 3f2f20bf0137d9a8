"""Forms: form-js JSON as the house reads it, what was answered, and what is wrong with it."""

from app.definitions.forms.answers import option_key
from app.definitions.forms.lens import Lens, decisions, of_bundle, prefill, table_names
from app.definitions.forms.load import load_form, parse_form
from app.definitions.forms.marks import Loaded, Merged, marks, reconcile
from app.definitions.forms.messages import say
from app.definitions.forms.model import (
    Board,
    Bounds,
    Button,
    Coded,
    Column,
    Field,
    Form,
    Lookup,
    Option,
    Rule,
    Section,
    every,
    valued,
)
from app.definitions.forms.personal import personal, sealed
from app.definitions.forms.places import Around, Check, Place
from app.definitions.forms.portable import Left, Taken, count, kept_files, portable, take
from app.definitions.forms.posted import get, merge, posted_from, put, put_at, read_posted
from app.definitions.forms.recorded import Recorded
from app.definitions.forms.signed import VALIDATOR, Signing, signing_at, signings, unanswered
from app.definitions.forms.submit import Progress, Reading, missing, read, submit

__all__ = [
    "VALIDATOR",
    "Around",
    "Board",
    "Bounds",
    "Button",
    "Check",
    "Coded",
    "Column",
    "Field",
    "Form",
    "Left",
    "Lens",
    "Loaded",
    "Lookup",
    "Merged",
    "Option",
    "Place",
    "Progress",
    "Reading",
    "Recorded",
    "Rule",
    "Section",
    "Signing",
    "Taken",
    "count",
    "decisions",
    "every",
    "get",
    "kept_files",
    "load_form",
    "marks",
    "merge",
    "missing",
    "of_bundle",
    "option_key",
    "parse_form",
    "personal",
    "portable",
    "posted_from",
    "prefill",
    "put",
    "put_at",
    "read",
    "read_posted",
    "reconcile",
    "say",
    "sealed",
    "signing_at",
    "signings",
    "submit",
    "table_names",
    "take",
    "unanswered",
    "valued",
]
