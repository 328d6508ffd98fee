"""From every earlier revision to the newest: nothing that was remembered is lost on the way."""

import importlib
import json
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from alembic.config import Config
from alembic.script import ScriptDirectory
from build import case, failure, finding, key, run
from sqlalchemy import Connection, MetaData, create_engine, func, inspect, select, text

from gardener.model.errors import StoreError
from gardener.model.plan import Plan
from gardener.model.run import Outcome
from gardener.store import migrations, schema
from gardener.store.engine import migrate
from gardener.store.rows import pack
from gardener.store.runs import SqlStore, open_store

pytestmark = pytest.mark.integration

RUNS = {  # how each test went: p passed, f failed, e error, l lost, r failed and then passed
    "20250901-120000-aaaa": {"a": "p", "b": "p", "c[ü 5 %]": "f", "d": "e"},
    "20250902-120000-aaaa": {"a": "p", "b": "r", "d": "l"},
    "20250903-120000-aaaa": {"a": "p"},
    "20250904-120000-aaaa": {},
}
WORDS = {"p": "passed", "f": "failed", "e": "error", "l": "lost", "r": "flaky"}


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path}/store.db" if request.param == "sqlite" else request.getfixturevalue("postgres_url")


@contextmanager
def connected(url: str) -> Iterator[Connection]:
    engine = create_engine(url)
    with engine.begin() as connection:
        yield connection
    engine.dispose()


def fill_first(connection: Connection) -> None:
    """Rows in every table, as the first gardener wrote them."""
    tables = importlib.import_module("gardener.store.migrations.versions.v0001_first").tables.tables
    for name, went in RUNS.items():
        passed = [node for node, how in went.items() if how == "p"]
        row = {"id": name, "focus": "unit", "started": f"{name[:8]}T12", "commit": name[6:8], "branch": None}
        flags = {"dirty": False, "narrowed": False, "complete": "l" not in went.values()}
        blobs = {"passed": zlib.compress(json.dumps(passed).encode()), **packed(name, went)}
        connection.execute(tables["runs"].insert().values(row | flags | blobs))
        for node, how in went.items():
            if how != "p":
                outcome = "failed" if how == "r" else WORDS[how]
                bad = {"run": name, "node": node, "outcome": outcome, "recovered": how == "r"}
                connection.execute(tables["failing"].insert().values(bad))
        if len(went) > 1:
            seen = {"run": name, "fingerprint": str(key())}
            told = {"slug": "s", "title": "t", "cause": "assertion", "nature": "new"}
            connection.execute(
                tables["findings"].insert().values(seen | told | {"place": 0, "severity": 2, "count": 1})
            )
            connection.execute(tables["finding_keys"].insert().values(seen | {"key": str(key()), "pattern": "p"}))
    issue = {
        "number": 7,
        "title": "t",
        "body": "b",
        "state": "closed",
        "author": "gardener",
        "state_reason": "completed",
    }
    times = {"created_at": "1", "updated_at": "2", "closed_at": "3", "operation": "r/k", "state_reason": "completed"}
    flags = {"ours": True, "trusted": True, "locked": False, "closed_by_human": True}
    connection.execute(tables["issues"].insert().values(issue | times | flags))
    parts: dict[str, dict[str, Any]] = {
        "labels": {"label": "P1", "place": 0, "by_human": True},
        "issue_keys": {"key": str(key()), "place": 0},
        "issue_links": {"to": 3, "place": 0, "why": "w"},
        "comments": {"id": 1, "author": "x", "body": "y", "at": "z"},
    }
    for table, part in parts.items():
        connection.execute(tables[table].insert().values(part | {"issue": 7}))
    intent = {"run": "r", "action": "create/x", "what": "w", "at": "1", "outcome": None, "receipt": None}
    connection.execute(tables["intents"].insert().values(intent))


def packed(name: str, went: dict[str, str]) -> dict[str, bytes]:
    cases = [case(node, Outcome.PASSED if how == "p" else Outcome.FAILED) for node, how in went.items()]
    return {"run": pack(run(*cases, id=name)), "findings": pack((finding(),)), "plan": pack(Plan(run=name))}


FILLED: dict[str, Callable[[Connection], None]] = {"0001": fill_first}


def earlier_revisions() -> list[str]:
    config = Config()
    config.set_main_option("path_separator", "os")
    config.set_main_option("script_location", str(Path(migrations.__file__).parent))
    return [each.revision for each in ScriptDirectory.from_config(config).walk_revisions()][:0:-1]


def kept(connection: Connection) -> dict[str, list[dict[str, Any]]]:
    """Every row of the tables that no step has changed, and of the columns that all revisions share."""
    metadata = MetaData()
    metadata.reflect(connection)
    same = set(metadata.tables) & set(schema.tables.tables)
    shared = {name: [c.name for c in schema.tables.tables[name].columns if c.name != "outcomes"] for name in same}
    return {
        name: [
            dict(row) for row in connection.execute(select(*(metadata.tables[name].c[c] for c in columns))).mappings()
        ]
        for name, columns in shared.items()
    }


@pytest.mark.parametrize("revision", earlier_revisions())
def test_a_store_of_every_earlier_revision_keeps_all_it_holds(revision: str, url: str, tmp_path: Path) -> None:
    with connected(url) as connection:
        migrate(connection, revision)
        FILLED[revision](connection)
        before = kept(connection)
        assert all(connection.scalar(select(func.count()).select_from(text(name))) for name in before)
    store = open_store(url, tmp_path, lambda: datetime(2025, 9, 14, tzinfo=UTC))
    with connected(url) as connection:
        after = kept(connection)
        assert {name: rows for name, rows in after.items() if name in before} == before
        assert set(inspect(connection).get_table_names()) == {*schema.tables.tables, schema.VERSION_TABLE}
    holds_what_it_held(store)
    store.close()


def holds_what_it_held(store: SqlStore) -> None:
    for node in {node for went in RUNS.values() for node in went}:
        told = {turn.run: turn.outcome for turn in store.turns(node)}
        assert told == {name: WORDS[went[node]] for name, went in RUNS.items() if node in went}
    today = run(case("b", Outcome.FAILED, failures=(failure("b"),)), id="20250914-120000-aaaa", commit="02")
    known = store.past([finding(failure("b"))], "unit", today)[str(key())]
    assert (known.first_seen, known.last_seen) == ("20250901T12", "20250902T12")
    assert (known.runs_failed, known.tests_passed_before) == (1, 1)
    assert known.same_commit_pass
    for name, went in RUNS.items():
        recalled = store.recalled(name)
        assert recalled is not None
        assert [each.node for each in recalled[0].cases] == list(went)


def test_a_step_that_breaks_off_leaves_the_store_as_it_was(url: str, tmp_path: Path) -> None:
    with connected(url) as connection:
        migrate(connection, "0001")
        fill_first(connection)
        connection.execute(text("DROP TABLE failing"))  # which the next step reads after it has changed others
        before = inspect(connection).get_table_names(), kept(connection)
    with pytest.raises(StoreError, match="failing"):
        open_store(url, tmp_path, lambda: datetime(2025, 9, 14, tzinfo=UTC))
    with connected(url) as connection:
        assert (inspect(connection).get_table_names(), kept(connection)) == before
        assert connection.scalar(text(f"SELECT version_num FROM {schema.VERSION_TABLE}")) == "0001"
