"""How fast gardener is: figures by pytest-benchmark, budgets where a figure is promised, ratios within one run."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from time import process_time

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from benchmarks.speed.generated import report, suite
from gardener.model.finding import Evidence
from gardener.model.focus import Focus
from gardener.model.policy import Policy
from gardener.model.run import Failure, Outcome, Report
from gardener.model.text import Redactor
from gardener.readers import reader
from gardener.rulebook import load_rulebook
from gardener.runs.launch import Order, launch, remove
from gardener.triage.cause import Judge
from gardener.triage.group import group

resource = pytest.importorskip("resource", reason="CPU of child processes is counted by Unix alone")
ENVIRON = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST_", "COV_"))}


@pytest.fixture(scope="module")
def policy() -> Policy:
    return Policy(rulebook=load_rulebook())


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The report of 11,000 tests, 400 of them failing."""
    path = tmp_path_factory.mktemp("large") / "report.json"
    path.write_bytes(report())
    return path


def test_help_takes_less_than_a_quarter_second_of_cpu(benchmark: BenchmarkFixture) -> None:
    command = [sys.executable, "-m", "gardener", "--help"]
    seconds = [_children_cpu(lambda: subprocess.run(command, capture_output=True, check=True)) for _ in range(5)]
    benchmark.extra_info["CPU seconds"] = round(min(seconds), 3)
    benchmark.pedantic(lambda: subprocess.run(command, capture_output=True, check=True), rounds=1)
    assert min(seconds) < 0.25


def test_classify(benchmark: BenchmarkFixture, policy: Policy, large: Path) -> None:
    texts = [failure.detail or failure.message for failure in _failures(reader.read(large, Redactor()))]
    judge = Judge(policy)
    benchmark.pedantic(lambda: list(map(judge.classify, texts)), rounds=5, warmup_rounds=1)
    seconds = min(_cpu(lambda: list(map(judge.classify, texts))) for _ in range(5))
    benchmark.extra_info["texts per second of CPU"] = round(len(texts) / seconds)


@pytest.mark.parametrize("character", ["a", "'", '"', " ", "[", "/a", "0x"])
def test_64_kilobytes_of_one_thing_are_masked_in_50_milliseconds(benchmark: BenchmarkFixture, character: str) -> None:
    text, masks = (character * 65536)[:65536], load_rulebook().masks

    def masked() -> None:
        for mask in masks:
            mask.find.sub(mask.by, text)

    benchmark.pedantic(masked, rounds=5)
    assert min(_cpu(masked) for _ in range(5)) <= 0.05


@pytest.mark.parametrize("failures", [400, 5_000, 20_000])
def test_group(benchmark: BenchmarkFixture, policy: Policy, tmp_path: Path, failures: int) -> None:
    path = tmp_path / "report.json"
    path.write_bytes(report(max(11_000, failures), failures))
    read = reader.read(path, Redactor())
    evidence = Evidence(passed=tuple(case.node for case in read.cases if case.outcome is Outcome.PASSED))
    benchmark.pedantic(lambda: group(_failures(read), evidence, policy), rounds=1)
    seconds = min(_cpu(lambda: group(_failures(read), evidence, policy)) for _ in range(2))
    benchmark.extra_info["failures per second of CPU"] = round(failures / seconds)


@pytest.mark.parametrize("failures", [1_000, 5_000, 20_000])
def test_harvest(benchmark: BenchmarkFixture, tmp_path: Path, failures: int) -> None:
    """The whole process, start-up included, on failures no two of which are alike."""
    path = tmp_path / "report.json"
    path.write_bytes(report(failures, failures))
    command = [sys.executable, "-m", "gardener", "harvest", str(path), "--format", "json"]

    def harvest() -> None:
        subprocess.run(command, cwd=tmp_path, capture_output=True, check=True)

    benchmark.extra_info["CPU seconds"] = round(_children_cpu(harvest), 2)
    benchmark.extra_info["MiB of the largest process so far"] = _largest_child()
    benchmark.pedantic(harvest, rounds=1)


def test_reading_beside_json_load(benchmark: BenchmarkFixture, large: Path) -> None:
    plain = min(_cpu(lambda: json.loads(large.read_bytes())) for _ in range(5))
    ours = min(_cpu(lambda: reader.read(large, Redactor())) for _ in range(5))
    benchmark.extra_info["times json.load"] = round(ours / plain, 1)
    benchmark.pedantic(lambda: reader.read(large, Redactor()), rounds=3)


def test_a_recorded_run_beside_plain_pytest(benchmark: BenchmarkFixture, tmp_path: Path) -> None:
    """CPU of all processes of a launch: a look at the target, recorder, json report, guardian."""
    root = suite(tmp_path / "suite")
    plain = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "tests"]
    order = Order(root=root, python=sys.executable, environ=ENVIRON)
    focus = Focus(name="unit", paths=("tests",))

    def alone() -> None:
        subprocess.run(plain, cwd=root, env=ENVIRON, capture_output=True, check=True)

    def recorded() -> None:
        remove(launch(order, focus, lambda _: None).folder)

    pairs = [(_children_cpu(alone), _children_cpu(recorded)) for _ in range(3)]
    lone, ours = (min(column) for column in zip(*pairs, strict=True))
    benchmark.extra_info |= {"plain CPU seconds": round(lone, 2), "times plain pytest": round(ours / lone, 2)}
    benchmark.pedantic(recorded, rounds=1)


def _failures(read: Report) -> list[Failure]:
    return [failure for case in read.cases for failure in case.failures]


def _cpu(act: Callable[[], object]) -> float:
    start = process_time()
    act()
    return process_time() - start


def _children_cpu(act: Callable[[], object]) -> float:
    """CPU seconds of the processes that it starts and waits for."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    act()
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def _largest_child() -> int:
    """MiB of memory that the largest process waited for so far has held."""
    return resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024
