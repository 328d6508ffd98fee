"""A damaged database: found when it is opened or asked for, set aside under another name, never replaced silently."""

from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import Connection

from gardener.model.errors import StoreError
from gardener.store.database import DAMAGED, Database

QUICK = 16_000_000  # bytes: a file up to here is looked through whenever it is opened
HEADER = b"SQLite format 3\0"


def look_over(database: Database) -> None:
    """Raise StoreError where a file is damaged, after it was set aside. What is no SQLite file is left alone."""
    path = _file(database)
    if path is None or not path.exists() or path.stat().st_size == 0:
        return
    whole = path.stat().st_size <= QUICK
    _judge(path, database, "PRAGMA quick_check(1)" if whole else "PRAGMA schema_version")


def look_through(database: Database) -> None:
    """The same, slow and thorough: every page, every index, every reference."""
    path = _file(database)
    if path is not None:
        _judge(path, database, "PRAGMA integrity_check(1)")
        _judge(path, database, "PRAGMA foreign_key_check")


def _judge(path: Path, database: Database, pragma: str) -> None:
    try:
        with database.read() as connection:
            problem = _problem(connection, pragma)
    except StoreError as error:
        if DAMAGED not in error.message:
            raise
        problem = error.message.rpartition(": ")[2]
    if problem:
        database.close()
        raise _set_aside(path, problem)


def _problem(connection: Connection, pragma: str) -> str:
    row = connection.exec_driver_sql(pragma).first()
    if row is None or pragma.endswith("version"):
        return ""
    if pragma.endswith("foreign_key_check"):
        return f"a row of {row[0]} belongs to nothing in {row[2]}"
    return "" if row[0] == "ok" else str(row[0]).splitlines()[0]


def _set_aside(path: Path, problem: str) -> StoreError:
    with path.open("rb") as file:
        ours = file.read(len(HEADER)) == HEADER
    if not ours:
        hint = "move it aside, it is never replaced silently; restore a copy, or name another file in `store`"
        return StoreError(f"the store {path} {DAMAGED}: {problem}", hint)
    aside = path.with_name(f"{path.name}.damaged-{datetime.now(UTC):%Y%m%d-%H%M%S-%f}")
    try:
        for tail in ("-wal", "-shm", ""):  # what was not yet written into the file stays with it
            part = path.with_name(path.name + tail)
            if part.exists():
                part.rename(aside.with_name(aside.name + tail))
    except OSError as error:
        hint = "end the processes that use it, move it aside, and restore a copy"
        return StoreError(f"the store {path} {DAMAGED}: {problem}; it cannot be set aside: {error.strerror}", hint)
    hint = (
        f"put a copy back as {path}; without one the next call begins an empty memory, which knows no run and no "
        f"issue. `sqlite3 {aside.name} .recover` may save much of the old one"
    )
    return StoreError(f"the store {path} {DAMAGED}: {problem}; it was set aside as {aside.name}", hint)


def _file(database: Database) -> Path | None:
    return Path(database.place) if database.engine.dialect.name == "sqlite" else None
