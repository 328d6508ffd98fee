"""A memory of 1,000 runs of 10,000 tests: what recording, looking back and the disk cost, on both databases."""

from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import process_time

import pytest
from pytest_benchmark.fixture import BenchmarkFixture
from sqlalchemy import text
from standin import postgres

from benchmarks.speed.generated import day
from gardener.model.finding import Finding
from gardener.model.plan import Action, ActionKind, Plan
from gardener.model.run import Run
from gardener.store.runs import SqlStore, open_store

pytestmark = pytest.mark.timeout(3600)  # filling takes minutes

RUNS = 1_000
DRAWN = 20  # days that are drawn; the others are these again, under their own id, time and commit
RECORD_S, PAST_S, SIZE = 2.0, 0.2, 1_000_000_000


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def filled(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[SqlStore]:
    """Filled by the writer that `gardener run` uses, run by run."""
    folder = tmp_path_factory.mktemp("memory")
    with _address(request.param) as url, closing(open_store(url, folder, lambda: datetime.now(UTC))) as store:
        drawn = [day(number) for number in range(DRAWN)]
        for number in range(RUNS):
            run, findings = drawn[number % DRAWN]
            run = _moved(run, number)
            store.record(run, findings, _plan(run, findings))
        yield store


@contextmanager
def _address(kind: str) -> Iterator[str]:
    if kind == "sqlite":
        yield "sqlite:///store.db"
    else:
        with postgres.running() as url:
            yield url


def _moved(run: Run, number: int) -> Run:
    at = datetime(2025, 1, 1, tzinfo=UTC) + timedelta(hours=8 * number)
    started = f"{at:%Y-%m-%dT%H:%M:%SZ}"
    return replace(run, id=f"{at:%Y%m%d-%H%M%S}-{number:04}", started=started, commit=f"{number:040x}")


def _plan(run: Run, findings: tuple[Finding, ...]) -> Plan:
    create = (Action(kind=ActionKind.CREATE, why="new", fingerprint=str(f.fingerprint), finding=f) for f in findings)
    return Plan(run=run.id, actions=tuple(create))


@pytest.mark.parametrize(("failing", "per_finding"), [(200, 5), (5_000, 10)], ids=["usual day", "bad day"])
def test_recording_a_run(benchmark: BenchmarkFixture, filled: SqlStore, failing: int, per_finding: int) -> None:
    run, findings = day(RUNS, failing=failing, per_finding=per_finding)
    plan = _plan(run, findings)
    seconds = min(_cpu(lambda: filled.record(run, findings, plan)) for _ in range(3))
    benchmark.extra_info["CPU seconds"] = round(seconds, 3)
    benchmark.pedantic(filled.record, args=(run, findings, plan), rounds=3)
    assert seconds < RECORD_S


def test_the_past_of_500_findings(benchmark: BenchmarkFixture, filled: SqlStore) -> None:
    run, findings = day(RUNS + 1, failing=5_000, per_finding=10)
    seconds = min(_cpu(lambda: filled.past(findings, "unit", run)) for _ in range(3))
    benchmark.extra_info["CPU seconds"] = round(seconds, 3)
    past = benchmark.pedantic(filled.past, args=(findings, "unit", run), rounds=3)
    assert len(past) == 500
    assert sum(known.runs_failed > 0 for known in past.values()) >= 40
    assert seconds < PAST_S


def test_the_history_of_a_test_over_all_runs(benchmark: BenchmarkFixture, filled: SqlStore) -> None:
    node = day(0)[0].cases[0].node
    assert len(benchmark.pedantic(filled.turns, args=(node, "unit", RUNS), rounds=3)) == RUNS


def test_the_size(benchmark: BenchmarkFixture, filled: SqlStore) -> None:
    size = benchmark.pedantic(_size, args=(filled,), rounds=1)
    benchmark.extra_info["megabytes"] = round(size / 1e6)
    assert size < SIZE


def _size(store: SqlStore) -> int:
    if Path(store.place).exists():
        return sum(each.stat().st_size for each in Path(store.place).parent.glob("store.db*"))
    with store._database.read() as connection:
        return int(connection.scalar(text("SELECT pg_database_size(current_database())")))


def _cpu(act: Callable[[], object]) -> float:
    start = process_time()
    act()
    return process_time() - start
