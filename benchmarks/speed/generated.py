"""What the measurements work on, made anew each time: a large report, a suite of trivial tests, days of a suite."""

import json
import random
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from benchmarks.speed.failures import printed
from gardener.model.cause import Cause
from gardener.model.finding import Finding, Kind
from gardener.model.key import Key
from gardener.model.run import Case, Counts, Failure, Frame, Origin, Outcome, Run
from gardener.model.text import CleanText

TESTS, FAILURES, FAULTS = 11_000, 400, 300


def report(tests: int = TESTS, failures: int = FAILURES, faults: int = FAULTS) -> bytes:
    """A pytest-json-report; the failures are spread evenly over it, in 40 files."""
    every = max(1, tests // failures)
    rows = [_test(n, faults if n % every == 0 and n // every < failures else 0) for n in range(tests)]
    summary = {"failed": failures, "passed": tests - failures, "total": tests, "collected": tests}
    head = {"created": 1757851140.0, "duration": 60.0, "exitcode": 1, "root": "/repository", "environment": {}}
    return json.dumps({**head, "summary": summary, "collectors": [], "tests": rows, "warnings": []}).encode()


def suite(folder: Path, tests: int = 2000, files: int = 20) -> Path:
    """A repository with trivial tests that all pass."""
    (folder / "tests").mkdir(parents=True)
    for n in range(files):
        body = "".join(f"def test_{k}():\n    assert {k} + 1 == {k + 1}\n\n\n" for k in range(tests // files))
        (folder / "tests" / f"test_{n:02}.py").write_text(body, encoding="utf-8")
    return folder


def _test(n: int, faults: int) -> dict[str, Any]:
    """One test; it fails by one of so many faults, where there are any."""
    path = f"tests/test_{n % 40:02}.py"
    fine = {"duration": 0.001, "outcome": "passed"}
    row = {"nodeid": f"{path}::test_{n}", "lineno": n, "outcome": "failed" if faults else "passed", "keywords": []}
    return {**row, "setup": fine, "call": _broken(n, path, faults) if faults else fine, "teardown": fine}


def _broken(n: int, path: str, faults: int) -> dict[str, Any]:
    exception, said, longrepr, captured = printed(n, path, faults)
    crash = {"path": f"/repository/{path}", "lineno": 7, "message": f"{exception}: {said}"}
    stage = {"duration": 0.01, "outcome": "failed", "crash": crash, "traceback": [], "longrepr": longrepr}
    return {**stage, "stderr": captured} if captured else stage


def day(number: int, tests: int = 10_000, failing: int = 200, per_finding: int = 5) -> tuple[Run, tuple[Finding, ...]]:
    """A run of its own commit, eight hours after the one before, with findings of some tests each; drawn by a seed."""
    draw = random.Random(number)
    started = datetime(2025, 1, 1, tzinfo=UTC) + timedelta(hours=8 * number)
    nodes = [
        f"tests/area_{n % 40:02}/test_module_{n // 25:03}.py::TestThing::test_it_{n}[{n % 3}]" for n in range(tests)
    ]
    bad = sorted(draw.sample(range(tests), failing))
    failures = {n: _failure(draw, nodes[n]) for n in bad}
    cases = tuple(
        Case(
            node=node,
            outcome=Outcome.FAILED if n in failures else Outcome.PASSED,
            duration_s=round(draw.expovariate(20), 6),
            failures=(failures[n],) if n in failures else (),
        )
        for n, node in enumerate(nodes)
    )
    run = Run(
        id=f"{started:%Y%m%d-%H%M%S}-{number:04}",
        focus="unit",
        selection="tests",
        commit=f"{number:040x}",
        branch="main",
        started=f"{started:%Y-%m-%dT%H:%M:%SZ}",
        cases=cases,
        counts=Counts.of(cases),
    )
    mine = [bad[start : start + per_finding] for start in range(0, failing, per_finding)]
    return run, tuple(_finding(place, tuple(failures[n] for n in each)) for place, each in enumerate(mine))


def _failure(draw: random.Random, node: str) -> Failure:
    """A failure with fifty lines of a traceback that no other failure has."""
    names = [f"{word}_{draw.randrange(60)}" for word in ("cart", "price", "order", "stock", "session", "socket")]
    lines = (f"    {draw.choice(names)} = {draw.choice(names)}({draw.randrange(10**6)})" for _ in range(50))
    return Failure(
        subject=node,
        origin=Origin.CALL,
        exception="AssertionError",
        message=CleanText(f"assert {draw.random()} == 2"),
        frames=(Frame(path=node.partition("::")[0], line=7, function="test_it"),),
        detail=CleanText("\n".join(lines)),
    )


def _finding(place: int, failures: tuple[Failure, ...]) -> Finding:
    return Finding(
        keys=(Key(scheme="v1", digest=f"{place:032x}", pattern="assert <n> == <n>"),),
        failures=failures,
        kind=Kind.FAILING,
        cause=Cause.ASSERTION,
        slug=f"wrong-{place}",
        title=f"The value {place} is wrong",
        tests=tuple(failure.subject for failure in failures),
    )
