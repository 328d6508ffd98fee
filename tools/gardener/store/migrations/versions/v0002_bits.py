"""A bit for each test and outcome instead of lists of names; when keys were first seen in a table of its own.

The shapes of both sides are written out here: they stay as they were when this step was released.
"""

import base64
import json
import zlib
from collections import defaultdict
from collections.abc import Iterable
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Number the names, then rewrite the runs one by one."""
    connection = op.get_bind()
    op.alter_column("runs", "passed", new_column_name="outcomes")
    names = op.create_table(
        "names",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("name", sa.Text, nullable=False),
    )
    op.create_table(
        "first_seen",
        sa.Column("key", sa.String(80), primary_key=True),
        sa.Column("focus", sa.Text, primary_key=True),
        sa.Column("run", sa.Text, nullable=False),
        sa.Column("started", sa.Text, nullable=False),
    )
    numbers: dict[str, int] = {}
    for run in connection.execute(sa.text("SELECT id FROM runs ORDER BY id")).scalars().all():
        _rewrite(connection, run, numbers)
    if numbers:
        connection.execute(names.insert(), [{"id": number, "name": name} for name, number in numbers.items()])
    connection.execute(
        sa.text(
            "INSERT INTO first_seen (key, focus, run, started) SELECT seen.key, seen.focus, runs.id, runs.started "
            "FROM (SELECT finding_keys.key AS key, runs.focus AS focus, MIN(runs.id) AS run FROM finding_keys "
            "JOIN runs ON runs.id = finding_keys.run GROUP BY finding_keys.key, runs.focus) AS seen "
            "JOIN runs ON runs.id = seen.run"
        )
    )
    op.drop_table("failing")


def _rewrite(connection: sa.Connection, run: str, numbers: dict[str, int]) -> None:
    blob = connection.execute(sa.text("SELECT outcomes FROM runs WHERE id = :run"), {"run": run}).scalar_one()
    try:
        passed = json.loads(zlib.decompress(bytes(blob)))
    except (zlib.error, ValueError):
        passed = []  # damaged before: the rest of the run still counts
    named = defaultdict[str, list[str]](list, passed=passed)
    for node, outcome, recovered in connection.execute(
        sa.text("SELECT node, outcome, recovered FROM failing WHERE run = :run ORDER BY node"), {"run": run}
    ):
        named[outcome].append(node)
        named["recovered"] += [node] if recovered else []
    keys = sa.text("SELECT DISTINCT key FROM finding_keys WHERE run = :run ORDER BY key")
    named["keys"] = list(connection.execute(keys, {"run": run}).scalars())
    packed = {what: _bits(numbers.setdefault(name, len(numbers)) for name in each) for what, each in named.items()}
    values: dict[str, Any] = {"run": run, "blob": zlib.compress(json.dumps(packed).encode())}
    connection.execute(sa.text("UPDATE runs SET outcomes = :blob WHERE id = :run"), values)


def _bits(places: Iterable[int]) -> str:
    held = 0
    for place in places:
        held |= 1 << place
    return base64.b64encode(held.to_bytes((held.bit_length() + 7) // 8, "little")).decode()
