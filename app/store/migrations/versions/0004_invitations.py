"""Invitations that are kept under an account."""

from alembic import op

revision = "0004"
down_revision = "0003"

TABLES = """
CREATE TABLE invitation_taken (
    case_id TEXT NOT NULL,
    instance INTEGER NOT NULL,
    account TEXT NOT NULL,
    taken_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT invitation_taken_pkey PRIMARY KEY (case_id, instance)
);
CREATE INDEX invitation_taken_account_idx ON invitation_taken (account, case_id, instance);
"""


def upgrade() -> None:
    op.execute(TABLES)
    op.execute("GRANT SELECT, INSERT, UPDATE, DELETE ON invitation_taken TO pratica_app")
