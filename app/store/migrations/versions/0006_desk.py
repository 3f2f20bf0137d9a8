"""Saved filters of the worklist, and who completed what."""

from alembic import op

revision = "0006"
down_revision = "0005"

TABLES = """
CREATE TABLE saved_filter (
    person TEXT NOT NULL,
    name TEXT NOT NULL,
    address TEXT NOT NULL,
    shared TEXT NOT NULL DEFAULT '',
    CONSTRAINT saved_filter_pkey PRIMARY KEY (person, name)
);
CREATE INDEX saved_filter_shared_idx ON saved_filter (shared) WHERE shared <> '';
CREATE INDEX task_completed_by_idx ON task (completed_by, case_id) WHERE completed_by IS NOT NULL;
"""


def upgrade() -> None:
    op.execute(TABLES)
    op.execute("GRANT SELECT, INSERT, UPDATE, DELETE ON saved_filter TO pratica_app")
