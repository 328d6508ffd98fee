"""Several gardeners on one store: nothing is lost or filed twice; one that is killed loses one write at most."""

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from gardener.store.runs import SqlStore, open_store

pytestmark = pytest.mark.integration

WORKER = Path(__file__).parent / "worker.py"
WORKERS, ISSUES = 8, 4


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path}/store.db" if request.param == "sqlite" else request.getfixturevalue("postgres_url")


def start(url: str, name: str, issues: int) -> subprocess.Popen[str]:
    argv = [sys.executable, str(WORKER), url, name, str(issues)]
    return subprocess.Popen(argv, stdout=subprocess.PIPE, text=True)


@pytest.fixture
def reopened(url: str, tmp_path: Path) -> Iterator[SqlStore]:
    store = open_store(url, tmp_path, lambda: datetime(2025, 9, 14, tzinfo=UTC))
    yield store
    store.close()


def test_eight_that_open_and_write_at_once_lose_nothing_and_file_nothing_twice(
    url: str, request: pytest.FixtureRequest
) -> None:
    workers = [start(url, f"w{number}", ISSUES) for number in range(WORKERS)]
    said = [worker.communicate()[0].splitlines() for worker in workers]
    assert [worker.returncode for worker in workers] == [0] * WORKERS
    store: SqlStore = request.getfixturevalue("reopened")
    issues = store.tracker().issues()
    own = {(issue.title, issue.number) for issue in issues if issue.title.startswith("own")}
    assert own == {tuple(json.loads(line)) for lines in said for line in lines}
    assert len(own) == WORKERS * ISSUES
    shared = [issue for issue in issues if issue.title.startswith("shared")]
    assert len(shared) == ISSUES
    assert all(len(issue.comments) == WORKERS for issue in shared)
    assert [issue.number for issue in issues] == list(range(1, len(issues) + 1))
    assert len(store.runs(limit=1000)) == WORKERS * ISSUES


def test_a_process_that_is_killed_loses_the_write_it_was_in_at_most(url: str, request: pytest.FixtureRequest) -> None:
    worker = start(url, "victim", 100_000)
    assert worker.stdout is not None
    said = [json.loads(worker.stdout.readline()) for _ in range(10)]
    worker.send_signal(signal.SIGKILL if hasattr(signal, "SIGKILL") else signal.SIGTERM)
    said += [json.loads(line) for line in worker.stdout.read().splitlines() if line.endswith("]")]
    worker.stdout.close()
    worker.wait()
    store: SqlStore = request.getfixturevalue("reopened")
    own = [[issue.title, issue.number] for issue in store.tracker().issues() if issue.title.startswith("own")]
    assert own[: len(said)] == said
    assert len(own) - len(said) in (0, 1)
    assert len(store.pending()) <= 1
    store.tracker().comment(own[0][1], "it goes on")
