"""The job queue: procrastinate's schema as the installed release ships it."""

from alembic import op
from procrastinate.schema import SchemaManager

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    # The driver's own cursor: the schema holds `%` and `:` that SQLAlchemy's text would take for parameters.
    cursor = op.get_bind().connection.cursor()
    cursor.execute(SchemaManager.get_schema())
    op.execute("GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO pratica_app")
    for table in ("event", "publication", "register_entry"):
        op.execute(f"REVOKE UPDATE, DELETE ON {table} FROM pratica_app")
    op.execute("REVOKE ALL ON alembic_version FROM pratica_app")
    op.execute("GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO pratica_app")
