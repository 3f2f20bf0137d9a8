"""The tables, as SQLAlchemy Core sees them; the migrations make them, and a test compares the two."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Computed,
    Identity,
    Index,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, TIMESTAMP, TSVECTOR

from app.store.columns import Tagged, TaggedDocument, instants, metadata, texts, wholes
from app.store.personal_tables import draft, draft_version, personal_key, personal_value

__all__ = ["draft", "draft_version", "metadata", "personal_key", "personal_value"]

event = Table(
    "event",
    metadata,
    Column("position", BigInteger, Identity(always=True), primary_key=True),
    *texts("case_id"),
    *wholes("seq"),
    *wholes("instance", null=True),
    *texts("type"),
    *wholes("version"),
    *instants("recorded_at"),
    *texts("actor"),
    *wholes("cause", null=True),
    *texts("body"),
    Column("leaf", LargeBinary, nullable=False),
    UniqueConstraint("case_id", "seq", name="event_case_id_seq_key"),
)

case = Table(
    "case",
    metadata,
    Column("id", Text, primary_key=True),
    *texts("kind", "state"),
    *texts("title", default=""),
    Column("record", TaggedDocument, nullable=False),
    *texts("under", null=True),
    *instants("opened_at"),
    *wholes("seq"),
    Column("numbers", ARRAY(Integer), nullable=False),
    Column("search", TSVECTOR, Computed("pratica_words((id || ' '::text) || title)", persisted=True)),
    Index("case_kind_state_idx", "kind", "state", "id"),
    Index("case_under_idx", "under", postgresql_where=text("under IS NOT NULL")),
    Index("case_search_idx", "search", postgresql_using="gin"),
)

party = Table(
    "party",
    metadata,
    *texts("case_id", "role", "actor"),
    PrimaryKeyConstraint("case_id", "role", "actor", name="party_pkey"),
    Index("party_actor_idx", "actor", "role", "case_id"),
)

party_removed = Table(
    "party_removed",
    metadata,
    *texts("case_id", "role", "actor"),
    PrimaryKeyConstraint("case_id", "role", "actor", name="party_removed_pkey"),
)

invitation_taken = Table(
    "invitation_taken",
    metadata,
    *texts("case_id"),
    *wholes("instance"),
    *texts("account"),
    *instants("taken_at"),
    PrimaryKeyConstraint("case_id", "instance", name="invitation_taken_pkey"),
    Index("invitation_taken_account_idx", "account", "case_id", "instance"),
)

instance = Table(
    "instance",
    metadata,
    *texts("case_id"),
    *wholes("number"),
    *texts("process", "bundle", "state"),
    *instants("started_at"),
    *instants("ended_at", null=True),
    Column("ends", ARRAY(Text), nullable=False),
    Column("snapshot", LargeBinary, nullable=True),
    PrimaryKeyConstraint("case_id", "number", name="instance_pkey"),
    Index("instance_bundle_idx", "bundle", "process", "state"),
)

_claimable = text("state = 'open' AND group_kind = 'office' AND assignee IS NULL")
_taken = text("state = 'open' AND group_kind = 'office' AND assignee IS NOT NULL")
_role_task = text("state = 'open' AND group_kind = 'case_role'")

task = Table(
    "task",
    metadata,
    *texts("case_id"),
    *wholes("number", "instance"),
    *texts("element", "name"),
    *texts("form", "group_name", null=True),
    *texts("group_kind", "state"),
    *instants("opened_at"),
    *instants("due", null=True),
    *texts("assignee", "completed_by", null=True),
    *instants("ended_at", null=True),
    Column("item", Tagged, nullable=True),
    *texts("case_title", default=""),
    *texts("case_kind", "process"),
    *texts("blind", null=True),
    Column(
        "search",
        TSVECTOR,
        Computed(
            "pratica_words((((case_id || ' '::text) || name) || ' '::text) || case_title)", persisted=True
        ),
    ),
    PrimaryKeyConstraint("case_id", "number", name="task_pkey"),
    Index("task_claimable_due_idx", "group_name", "due", "case_id", "number", postgresql_where=_claimable),
    Index(
        "task_claimable_opened_idx",
        "group_name",
        "opened_at",
        "case_id",
        "number",
        postgresql_where=_claimable,
    ),
    Index("task_claimable_case_idx", "group_name", "case_id", "number", postgresql_where=_claimable),
    Index("task_claimable_name_idx", "group_name", "name", "case_id", "number", postgresql_where=_claimable),
    Index("task_taken_due_idx", "group_name", "due", "case_id", "number", postgresql_where=_taken),
    Index("task_role_idx", "case_id", "group_name", postgresql_where=_role_task),
    Index(
        "task_assignee_idx", "assignee", "due", "case_id", "number", postgresql_where=text("state = 'open'")
    ),
    Index("task_search_idx", "search", postgresql_using="gin", postgresql_where=text("state = 'open'")),
    Index(
        "task_completed_by_idx",
        "completed_by",
        "case_id",
        postgresql_where=text("completed_by IS NOT NULL"),
    ),
)

job = Table(
    "job",
    metadata,
    *texts("case_id"),
    *wholes("number", "instance"),
    *texts("element", "handler"),
    Column("inputs", Tagged, nullable=False),
    *texts("state"),
    *instants("opened_at"),
    PrimaryKeyConstraint("case_id", "number", name="job_pkey"),
    Index("job_open_idx", "opened_at", postgresql_where=text("state = 'open'")),
)

job_attempt = Table(
    "job_attempt",
    metadata,
    *texts("case_id"),
    *wholes("number", "attempts"),
    *texts("last_error"),
    *instants("last_at"),
    PrimaryKeyConstraint("case_id", "number", name="job_attempt_pkey"),
)

timer = Table(
    "timer",
    metadata,
    *texts("case_id"),
    *wholes("number", "instance"),
    *texts("element"),
    *instants("due"),
    Column("claimed_at", TIMESTAMP(timezone=True), nullable=True),
    PrimaryKeyConstraint("case_id", "number", name="timer_pkey"),
    Index("timer_due_idx", "due"),
)

wait = Table(
    "wait",
    metadata,
    *texts("case_id"),
    *wholes("number", "instance"),
    *texts("element", "kind", "name"),
    *texts("key", null=True),
    PrimaryKeyConstraint("case_id", "number", name="wait_pkey"),
    Index("wait_name_idx", "kind", "name", "key"),
)

incident = Table(
    "incident",
    metadata,
    *texts("case_id"),
    *wholes("number", "instance"),
    *texts("element", "kind", "message", "state"),
    *instants("opened_at"),
    *texts("resolved_by", null=True),
    *texts("reason", default=""),
    PrimaryKeyConstraint("case_id", "number", name="incident_pkey"),
    Index("incident_open_idx", "opened_at", postgresql_where=text("state = 'open'")),
)

document = Table(
    "document",
    metadata,
    Column("id", Text, primary_key=True),
    *texts("case_id"),
    *wholes("seq"),
    *texts("name", "media_type"),
    Column("size", BigInteger, nullable=False),
    *texts("sha256"),
    *instants("added_at"),
    *texts("added_by"),
    Column("answered", Boolean, nullable=False, server_default=text("false")),
    Index("document_case_idx", "case_id", "seq"),
)

message = Table(
    "message",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    *texts("name", "key"),
    Column("payload", Tagged, nullable=False),
    *texts("source", default=""),
    *instants("kept_at"),
    Index("message_name_idx", "name", "key", "id"),
)

register = Table(
    "register",
    metadata,
    *texts("name"),
    *wholes("year", "last"),
    *instants("at"),
    PrimaryKeyConstraint("name", "year", name="register_pkey"),
)

register_entry = Table(
    "register_entry",
    metadata,
    *texts("register"),
    *wholes("year", "number"),
    *texts("key"),
    Column("body", Tagged, nullable=False),
    *instants("entered_at"),
    PrimaryKeyConstraint("register", "year", "number", name="register_entry_pkey"),
    UniqueConstraint("register", "key", name="register_entry_register_key_key"),
)

request_key = Table(
    "request_key",
    metadata,
    Column("key", Text, primary_key=True),
    *texts("request_hash"),
    Column("answer", Tagged, nullable=True),
    Column("at", TIMESTAMP(timezone=True), nullable=False, server_default=text("now()")),
    Index("request_key_at_idx", "at"),
)

bundle_file = Table(
    "bundle_file",
    metadata,
    *texts("bundle", "name"),
    Column("content", LargeBinary, nullable=False),
    PrimaryKeyConstraint("bundle", "name", name="bundle_file_pkey"),
)

definition = Table(
    "definition",
    metadata,
    *texts("process"),
    *wholes("version"),
    *texts("bundle"),
    *instants("deployed_at"),
    *texts("deployed_by", "facts"),
    PrimaryKeyConstraint("process", "version", name="definition_pkey"),
    UniqueConstraint("process", "bundle", name="definition_process_bundle_key"),
    Index("definition_bundle_idx", "bundle"),
)

publication = Table(
    "publication",
    metadata,
    *texts("name"),
    *wholes("number"),
    Column("body", LargeBinary, nullable=False),
    *texts("sha256"),
    *texts("previous", null=True),
    *instants("published_at"),
    PrimaryKeyConstraint("name", "number", name="publication_pkey"),
)

person = Table(
    "person",
    metadata,
    Column("id", Text, primary_key=True),
    *texts("name"),
    *texts("email", "organisation", default=""),
    *texts("language", default="it"),
    Column("groups", ARRAY(Text), nullable=False),
    Column("capabilities", ARRAY(Text), nullable=False),
    *texts("password_hash"),
)

saved_filter = Table(
    "saved_filter",
    metadata,
    *texts("person", "name", "address"),
    *texts("shared", default=""),
    PrimaryKeyConstraint("person", "name", name="saved_filter_pkey"),
    Index("saved_filter_shared_idx", "shared", postgresql_where=text("shared <> ''")),
)

house_clock = Table(
    "house_clock",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("shift", BigInteger, nullable=False),
)
