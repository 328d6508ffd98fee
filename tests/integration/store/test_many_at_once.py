"""Several gardeners on one store: nothing is lost or filed twice; one that is killed loses one write at most."""

import multiprocessing
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path

import pytest
import worker

from gardener.store.runs import SqlStore, open_store

pytestmark = pytest.mark.integration

WORKERS, ISSUES = 8, 4
# processes of their own, forked where that goes well from one that has their imports already
PROCESSES = multiprocessing.get_context("forkserver" if sys.platform == "linux" else "spawn")
if sys.platform == "linux":
    PROCESSES.set_forkserver_preload(["gardener.store.runs", "psycopg", "sqlalchemy.dialects.postgresql.psycopg"])


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path}/store.db" if request.param == "sqlite" else request.getfixturevalue("postgres_url")


@dataclass(frozen=True, slots=True, kw_only=True)
class Worker:
    process: BaseProcess
    heard: "Connection[None, worker.Said]"

    def rest(self) -> list[worker.Said]:
        """What it says until its end."""
        said = []
        with suppress(EOFError), self.heard:
            while True:
                said.append(self.heard.recv())
        self.process.join()
        return said


def start(url: str, name: str, many: int, what: Callable[..., None] = worker.work) -> Worker:
    heard, told = PROCESSES.Pipe(duplex=False)
    process = PROCESSES.Process(target=what, args=(url, name, many, told), daemon=True)
    process.start()
    told.close()
    return Worker(process=process, heard=heard)


def killed_after(one: Worker, times: int) -> list[worker.Said]:
    """What a worker said was safe, until it was killed."""
    said = [one.heard.recv() for _ in range(times)]
    one.process.kill()
    return said + one.rest()


@pytest.fixture
def reopened(url: str, tmp_path: Path) -> Iterator[SqlStore]:
    store = open_store(url, tmp_path, lambda: datetime(2025, 9, 14, tzinfo=UTC))
    yield store
    store.close()


def test_eight_that_open_and_write_at_once_lose_nothing_and_file_nothing_twice(
    url: str, request: pytest.FixtureRequest
) -> None:
    workers = [start(url, f"w{number}", ISSUES) for number in range(WORKERS)]
    said = [each.rest() for each in workers]
    assert [each.process.exitcode for each in workers] == [0] * WORKERS
    store: SqlStore = request.getfixturevalue("reopened")
    issues = store.tracker().issues()
    own = {(issue.title, issue.number) for issue in issues if issue.title.startswith("own")}
    assert own == {each for one in said for each in one}
    assert len(own) == WORKERS * ISSUES
    shared = [issue for issue in issues if issue.title.startswith("shared")]
    assert len(shared) == ISSUES
    assert all(len(issue.comments) == WORKERS for issue in shared)
    assert [issue.number for issue in issues] == list(range(1, len(issues) + 1))
    assert len(store.runs(limit=1000)) == WORKERS * ISSUES


def test_a_process_that_is_killed_loses_the_write_it_was_in_at_most(url: str, request: pytest.FixtureRequest) -> None:
    said = killed_after(start(url, "victim", 100_000), 10)
    store: SqlStore = request.getfixturevalue("reopened")
    own = [(issue.title, issue.number) for issue in store.tracker().issues() if issue.title.startswith("own")]
    assert own[: len(said)] == said
    assert len(own) - len(said) in (0, 1)
    assert len(store.pending()) <= 1
    store.tracker().comment(own[0][1], "it goes on")


def hold_exactly(store: SqlStore, said: list[worker.Said], unsaid: int) -> None:
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
    workers = [start(url, f"w{number}", 2, worker.record) for number in range(WORKERS)]
    said = [each for one in workers for each in one.rest()]
    assert len(said) == WORKERS * 2
    hold_exactly(request.getfixturevalue("reopened"), said, unsaid=0)


def test_a_recorder_that_is_killed_again_and_again_loses_the_runs_it_was_in_at_most(
    url: str, request: pytest.FixtureRequest
) -> None:
    kills = 4
    workers = ((start(url, f"v{kill}", 100_000, worker.record), kill) for kill in range(kills))
    said = [each for one, kill in workers for each in killed_after(one, kill)]
    hold_exactly(request.getfixturevalue("reopened"), said, unsaid=kills)
