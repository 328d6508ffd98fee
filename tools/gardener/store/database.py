"""A database with gardener's tables: reading, writing one after another, and saying why it refused."""

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import DatabaseError, SQLAlchemyError

from gardener.model.errors import StoreError

WAIT_S = 30  # how long a writer waits for another one
DAMAGED = "is damaged"
_LOCK = 0x67617264  # "gard": the advisory lock that all writers of a PostgreSQL store share


@dataclass(frozen=True, slots=True, kw_only=True)
class Database:
    """A database with gardener's tables. Transactions that write come one after another, over all processes."""

    engine: Engine
    place: str  # for messages; shows no password

    @contextlib.contextmanager
    def read(self) -> Iterator[Connection]:
        """A connection that sees one state of the store. Raises StoreError."""
        with self._told(), self.engine.connect() as connection:
            if self.engine.dialect.name == "postgresql":
                connection.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY"))
            yield connection

    @contextlib.contextmanager
    def write(self) -> Iterator[Connection]:
        """A transaction that no other writer shares; nothing is kept when it fails. Raises StoreError."""
        with self._told(), self.engine.execution_options(writes=True).begin() as connection:
            if self.engine.dialect.name == "postgresql":
                connection.execute(text(f"SET LOCAL lock_timeout = '{WAIT_S}s'"))
                connection.execute(text(f"SELECT pg_advisory_xact_lock({_LOCK})"))
            yield connection

    def close(self) -> None:
        """Let go of the connections."""
        self.engine.dispose()

    @contextlib.contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except DatabaseError as error:
            raise _refusal(self.place, error.orig) from error
        except SQLAlchemyError as error:
            raise _refusal(self.place, error) from error


def _refusal(place: str, error: BaseException | None) -> StoreError:
    words = str(error).strip().splitlines()
    first = words[0] if words else "no reason given"
    low = first.lower()
    for marks, problem, hint in _REFUSALS:
        if any(mark in low for mark in marks):
            return StoreError(f"the store {place} {problem}: {first}", hint)
    return StoreError(f"the store {place} refused: {first}", "look at its message; nothing was written")


_REFUSALS: tuple[tuple[tuple[str, ...], str, str], ...] = (
    (
        ("is locked", "lock timeout", "lock_timeout"),
        f"is in use by another process for more than {WAIT_S} s",
        "wait for it or end it, then run `gardener apply`",
    ),
    (
        ("readonly", "read-only", "permission denied"),
        "cannot be written",
        "mend the permissions of the file and its folder, or name another place in the setting `store`",
    ),
    (
        ("malformed", "not a database", "corrupt", "encrypted"),
        DAMAGED,
        "`gardener history --check` looks through it and sets it aside; it is never replaced silently",
    ),
    (("disk is full", "no space left"), "has no room", "make room on the disk, then run `gardener apply`"),
    (
        ("connection", "could not translate", "no such host", "authentication failed", "does not exist", "timeout"),
        "cannot be reached",
        "start the server and check host, port, user and database in the setting `store`",
    ),
    (("unable to open",), "cannot be opened", "check the path in the setting `store` and its permissions"),
)
