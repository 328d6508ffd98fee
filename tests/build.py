"""Makes records with good defaults, so that a test says only what it is about."""

from dataclasses import replace
from typing import Any

from gardener.model.run import Case, Counts, Failure, Frame, Origin, Outcome, Run
from gardener.model.text import CleanText


def frame(path: str = "src/shop/cart.py", line: int = 10, function: str = "total", **rest: Any) -> Frame:
    return Frame(path=path, line=line, function=function, **rest)


def failure(
    subject: str = "tests/test_cart.py::test_total",
    exception: str = "AssertionError",
    message: str = "assert 1 == 2",
    **rest: Any,
) -> Failure:
    given: dict[str, Any] = {"origin": Origin.CALL, "frames": (frame("tests/test_cart.py", 5, "test_total"),)}
    return Failure(subject=subject, exception=exception, message=CleanText(message), **(given | rest))


def case(node: str = "tests/test_cart.py::test_total", outcome: Outcome = Outcome.PASSED, **rest: Any) -> Case:
    return Case(node=node, outcome=outcome, **rest)


def run(*cases: Case, **rest: Any) -> Run:
    given: dict[str, Any] = {
        "id": "20250914-115900-k3x9",
        "focus": "unit",
        "selection": "tests/unit",
        "commit": "a" * 40,
        "branch": "main",
        "started": "2025-09-14T11:59:00Z",
        "cases": cases,
        "counts": Counts.of(cases),
    }
    return replace(Run(**given), **rest)
