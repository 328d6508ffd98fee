"""Opens a store: where it lies, its locks, its newest tables; says what to do when it cannot."""

import contextlib
import sqlite3
from pathlib import Path
from typing import Any

from sqlalchemy import (
    URL,
    Connection,
    NullPool,
    column,
    create_engine,
    event,
    inspect,
    make_url,
    select,
    table,
)
from sqlalchemy.exc import ArgumentError, NoSuchModuleError

from gardener.model.errors import ConfigurationError, StoreError
from gardener.store.database import WAIT_S, Database
from gardener.store.integrity import look_over
from gardener.store.schema import REVISION, VERSION_TABLE


def open_database(url: str, root: Path) -> Database:
    """The database at this URL, made or brought up to date. Raises ConfigurationError for the URL, StoreError."""
    target = _located(_parsed(url), root)
    lite = target.get_backend_name() == "sqlite"
    try:
        engine = create_engine(target, **_options(lite=lite))
    except ImportError as error:
        hint = "install it with: pip install 'failing-test-gardener[postgres]'"
        raise ConfigurationError(f"a store on PostgreSQL needs {error.name}", hint) from error
    if lite:
        event.listen(engine, "connect", _prepare)
        event.listen(engine, "begin", _begin)
    place = str(target.database) if lite else target.render_as_string(hide_password=True)
    database = Database(engine=engine, place=place)
    try:
        look_over(database)
        _bring_up_to_date(database)
    except BaseException:
        database.close()
        raise
    return database


def _parsed(url: str) -> URL:
    hint = 'use "sqlite:///path/to/file.db" or "postgresql+psycopg://user@host/database"'
    try:
        parsed = make_url(url)
        kind = parsed.get_backend_name()
    except (ArgumentError, NoSuchModuleError) as error:
        raise ConfigurationError("the setting `store` is not a database URL", hint) from error
    if kind == "postgresql":
        return parsed.set(drivername="postgresql+psycopg")
    if kind != "sqlite" or parsed.database in (None, "", ":memory:"):
        raise ConfigurationError(f"the setting `store` names {parsed.drivername}, which cannot be a store", hint)
    return parsed


def _located(url: URL, root: Path) -> URL:
    """A SQLite URL with an absolute path and its folder made; the folder `.gardener` ignores itself."""
    if url.get_backend_name() != "sqlite":
        return url
    path = root / str(url.database)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        ignore = path.parent / ".gitignore"
        if path.parent.name == ".gardener" and not ignore.exists():
            ignore.write_text("*\n", encoding="utf-8")
    except OSError as error:
        reason = error.strerror or str(error)
        raise StoreError(f"the folder of the store {path} cannot be made: {reason}", "name another place") from error
    return url.set(database=str(path))


def _options(*, lite: bool) -> dict[str, Any]:
    if lite:  # a connection per transaction: cheap there, and no handle outlives its use
        return {"poolclass": NullPool, "connect_args": {"timeout": WAIT_S}}
    return {"pool_pre_ping": True, "pool_size": 1, "connect_args": {"connect_timeout": 10}}


def _prepare(connection: Any, _record: object) -> None:  # noqa: ANN401 - the driver's own connection
    connection.isolation_level = None  # the transactions are ours, see _begin
    cursor = connection.cursor()
    cursor.execute(f"PRAGMA busy_timeout = {WAIT_S * 1000}")
    cursor.execute("PRAGMA foreign_keys = ON")
    cursor.close()


def _begin(connection: Connection) -> None:
    # a writer takes its lock at once: one that starts by reading could not get it later and would fail
    writes = connection.get_execution_options().get("writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _bring_up_to_date(database: Database) -> None:
    with database.read() as connection:
        if _is_current(connection, database.place):
            return
    if database.engine.dialect.name == "sqlite":
        _turn_on_wal(database)
    with database.write() as connection:  # the lock: of several that open a new store, one makes its tables
        if not _is_current(connection, database.place):
            migrate(connection)


def _is_current(connection: Connection, place: str) -> bool:
    """Whether nothing is to be done. StoreError where the tables are somebody else's, or of a newer gardener."""
    names = inspect(connection).get_table_names()
    if VERSION_TABLE not in names:
        if names:
            hint = "name another file in the setting `store`, or for PostgreSQL an empty database"
            raise StoreError(f"{place} holds tables, but is not a gardener store", hint)
        return False
    found = connection.scalar(select(column("version_num")).select_from(table(VERSION_TABLE)))
    if found is not None and found > REVISION:
        hint = f"upgrade gardener: its own newest tables are {REVISION}"
        raise StoreError(f"{place} was written by a newer gardener (tables {found})", hint)
    return bool(found == REVISION)


def _turn_on_wal(database: Database) -> None:
    """Write-ahead logging, so that readers and a writer do not wait for each other; it stays on in the file."""
    raw = database.engine.raw_connection()
    try:
        with contextlib.suppress(sqlite3.Error):  # some file systems cannot: the store works without, only slower
            raw.cursor().execute("PRAGMA journal_mode = WAL").fetchall()
    finally:
        raw.close()


def migrate(connection: Connection, to: str = "head") -> None:
    """Take the steps up to a revision, inside the connection's transaction."""
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations").replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    command.upgrade(config, to)
