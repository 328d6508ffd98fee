"""Several gardeners on one store: nothing is lost or filed twice; one that is killed loses one write at most."""

import json
import os
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


def start(url: str, name: str, many: int, what: str = "issues") -> subprocess.Popen[str]:
    argv = [sys.executable, str(WORKER), what, url, name, str(many)]
    environ = {**os.environ, "PYTHONPATH": str(WORKER.parents[2])}
    return subprocess.Popen(argv, stdout=subprocess.PIPE, text=True, env=environ)


def killed_after(worker: subprocess.Popen[str], lines: int) -> list[list[str]]:
    """What a worker said was safe, until it was killed."""
    assert worker.stdout is not None
    said = [json.loads(worker.stdout.readline()) for _ in range(lines)]
    worker.send_signal(signal.SIGKILL if hasattr(signal, "SIGKILL") else signal.SIGTERM)
    said += [json.loads(line) for line in worker.stdout.read().splitlines() if line.endswith("]")]
    worker.stdout.close()
    worker.wait()
    return said


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
    said = killed_after(worker, 10)
    store: SqlStore = request.getfixturevalue("reopened")
    own = [[issue.title, issue.number] for issue in store.tracker().issues() if issue.title.startswith("own")]
    assert own[: len(said)] == said
    assert len(own) - len(said) in (0, 1)
    assert len(store.pending()) <= 1
    store.tracker().comment(own[0][1], "it goes on")


def hold_exactly(store: SqlStore, said: list[list[str]], unsaid: int) -> None:
    """Every run that was said is there, whole and by its own names, and at most so many others."""
    runs = {each.id for each in store.runs(limit=1000)}
    assert {run for run, _ in said} <= runs
    assert len(runs) - len(said) <= unsaid
    assert store.check() == len(runs)
    assert {turn.run for turn in store.turns("shared 0", limit=1000)} == runs
    assert {turn.run: turn.outcome for turn in store.turns("broken", limit=1000)} == dict.fromkeys(runs, "failed")
    assert {seen.run for seen in store.sightings("cart-total")} == runs
    for run, own in said:
        assert [turn.run for turn in store.turns(own, limit=1000)] == [run]


def test_eight_that_record_runs_at_once_agree_on_the_numbers_of_the_tests(
    url: str, request: pytest.FixtureRequest
) -> None:
    workers = [start(url, f"w{number}", 2, "runs") for number in range(WORKERS)]
    said = [json.loads(line) for worker in workers for line in worker.communicate()[0].splitlines()]
    assert len(said) == WORKERS * 2
    hold_exactly(request.getfixturevalue("reopened"), said, unsaid=0)


def test_a_recorder_that_is_killed_again_and_again_loses_the_runs_it_was_in_at_most(
    url: str, request: pytest.FixtureRequest
) -> None:
    kills = 4
    said = [each for kill in range(kills) for each in killed_after(start(url, f"v{kill}", 100_000, "runs"), kill)]
    hold_exactly(request.getfixturevalue("reopened"), said, unsaid=kills)
