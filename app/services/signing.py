"""Signatures as answers: the validator `firma`, which verifies a signed file when its form is submitted."""

from datetime import datetime

from app.definitions import forms
from app.definitions.forms import Around, Form, Place, Signing, literals
from app.domain.cases import Document
from app.domain.errors import SignatureInvalid
from app.domain.events import SignatureVerified
from app.domain.tasks import Task
from app.services import signatures, trust
from app.services.house import House
from app.store.unit_of_work import UnitOfWork


class Verifier:
    """The check of the validator `firma` on one submission; what it verified is an event of the case."""

    def __init__(self, house: House, uow: UnitOfWork, task: Task, form: Form) -> None:
        self._house, self._uow, self._task, self._form = house, uow, task, form
        self.verified: list[SignatureVerified] = []

    def __call__(self, place: Place, around: Around) -> str | None:
        """Verify the file at a place; gives the sentence of a refusal."""
        signing, value = forms.signing_at(place, around), place.value
        one = value[0] if isinstance(value, list) and len(value) == 1 else value
        document = around.documents.get(one) if isinstance(one, str) else None
        if signing is None:
            return None
        if document is None:
            return forms.say("signature_one_file", around.language) if isinstance(one, list) else None
        missing = unknown(self._form, signing, around.language)
        if missing:
            return missing
        try:
            self._verify(place, signing, document)
        except SignatureInvalid as refused:
            return sentence(refused, document, signing, around.language)
        return None

    def _verify(self, place: Place, signing: Signing, document: Document) -> None:
        signed, read = signing.document, self._house.blobs.read
        if signed is None or signing.signer is None:
            return
        wanted = signatures.Wanted(read(signed.sha256), signing.signer, self._uow.now, signed.added_at)
        trusted = trust.of(self._house.settings)
        found = signatures.verify(read(document.sha256), wanted, trusted)
        subject = f"{self._task.case_id}:{place.field.personal or place.field.name}"
        self.verified.append(
            SignatureVerified(
                task=self._task.number,
                field=place.path,
                document=document.id,
                signed=signed.id,
                name=signed.name,
                sha256=signed.sha256,
                signer=self._uow.seal(subject, found.signer),
                fiscal_code=self._uow.seal(subject, found.fiscal_code),
                signed_at=found.signed_at,
                format=found.format,
                issuer=found.issuer,
                simulated=found.simulated,
            )
        )


def unknown(form: Form, signing: Signing, language: str) -> str:
    """Say which answer is needed before it is known what is to be signed, and by whom; empty where both are known."""
    for name, word, known in (("signed", "document", signing.document), ("signer", "signer", signing.signer)):
        if known is None:
            answers = forms.unanswered(form, signing.field, name, language)
            return forms.say(
                f"signature_{word}_{'unknown' if answers else 'missing'}", language, answers=answers
            )
    return ""


def sentence(refused: SignatureInvalid, file: Document, signing: Signing, language: str) -> str:
    """Say in a language why the file at a field is not the signature that is expected."""
    told = {key: value for key, value in refused.details.items() if key != "reason"}
    if isinstance(told.get("at"), datetime):
        told["at"] = literals.show(told["at"], language)
    document = signing.document.name if signing.document else ""
    return forms.say(
        f"signature_{refused.details['reason']}",
        language,
        **{"name": file.name, "document": document, **told},
    )
