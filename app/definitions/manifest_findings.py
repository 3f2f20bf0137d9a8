"""Whether a manifest and the diagrams of its bundle speak of the same lanes, elements and states."""

from collections.abc import Mapping

from app.definitions import expressions, forms, manifest
from app.definitions.diagrams import Diagram
from app.definitions.manifest import Manifest
from app.definitions.offers import Offer
from app.domain.bundles import Bundle
from app.domain.definitions import Finding
from app.domain.errors import DefinitionInvalid


def examine(bundle: Bundle, diagrams: Mapping[str, Diagram]) -> list[Finding]:
    """Give every finding of a bundle's manifest."""
    read, findings = manifest.read_manifest(bundle.files.get(manifest.FILE))
    if manifest.FILE not in bundle.files or any(f.code == "manifest_unreadable" for f in findings):
        return findings
    look = _Look(read, diagrams, findings, bundle)
    if read.process and read.process != bundle.process:
        look.add(
            "process.id",
            "manifest_process",
            f"Expected the process {bundle.process}, but the manifest is of {read.process}.",
            "Correct [process] id.",
        )
    look.lanes()
    look.states()
    look.closed()
    look.start(diagrams.get(bundle.process))
    look.messages(diagrams.get(bundle.process))
    look.thread()
    look.public()
    return look.findings


class _Look:
    """A look at one manifest."""

    def __init__(
        self, read: Manifest, diagrams: Mapping[str, Diagram], findings: list[Finding], bundle: Bundle
    ) -> None:
        self.read, self.diagrams, self.findings, self.bundle = read, diagrams, findings, bundle

    def add(self, element: str, code: str, message: str, way_out: str, severity: str = "error") -> None:
        self.findings.append(Finding(manifest.FILE, element, severity, code, message, way_out))

    def lanes(self) -> None:
        drawn: dict[str, str] = {}
        for diagram in self.diagrams.values():
            drawn.update(dict.fromkeys(diagram.lanes, diagram.file))
        broken = {f.element.removeprefix("lanes.") for f in self.findings if f.code == "lane_kind"}
        for lane, file in drawn.items():
            if lane not in self.read.lanes and lane not in broken:
                message = f"Expected the lane {lane} of {file} in [lanes], but it is missing."
                self.add(
                    f"lanes.{lane}",
                    "lane_unknown",
                    message,
                    f'Add {lane} = {{kind = "office"}} or case_role or system.',
                )
        senders = {offer.who for offer in self.read.messages.values()}
        for lane in self.read.lanes:
            if lane not in drawn and lane not in {self.read.start.role, *senders}:
                message = f"Expected the lane {lane} in a diagram, but none has it."
                self.add(f"lanes.{lane}", "lane_unused", message, "Remove it from [lanes].", "warning")
        self._invited()

    def _invited(self) -> None:
        """Look at what lanes say of whom they invite."""
        elements = {element for diagram in self.diagrams.values() for element in diagram.elements}
        for name, lane in self.read.lanes.items():
            if (lane.same or lane.until) and not lane.invited:
                message = (
                    f"Expected invited in the lane {name}, since it says same or until, but it is missing."
                )
                self.add(f"lanes.{name}", "lane_invited", message, "Name the variable of who is invited.")
            for element in lane.until:
                if element not in elements:
                    message = f"Expected {element} in a diagram of the bundle, but none has it."
                    self.add(f"lanes.{name}.until", "element_unknown", message, "Name an element by its id.")

    def messages(self, diagram: Diagram | None) -> None:
        starts = diagram.message_starts if diagram else {}
        for name, offer in self.read.messages.items():
            place, lane = f"messages.{name}", self.read.lanes.get(offer.who)
            if offer.who and (lane is None or lane.kind == "system"):
                message = (
                    f"Expected an office or a case role to send {name}, but {offer.who} is none in [lanes]."
                )
                self.add(place, "message_who", message, "Name a lane of [lanes] that has people.")
            if offer.form and f"forms/{offer.form}.json" not in self.bundle.files:
                message = f"Expected the form {offer.form}, but the bundle has no forms/{offer.form}.json."
                way_out = f"Add forms/{self.bundle.process}/{offer.form}.json."
                self.add(f"{place}.form", "form_missing", message, way_out)
            self._expressions(place, offer)
            if name in starts and self.read.start.who != "message":
                message = f"Expected start.who to be message, since people start the process by {name}, but it is not."
                self.add(place, "start_message", message, 'Set [start] who = "message".')

    def _expressions(self, place: str, offer: Offer) -> None:
        said = [(key, text) for key, text in (("about", offer.about), ("when", offer.when)) if text]
        for key, texts in (("later", offer.later), ("note", offer.note)):
            said += [
                (key, text) for words in (texts.it, texts.en) for text in expressions.placeholders(words)
            ]
        for key, text in said:
            wrong = expressions.fault(text)
            if wrong:
                message = f"Expected FEEL in {key} of {offer.name}, but: {wrong}."
                self.add(f"{place}.{key}", "feel", message, "Correct the expression.")
        if offer.when and not offer.later:
            message = f"Expected {offer.name} to say in later why it cannot be sent yet, but it does not."
            self.add(f"{place}.later", "message_later", message, "Add later.it and later.en.")

    def thread(self) -> None:
        drawn = {name: form for diagram in self.diagrams.values() for name, form in diagram.forms.items()}
        asked = {name: offer.form for name, offer in self.read.messages.items() if offer.form} | drawn
        for name, fields in self.read.thread.shows.items():
            if name not in asked:
                message = f"Expected a message or an element with a form, but {name} is none."
                self.add(f"thread.shows.{name}", "thread_unknown", message, "Name a message or a user task.")
                continue
            for field in fields:
                if field not in self._fields(asked[name]):
                    message = f"Expected the field {field} in the form {asked[name]}, but it has none."
                    self.add(f"thread.shows.{name}", "thread_field", message, "Name a field by its key.")
        elements = {element for diagram in self.diagrams.values() for element in diagram.elements}
        for end in self.read.thread.answered:
            if end not in elements:
                message = f"Expected {end} in a diagram of the bundle, but none has it."
                self.add("thread.answered", "element_unknown", message, "Name an end event by its id.")

    def public(self) -> None:
        shown = self.read.public
        keys = (*shown.facts, *shown.tables, *shown.documents)
        for wanted, known, section in (
            (shown.states, self.read.states, "states"),
            (keys, self.read.record, "record"),
        ):
            for name in wanted:
                if name not in known:
                    message = f"Expected {name} in [{section}], but it is missing."
                    self.add(
                        f"public.{name}", "public_unknown", message, f"Name a key of [{section}], or add it."
                    )

    def _fields(self, form: str) -> set[str]:
        try:
            found = forms.of_bundle(self.bundle, form)
        except DefinitionInvalid:
            return set()  # the form has findings of its own
        return {field.name for field in forms.valued(found.fields)} if found else set()

    def states(self) -> None:
        elements = {element for diagram in self.diagrams.values() for element in diagram.elements}
        for element, state in self.read.reached.items():
            if element not in elements:
                message = f"Expected {element} in a diagram of the bundle, but none has it."
                self.add(f"reached.{element}", "element_unknown", message, "Name an element by its id.")
            if state not in self.read.states:
                message = f"Expected the state {state} in [states], but it is missing."
                self.add(f"reached.{element}", "state_unknown", message, "Add the state with its two names.")
        for name, labels in self.read.states.items():
            missing = [language for language in ("it", "en") if not getattr(labels.office, language)]
            if len(missing) == 2:  # noqa: PLR2004 - both languages
                self.add(
                    f"states.{name}",
                    "state_unnamed",
                    f"Expected a name for the state {name}, but it has none.",
                    "Add it and en.",
                )
            elif missing:
                message = (
                    f"Expected a name for the state {name} in both languages, but {missing[0]} is missing."
                )
                self.add(f"states.{name}", "untranslated", message, f"Add {missing[0]}.", "warning")
            if name not in self.read.reached.values():
                message = f"Expected an element that leads to the state {name}, but none does."
                self.add(
                    f"states.{name}", "state_unreached", message, "Name the element in [reached].", "warning"
                )

    def closed(self) -> None:
        elements = {element for diagram in self.diagrams.values() for element in diagram.elements}
        for element in self.read.closed:
            if element not in elements:
                message = f"Expected {element} in a diagram of the bundle, but none has it."
                self.add(f"closed.{element}", "element_unknown", message, "Name an element by its id.")

    def start(self, diagram: Diagram | None) -> None:
        start = self.read.start
        if start.role and (
            start.role not in self.read.lanes or self.read.lanes[start.role].kind != "case_role"
        ):
            message = f"Expected the role {start.role} to be a lane of kind case_role, but it is not."
            self.add("start.role", "start_role", message, "Add it to [lanes] with kind case_role.")
        opens = start.who == "anyone" or start.who.startswith("group:")
        if start.sender and start.who != "message":
            message = "Expected start.who to be message, since other cases start the process, but it is not."
            self.add(
                "start.from", "start_message", message, 'Set [start] who = "message", or leave from out.'
            )
        if opens and not self.read.prefix:
            message = "Expected a prefix for the numbers of the cases that people open, but there is none."
            self.add("case.prefix", "case_prefix", message, 'Add [case] prefix = "ABC".')
        if diagram is None:
            return
        if start.who == "message" and not diagram.message_starts:
            message = "Expected a message start event, since start.who is message, but there is none."
            self.add("start.who", "start_message", message, "Draw one, or say who may start the process.")
        if opens and not diagram.has_plain_start:
            message = (
                "Expected a start event without a trigger, since people start the process, but there is none."
            )
            self.add("start.who", "start_plain", message, "Draw one, or set who to message.")
