"""Work for a person."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from app.domain.errors import TaskNotOpen


@dataclass(frozen=True)
class Task:
    """A task, numbered within its case; `group_kind` is `office` or `case_role`, `state` open, completed or cancelled.

    `blind` is the activity while which goes on nobody but its assignee may work on the task or read its answer.
    """

    case_id: str
    number: int
    instance: int
    element: str
    name: str
    form: str | None
    group: str | None
    group_kind: str
    state: str
    opened_at: datetime
    due: datetime | None = None
    assignee: str | None = None
    completed_by: str | None = None
    ended_at: datetime | None = None
    item: Any = None
    case_title: str = ""
    case_kind: str = ""
    process: str = ""
    blind: str | None = None

    @property
    def id(self) -> str:
        """The task's name among all cases: `FIL-2023-0042/7`."""
        return f"{self.case_id}/{self.number}"

    def require_open(self) -> None:
        """Raise TaskNotOpen, naming who ended the task and when, unless it is open."""
        if self.state != "open":
            raise TaskNotOpen(
                f"Expected task {self.id} to be open, but it was {self.state} by {self.completed_by or 'the process'}.",
                task=self.id,
                by=self.completed_by,
                at=self.ended_at,
                state=self.state,
            )
