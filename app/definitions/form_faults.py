"""What `check` says of forms: for each code the sentence, the way out and the severity."""

from app.domain.definitions import Finding

_TABLE: dict[str, tuple[str, str]] = {
    "iframe": (
        "Expected content of our own, but an iframe shows another site.",
        "Link the page in a text instead.",
    ),
    "component_type": (
        "Expected one of {known}, but the component is {found!r}.",
        "Choose another component.",
    ),
    "shape": ("Expected {name} to be {expected}, but it is something else.", "Correct the value."),
    "extent": (
        "Expected at most {most} components in one form, {depth} deep in each other, but there are {count}, {found} deep.",
        "Split the form into several tasks, or take groups apart.",
    ),
    "rows": (
        "Expected at most {most} rows to begin with, lists within lists multiplied, but {found} would be made.",
        "Lower defaultRepetitions.",
    ),
    "key_missing": ("Expected a key for the {kind}, but it has none.", "Give it a key."),
    "key": ("{fault}", "Choose another key."),
    "foreign_expression": ("Expected FEEL in {place}, but found {found!r}.", "{way_out}"),
    "feel": ("{fault}, in {place}: {text:.120}", "Correct the expression."),
    "rule": (
        "Expected validate to be a list of rules with an expression, but it is not.",
        'Write [{{"expression": ..., "message_it": ..., "message_en": ...}}].',
    ),
    "rule_message": (
        "Expected a rule to say what is wrong in both languages, but it does not.",
        "Add message_it and message_en.",
    ),
    "pattern": (
        "Expected a regular expression of RE2, but it is {found!r}.",
        "Write it without look-around and back-references.",
    ),
    "bounds": ("Expected {low} not above {high}, but {least} > {most}.", "Correct one of the two."),
    "validator": ("Expected one of the validators {known}, but found {found!r}.", "Choose one of them."),
    "signature": (
        "Expected a signature field to say in {name} what it expects, but it does not.",
        "Write FEEL: signed gives the id of the document to be signed, signer the fiscal code of who signs it.",
    ),
    "signature_place": (
        "Expected a signature in a filepicker for one file, but the validator firma stands elsewhere.",
        "Make it a filepicker without multiple.",
    ),
    "signature_idle": (
        "Expected the validator firma beside {name}, but it is not there: nothing would be verified.",
        "Add the validator, or remove {name}.",
    ),
    "subtype": ("Expected date, time or datetime, but found {found!r}.", "Choose one of them."),
    "options": ("Expected answers to choose from, but there are none.", "Add values or valuesExpression."),
    "option_repeated": (
        "Expected each option to have a value of its own, but found {found} again.",
        "Give each its own value.",
    ),
    "section": (
        "Expected a section to be a group at the top of the form, but it is not.",
        "Move the group to the top.",
    ),
    "image": (
        "Expected an image of this server (/..., without \\, blanks and control characters), but it is elsewhere.",
        "Put the image under /static.",
    ),
    "row_readonly": (
        "Expected rows that stay in place, since one of their fields is read-only, but people may add and remove them.",
        "Set allowAddRemove to false, or show the value with an expression.",
    ),
    "unique": (
        "Expected unique to name a key of the rows, but {found!r} is none.",
        "Name a key of the rows.",
    ),
    "outcome": (
        "Expected outcome to name a radio or select of the form, but {found!r} is none.",
        "Name such a field.",
    ),
    "outcome_value": (
        "Expected one of the outcomes {known}, but optional_when_outcome has {found!r}.",
        "Name one of the outcomes.",
    ),
    "decision": (
        "Expected decision on a table without dataSource at the top of the form, but it is elsewhere.",
        "Move the table to the top of the form, and remove its dataSource.",
    ),
    "lookup": (
        "Expected lookup to have a handler, one field or more in from, and fills, but {lacks} is missing.",
        'Write {{"handler": ..., "from": ..., "fills": {{...}}}}.',
    ),
    "lookup_key": (
        "Expected lookup to name fields of its row or group, but {found!r} is none.",
        "Name a key of the row or group.",
    ),
    "value_table": (
        'Expected table to be a name, or {{"by": field, "of": {{value: name}}}}, but it is something else.',
        "Name a table of forms/tables.",
    ),
    "board": (
        "Expected board on a table, with title and state as keys of its columns ({known}), but it is something else.",
        'Write {{"title": ..., "state": ..., "messages": ...}}; messages is a key of the rows.',
    ),
    "board_tone": (
        "Expected one of the tones {known}, but found {found!r}.",
        "Choose one of them, or leave it out.",
    ),
    "unique_in": (
        "Expected unique_in on a text of the form itself, but it is in a row or on another kind of field.",
        "Move it to a text field outside every list.",
    ),
    "property": ("Expected a known custom attribute, but found {found!r}.", "See docs/reference/forms.md."),
    "form_id": ("Expected the form's id to be {known}, but it is {found!r}.", "Make both equal."),
    "untranslated": (
        "Expected an English label everywhere, but it is missing at: {found}.",
        "Add properties.label_en.",
    ),
}
_WARNINGS = frozenset({"rule_message", "property", "form_id", "untranslated"})


def finding(file: str, element: str, code: str, values: dict[str, object]) -> Finding:
    """Give the finding of a code at an element of a form's file."""
    message, way_out = (text.format(**values) for text in _TABLE[code])
    return Finding(file, element, "warning" if code in _WARNINGS else "error", code, message, way_out)
