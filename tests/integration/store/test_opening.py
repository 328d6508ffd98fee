"""Opening a store: made where there is none, brought up to date, and never replaced when something is wrong."""

import os
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from build import case, run
from standin.started import free_port

from gardener.model.errors import ConfigurationError, GardenerError, StoreError
from gardener.model.plan import Draft, Plan
from gardener.store import database, integrity, migrations, schema
from gardener.store.engine import open_database
from gardener.store.runs import SqlStore, open_store

pytestmark = pytest.mark.integration


def now() -> datetime:
    return datetime(2025, 9, 14, 12, 0, tzinfo=UTC)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / ".gardener" / "gardener.db"


@contextmanager
def store(path: Path) -> Iterator[SqlStore]:
    made = open_store("sqlite:///.gardener/gardener.db", path.parents[1], now)
    yield made
    made.close()


def refused(url: str, root: Path) -> GardenerError:
    with pytest.raises(GardenerError) as caught:
        open_store(url, root, now)
    return caught.value


def test_a_new_store_is_made_with_a_folder_that_git_ignores(path: Path) -> None:
    with store(path) as made:
        assert made.tracker().issues() == ()
        assert made.place == str(path)
    assert (path.parent / ".gitignore").read_text() == "*\n"


def test_a_store_is_found_again(path: Path) -> None:
    with store(path) as made:
        made.tracker().create(Draft(title="x", body="y"))
    with store(path) as again:
        assert [issue.title for issue in again.tracker().issues()] == ["x"]
    with closing(sqlite3.connect(path)) as raw:
        assert raw.execute("PRAGMA journal_mode").fetchone() == ("wal",)


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_the_migrations_lead_to_the_tables_of_the_schema(
    kind: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    url = "sqlite:///store.db" if kind == "sqlite" else request.getfixturevalue("postgres_url")
    opened = open_database(url, tmp_path)
    with opened.read() as connection:
        context = MigrationContext.configure(connection, opts={"version_table": schema.VERSION_TABLE})
        assert compare_metadata(context, schema.tables) == []
    opened.close()


def test_the_schema_names_the_newest_migration() -> None:
    config = Config()
    config.set_main_option("path_separator", "os")
    config.set_main_option("script_location", str(Path(migrations.__file__).parent))
    assert ScriptDirectory.from_config(config).get_current_head() == schema.REVISION


def test_a_store_of_a_newer_gardener_is_left_alone(path: Path) -> None:
    with store(path):
        pass
    with closing(sqlite3.connect(path)) as raw:
        raw.execute(f"UPDATE {schema.VERSION_TABLE} SET version_num = '9999'")
        raw.commit()
    error = refused(f"sqlite:///{path}", path.parent)
    assert "newer gardener" in error.message
    assert "upgrade" in error.hint


def test_somebody_elses_database_is_left_alone(path: Path) -> None:
    path.parent.mkdir()
    with closing(sqlite3.connect(path)) as raw:
        raw.execute("CREATE TABLE customers (name)")
        raw.commit()
    before = path.read_bytes()
    assert "not a gardener store" in refused(f"sqlite:///{path}", path.parent).message
    assert path.read_bytes() == before


def test_a_file_that_is_no_database_is_left_alone(path: Path) -> None:
    path.parent.mkdir()
    path.write_bytes(b"important notes, not a database " * 200)
    error = refused(f"sqlite:///{path}", path.parent)
    assert "is damaged" in error.message
    assert "aside" in error.hint
    assert path.read_bytes().startswith(b"important notes")


def fill(path: Path, issues: int = 10) -> bytes:
    with store(path) as made:
        for number in range(issues):
            made.tracker().create(Draft(title=f"{number}", body="x" * 40_000))
    return path.read_bytes()


@pytest.mark.parametrize("how", ["overwritten", "cut off", "a page of zeros"])
def test_a_damaged_store_is_set_aside_and_said_before_anything_is_written(path: Path, how: str) -> None:
    whole = fill(path)
    bad = {
        "overwritten": whole[:8192] + b"\xff" * (len(whole) - 8192),
        "cut off": whole[: len(whole) // 2],
        "a page of zeros": whole[:4096] + bytes(4096) + whole[8192:],
    }[how]
    path.write_bytes(bad)
    error = refused(f"sqlite:///{path}", path.parent)
    (aside,) = path.parent.glob("gardener.db.damaged-*")
    assert aside.read_bytes() == bad
    assert not path.exists()
    assert "is damaged" in error.message
    assert aside.name in error.message
    assert "knows no run and no issue" in error.hint
    with store(path) as anew:
        assert anew.tracker().issues() == ()
    assert aside.read_bytes() == bad


def test_a_large_store_is_looked_through_when_it_is_asked_for(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(integrity, "QUICK", 100_000)
    whole = fill(path)
    path.write_bytes(whole[:200_000] + b"\xff" * 4096 + whole[204_096:])
    with store(path) as damaged, pytest.raises(StoreError, match=r"was set aside as gardener\.db\.damaged-"):
        damaged.check()
    assert not path.exists()


def test_a_store_that_is_whole_says_how_many_runs_were_read(path: Path) -> None:
    with store(path) as made:
        for number in range(3):
            name = f"2025091{number}-120000-aaaa"
            made.record(run(case("a"), id=name), (), Plan(run=name))
        assert made.check() == 3


def test_a_record_that_points_nowhere_is_damage(path: Path) -> None:
    fill(path, 1)
    with closing(sqlite3.connect(path)) as raw:
        raw.execute("INSERT INTO labels VALUES (99, 'P1', 0, 0)")
        raw.commit()
    with store(path) as made, pytest.raises(StoreError, match="a row of labels belongs to nothing in issues"):
        made.check()


def test_a_store_that_another_process_holds_says_so(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with store(path):
        pass
    monkeypatch.setattr(database, "WAIT_S", 0.05)
    monkeypatch.setattr("gardener.store.engine.WAIT_S", 0.05)
    with closing(sqlite3.connect(path)) as holder, store(path) as waiting:
        holder.execute("BEGIN IMMEDIATE")
        assert waiting.tracker().issues() == ()  # a reader does not wait
        with pytest.raises(StoreError, match="in use by another process"):
            waiting.tracker().create(Draft(title="x", body="y"))
        holder.rollback()
        assert waiting.tracker().create(Draft(title="x", body="y")).number == 1


@contextmanager
def nobody() -> Iterator[None]:
    """Root may write everything: for a moment we are somebody who may not."""
    user = os.geteuid()
    if user == 0:
        os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(user)


@pytest.mark.skipif(not hasattr(os, "geteuid"), reason="permissions are tested where there are users")
def test_a_store_that_cannot_be_written_says_so() -> None:
    folder = Path(tempfile.mkdtemp())  # pytest's own folders are closed to others
    path = folder / ".gardener" / "gardener.db"
    with store(path) as made:
        made.tracker().create(Draft(title="x", body="y"))
    for each in (*path.parent.iterdir(), path.parent, folder):
        each.chmod(0o555 if each.is_dir() else 0o444)
    with nobody(), pytest.raises(StoreError, match="cannot be") as caught, store(path) as shut:
        shut.tracker().create(Draft(title="x", body="y"))
    assert "permissions" in caught.value.hint
    for each in (folder, path.parent):
        each.chmod(0o755)
    shutil.rmtree(folder)


@pytest.mark.parametrize(
    "url", ["", "nonsense", "mysql://localhost/x", "sqlite://", "sqlite:///:memory:", "oracle+none://x"]
)
def test_an_address_that_is_no_store_is_a_mistake_in_the_settings(url: str, tmp_path: Path) -> None:
    error = refused(url, tmp_path)
    assert isinstance(error, ConfigurationError)
    assert "sqlite:///" in error.hint


def test_a_server_that_is_not_there_is_told_without_the_password(tmp_path: Path) -> None:
    pytest.importorskip("psycopg")
    error = refused(f"postgresql://me:hunter22@127.0.0.1:{free_port()}/db", tmp_path)
    assert isinstance(error, StoreError)
    assert "cannot be reached" in error.message
    assert "hunter22" not in error.message + error.hint + repr(error)


def test_a_password_in_an_address_that_cannot_be_read_is_not_repeated(tmp_path: Path) -> None:
    error = refused("postgres//me:hunter22@host/db", tmp_path)
    assert "hunter22" not in error.message + error.hint


def test_somebody_elses_tables_in_a_shared_server_are_left_alone(postgres_url: str, tmp_path: Path) -> None:
    import psycopg

    plain = postgres_url.replace("+psycopg", "")
    with psycopg.connect(plain, autocommit=True) as connection:
        connection.execute("CREATE TABLE customers (name text)")
    error = refused(postgres_url, tmp_path)
    assert "not a gardener store" in error.message
    assert "PostgreSQL" in error.hint


def test_a_folder_that_cannot_be_made_says_so(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    assert "cannot be made" in refused("sqlite:///file/deep/store.db", tmp_path).message
