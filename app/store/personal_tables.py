"""The tables of what is encrypted under a person's key, and of the keys."""

from sqlalchemy import (
    BigInteger,
    Column,
    ForeignKeyConstraint,
    Identity,
    Index,
    LargeBinary,
    PrimaryKeyConstraint,
    Table,
    Text,
)

from app.store.columns import instants, metadata, texts, wholes

draft = Table(
    "draft",
    metadata,
    *texts("case_id"),
    *wholes("task"),
    *texts("saved_by"),
    *instants("saved_at"),
    Column("sealed", LargeBinary, nullable=False),
    Column("key_id", BigInteger, nullable=False),
    *instants("begun_at"),
    *instants("versioned_at", null=True),
    PrimaryKeyConstraint("case_id", "task", name="draft_pkey"),
    Index("draft_saved_by_idx", "saved_by"),
)

draft_version = Table(
    "draft_version",
    metadata,
    *texts("case_id"),
    *wholes("task", "number"),
    *texts("saved_by", "why"),
    *instants("saved_at"),
    Column("sealed", LargeBinary, nullable=False),
    Column("key_id", BigInteger, nullable=False),
    PrimaryKeyConstraint("case_id", "task", "number", name="draft_version_pkey"),
    ForeignKeyConstraint(
        ["case_id", "task"],
        ["draft.case_id", "draft.task"],
        name="draft_version_draft_fkey",
        ondelete="CASCADE",
    ),
    Index("draft_version_saved_by_idx", "saved_by"),
)

personal_key = Table(
    "personal_key",
    metadata,
    Column("subject", Text, primary_key=True),
    Column("id", BigInteger, Identity(always=True), nullable=False, unique=True),
    Column("key", LargeBinary, nullable=False),
)

personal_value = Table(
    "personal_value",
    metadata,
    Column("commitment", Text, primary_key=True),
    *texts("subject"),
    Column("key_id", BigInteger, nullable=False),
    Column("ciphertext", LargeBinary, nullable=False),
    Index("personal_value_subject_idx", "subject"),
)
