"""Versions of drafts, and who was removed from a case."""

from alembic import op

revision = "0003"
down_revision = "0002"

TABLES = """
ALTER TABLE draft ADD COLUMN key_id BIGINT;
ALTER TABLE draft ADD COLUMN begun_at TIMESTAMP WITH TIME ZONE;
ALTER TABLE draft ADD COLUMN versioned_at TIMESTAMP WITH TIME ZONE;
UPDATE draft SET begun_at = saved_at, key_id = personal_key.id
FROM personal_key WHERE personal_key.subject = draft.saved_by;
DELETE FROM draft WHERE key_id IS NULL;
ALTER TABLE draft ALTER COLUMN key_id SET NOT NULL;
ALTER TABLE draft ALTER COLUMN begun_at SET NOT NULL;
CREATE INDEX draft_saved_by_idx ON draft (saved_by);

CREATE TABLE draft_version (
    case_id TEXT NOT NULL,
    task INTEGER NOT NULL,
    number INTEGER NOT NULL,
    saved_by TEXT NOT NULL,
    why TEXT NOT NULL,
    saved_at TIMESTAMP WITH TIME ZONE NOT NULL,
    sealed BYTEA NOT NULL,
    key_id BIGINT NOT NULL,
    CONSTRAINT draft_version_pkey PRIMARY KEY (case_id, task, number),
    CONSTRAINT draft_version_draft_fkey FOREIGN KEY (case_id, task)
        REFERENCES draft (case_id, task) ON DELETE CASCADE
);
CREATE INDEX draft_version_saved_by_idx ON draft_version (saved_by);

CREATE TABLE party_removed (
    case_id TEXT NOT NULL,
    role TEXT NOT NULL,
    actor TEXT NOT NULL,
    CONSTRAINT party_removed_pkey PRIMARY KEY (case_id, role, actor)
);
"""


def upgrade() -> None:
    op.execute(TABLES)
    op.execute("GRANT SELECT, INSERT, UPDATE, DELETE ON draft_version, party_removed TO pratica_app")
