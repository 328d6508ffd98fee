"""How the tables came to be, one file per step, run by Alembic when a store is opened."""
