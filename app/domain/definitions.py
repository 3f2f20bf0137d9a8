"""What the house keeps in mind of a deployed definition, apart from its bytes."""

from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True)
class DefinitionFacts:
    """The manifest's facts that projections and start rules need; all names are the content's own.

    `lanes` maps a lane to `office`, `case_role` or `system`; `record` a record key to a dotted variable path;
    `states` an element id to the case state that reaching it means. `blind` maps an element whose tasks
    are given to somebody to the blind activity that it is or lies in. `appointed` are the case roles that the office gives for this case: who has one reads what the
    office reads. What a `reserved` process decides and makes, parties are not shown.
    """

    process: str
    kind: str
    titles: dict[str, str]
    lanes: dict[str, str] = field(default_factory=dict)
    record: dict[str, str] = field(default_factory=dict)
    title_path: str = ""
    states: dict[str, str] = field(default_factory=dict)
    message_starts: dict[str, str] = field(default_factory=dict)
    start_who: str = "system"
    start_role: str = ""
    start_under: str = ""
    start_state: str = ""
    start_config: str = ""
    start_from: str = ""
    number_prefix: str = ""
    number_first: int = 1
    blind: dict[str, str] = field(default_factory=dict)
    appointed: list[str] = field(default_factory=list)
    reserved: bool = False


@dataclass(frozen=True)
class DefinitionRow:
    """One deployed version of a process."""

    process: str
    version: int
    bundle: str
    deployed_at: datetime
    deployed_by: str
    facts: DefinitionFacts


@dataclass(frozen=True)
class Finding:
    """What a static check says of one place in a bundle; `severity` is error or warning."""

    file: str
    element: str
    severity: str
    code: str
    message: str
    way_out: str = ""
