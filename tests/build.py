"""Makes records with good defaults, so that a test says only what it is about."""

from dataclasses import replace
from typing import Any

from gardener.model.cause import Cause
from gardener.model.finding import Finding, Kind
from gardener.model.key import Key, Managed, write_block
from gardener.model.plan import Issue
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


def key(letter: str = "a") -> Key:
    return Key(scheme="v1", digest=letter * 32, pattern=f"pattern {letter}")


def finding(*failures: Failure, **rest: Any) -> Finding:
    shown = failures or (failure(),)
    given: dict[str, Any] = {
        "keys": (key(),),
        "failures": shown,
        "kind": Kind.FAILING,
        "cause": Cause.ASSERTION,
        "slug": "cart-total",
        "title": "The cart's total is wrong",
        "tests": tuple(dict.fromkeys(each.subject for each in shown)),
    }
    return Finding(**(given | rest))


def issue(number: int = 7, managed: Managed | None = None, **rest: Any) -> Issue:
    """An issue; with `managed` one that gardener filed."""
    given: dict[str, Any] = {"number": number, "title": f"issue {number}", "author": "somebody", "trusted": True}
    if managed is not None:
        given |= {
            "managed": managed,
            "keys": managed.keys,
            "ours": True,
            "author": "gardener",
            "body": write_block("What gardener says.", managed),
        }
    return Issue(**(given | rest))
