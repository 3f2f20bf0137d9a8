"""Every error of the house, each in the shape "Expected ..., but ..."."""

from collections.abc import Mapping


class PraticaError(Exception):
    """A broken expectation; `code` names it for machines and for the translated sentence."""

    code = "error"

    def __init__(self, message: str, **details: object) -> None:
        super().__init__(message)
        self.details = details


class NotFound(PraticaError):
    """The thing does not exist, or this actor may not know that it does."""

    code = "not_found"


class NotAllowed(PraticaError):
    """The actor may see the thing but may not do this with it; the message says why."""

    code = "not_allowed"


class TaskNotOpen(PraticaError):
    """The task was completed or cancelled before; `details` name by whom and when."""

    code = "task_not_open"


class TaskTaken(PraticaError):
    """Another person holds the task."""

    code = "task_taken"


class FormInvalid(PraticaError):
    """A submission does not fit its form; `errors` maps field paths (`partner.0.piva`) to sentences."""

    code = "form_invalid"

    def __init__(self, message: str, errors: Mapping[str, list[str]]) -> None:
        super().__init__(message)
        self.errors = dict(errors)


class FormTooCostly(PraticaError):
    """The expressions of a form asked for more steps together than one page or submission may spend."""

    code = "form_too_costly"


class DraftChanged(PraticaError):
    """The draft holds answers that the page did not show: somebody saved them meanwhile."""

    code = "draft_changed"


class DraftFileInvalid(PraticaError):
    """A file is not that of a draft of this form; `details` say why."""

    code = "draft_file_invalid"


class DocumentRefused(PraticaError):
    """An upload is too large, or is not what its name says."""

    code = "document_refused"


class SignatureInvalid(PraticaError):
    """A file does not hold the signature that it should; `details` give the reason, who signed and who was expected."""

    code = "signature_invalid"


class BundleInvalid(PraticaError):
    """A bundle has findings of severity error; `findings` lists them all."""

    code = "bundle_invalid"

    def __init__(self, message: str, findings: tuple[object, ...] = ()) -> None:
        super().__init__(message)
        self.findings = findings


class DefinitionInvalid(PraticaError):
    """The engine room cannot execute a diagram; the message names file, element, fault and way out."""

    code = "definition_invalid"


class InputRefused(PraticaError):
    """The engine room was given an input for something that is not open."""

    code = "input_refused"


class ElementFailed(PraticaError):
    """An element of a diagram cannot go on; the engine room opens an incident of this `kind`, and raises nothing."""

    code = "element_failed"

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(message)
        self.kind = kind


class HandlerUnknown(PraticaError):
    """No handler is registered under this name."""

    code = "handler_unknown"


class HandlerError(PraticaError):
    """A handler reports a business error that the diagram may catch (BPMN error); `error_code` names it."""

    code = "handler_error"

    def __init__(self, error_code: str, message: str) -> None:
        super().__init__(message)
        self.error_code = error_code


class KeyReused(PraticaError):
    """An idempotency key came back with another request."""

    code = "key_reused"


class ConfigurationInvalid(PraticaError):
    """A setting is missing or cannot be read."""

    code = "configuration_invalid"


class CommandInvalid(PraticaError):
    """A command line cannot be read."""

    code = "command_invalid"


class ProgramDied(PraticaError):
    """A program of the house died more often than starting it again can mend."""

    code = "program_died"


class HistoryDiffers(PraticaError):
    """A replay did not reproduce a recorded consequence."""

    code = "history_differs"


class StoryInvalid(PraticaError):
    """A story cannot be read: its file, step and fault are in the message."""

    code = "story_invalid"


class StoryFailed(PraticaError):
    """A story did not go as it tells: the step, what it expected and what there was."""

    code = "story_failed"
