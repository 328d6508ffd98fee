"""Alembic's way in: runs the steps on the connection that `engine` hands over, inside its transaction."""

from alembic import context

from gardener.store.schema import VERSION_TABLE, tables

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=tables,
    version_table=VERSION_TABLE,
    transactional_ddl=True,  # SQLite too: a killed migration leaves nothing behind
)
context.run_migrations()
