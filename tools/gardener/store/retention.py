"""What may be forgotten: how much each run holds, which runs issues still need, and letting go of the others."""

import contextlib
import sqlite3
from collections.abc import Collection, Iterator

from sqlalchemy import Connection, delete, exists, func, select

from gardener.store.database import Database
from gardener.store.names import forget_unused, portions
from gardener.store.schema import finding_keys, findings, intents, runs

ROW = 400  # bytes that a finding takes besides its run's blobs, its keys and the indexes of both


def held(connection: Connection) -> tuple[tuple[str, int], ...]:
    """The id of every run and the bytes that it takes, oldest first."""
    blobs = sum(func.length(runs.c[name]) for name in ("outcomes", "run", "findings", "plan"))
    rows = select(func.count()).where(findings.c.run == runs.c.id).scalar_subquery() * ROW
    return tuple((row[0], row[1]) for row in connection.execute(select(runs.c.id, blobs + rows).order_by(runs.c.id)))


def needed(connection: Connection, keys: Collection[str] | None) -> frozenset[str]:
    """The runs by which findings with these keys are judged; None: with any key that is remembered.

    For each key and focus the newest run that saw it, and the newest whole and clean one before it that did not: the
    last pass, where suspects and bisection begin. Also the runs of intents that nobody knows the outcome of.
    """
    pending = select(intents.c.run).where(intents.c.outcome.is_(None))
    return frozenset(connection.scalars(pending)).union(_witnesses(connection, keys))


def _witnesses(connection: Connection, keys: Collection[str] | None) -> Iterator[str]:
    newest = (
        select(finding_keys.c.key, runs.c.focus, func.max(runs.c.id).label("run"))
        .join_from(finding_keys, runs)
        .group_by(finding_keys.c.key, runs.c.focus)
    )
    for key, focus, run in connection.execute(newest).all():
        if keys is None or key in keys:
            yield run
            seen = exists().where(finding_keys.c.run == runs.c.id, finding_keys.c.key == key)
            clean = runs.c.complete & ~runs.c.narrowed & ~runs.c.dirty & ~seen
            before = select(runs.c.id).where(runs.c.focus == focus, runs.c.id < run, clean)
            last_pass = connection.scalar(before.order_by(runs.c.id.desc()).limit(1))
            if last_pass is not None:
                yield last_pass


def forget(connection: Connection, gone: Collection[str]) -> int:
    """Forget runs with their settled intents and the names that no other run knows; how many went."""
    count = 0
    for some in portions(sorted(gone)):
        connection.execute(delete(intents).where(intents.c.run.in_(some), intents.c.outcome.is_not(None)))
        count += connection.execute(delete(runs).where(runs.c.id.in_(some))).rowcount
    forget_unused(connection)
    return count


def shrink(database: Database) -> None:
    """Give the room of what was forgotten back to the disk; left for another time where somebody is reading."""
    if database.engine.dialect.name == "sqlite":
        raw = database.engine.raw_connection()
        try:
            with contextlib.suppress(sqlite3.Error):
                raw.cursor().execute("VACUUM")
        finally:
            raw.close()
