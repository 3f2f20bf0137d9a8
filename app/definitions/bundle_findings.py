"""What a form names outside itself and the bundle lacks: decisions of the process, value tables, handlers of registers."""

from collections.abc import Collection, Iterator, Mapping

from app.definitions.diagrams import Diagram
from app.definitions.forms import Form, decisions, every, load_form, table_names
from app.definitions.value_tables import file_of, read_table
from app.domain.bundles import Bundle
from app.domain.definitions import Finding
from app.domain.errors import DefinitionInvalid


def examine(
    bundle: Bundle, diagrams: Mapping[str, Diagram], handlers: Collection[str] | None
) -> Iterator[Finding]:
    """Give the findings of each form that can be read, and of each value table."""
    for file, data in bundle.named(".json").items():
        try:
            form = load_form(data)
        except DefinitionInvalid:
            continue
        yield from _decisions(file, form, diagrams)
        yield from _tables(file, form, bundle)
        yield from _handlers(file, form, handlers)
    for file, data in bundle.named(".csv").items():
        try:
            read_table(file, data)
        except DefinitionInvalid as wrong:
            yield Finding(
                file,
                "",
                "error",
                "table_unreadable",
                str(wrong),
                "Write `# title:`, then code,title, then the rows.",
            )


def _decisions(file: str, form: Form, diagrams: Mapping[str, Diagram]) -> Iterator[Finding]:
    name = file.removeprefix("forms/").removesuffix(".json")
    asking = [diagram for diagram in diagrams.values() if name in diagram.forms.values()]
    known = sorted({element for diagram in asking for element in diagram.rules})
    for element in sorted(decisions(form)):
        if any(element not in diagram.rules for diagram in asking):
            message = f"Expected a business rule task of the process that asks the form, but {element!r} is none; there are: {', '.join(known) or 'none'}."
            yield Finding(
                file,
                element,
                "error",
                "decision_unknown",
                message,
                "Name the id of a business rule task of that process.",
            )


def _tables(file: str, form: Form, bundle: Bundle) -> Iterator[Finding]:
    for name in sorted(table_names(form)):
        if file_of(name) not in bundle.files:
            message = f"Expected the value table {name}, but the bundle has no {file_of(name)}."
            yield Finding(file, name, "error", "table_missing", message, f"Add forms/tables/{name}.csv.")


def _handlers(file: str, form: Form, known: Collection[str] | None) -> Iterator[Finding]:
    wanted = {item.lookup.handler for item in every(form.fields) if item.lookup}
    for handler in sorted(wanted - set(known if known is not None else wanted)):
        message = f"Expected a registered handler, but there is no {handler!r}."
        yield Finding(
            file, handler, "error", "handler_unknown", message, "Register it, or correct the name in lookup."
        )
