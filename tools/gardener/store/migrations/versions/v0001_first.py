"""The first tables: runs and their findings, the outbox, the embedded tracker."""

from alembic import op

from gardener.store.schema import tables

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Create the tables; the first step that changes one puts a copy of them as they were in here."""
    tables.create_all(op.get_bind())
