"""Who acts: a person, or the system."""

from dataclasses import dataclass, field
from enum import StrEnum


class Capability(StrEnum):
    """What a person may do in the house apart from the tasks of cases."""

    designer = "designer"
    auditor = "auditor"
    operator = "operator"


@dataclass(frozen=True)
class Actor:
    """A person with a log-in, or the system; `groups` are office groups, case roles belong to cases.

    `account` is the log-in of somebody who acts as an invited one: rights, drafts and files are those of `id`.
    """

    id: str
    name: str
    email: str = ""
    groups: frozenset[str] = frozenset()
    capabilities: frozenset[Capability] = frozenset()
    language: str = "it"
    organisation: str = ""
    is_system: bool = field(default=False)
    account: str = ""

    @property
    def recorded_as(self) -> str:
        """The id under which the history keeps what they do."""
        return self.account or self.id


system = Actor(id="system", name="Sistema", is_system=True)
