"""A gardener of its own process, for the tests of many at once: says each issue, or each run, when it is safe."""

from datetime import UTC, datetime
from multiprocessing.connection import Connection
from pathlib import Path

from build import case, failure, finding, run

from gardener.model.plan import Action, ActionKind, Done, Draft, Plan, Receipt
from gardener.model.run import Outcome, Run
from gardener.store.runs import open_store

SHARED = 2_000
Said = tuple[str, int | str]


def work(url: str, name: str, count: int, told: "Connection[Said, None]") -> None:
    store = open_store(url, Path.cwd(), lambda: datetime(2025, 9, 14, tzinfo=UTC))
    tracker = store.tracker()
    for number in range(count):
        run = Run(id=f"2025-{name}-{number}", focus="unit", selection="tests")
        store.record(run, [], Plan(run=run.id))
        action = Action(kind=ActionKind.CREATE, why="new", fingerprint=f"v1:{number}")
        store.begin(run.id, action.id, "new")
        issue = tracker.create(
            Draft(title=f"own {name} {number}", body="", labels=("P1",), operation=f"{name}/{number}")
        )
        store.settle(run.id, [Receipt(action=action, outcome=Done.DONE, number=issue.number)])
        told.send((issue.title, issue.number))
        shared = tracker.create(Draft(title=f"shared {number}", body="", operation=f"shared/{number}"))
        tracker.comment(shared.number, name)


def record(url: str, name: str, count: int, told: "Connection[Said, None]") -> None:
    """Runs of many tests: all share most of them, each has one of its own and a finding that all share."""
    store = open_store(url, Path.cwd(), lambda: datetime(2025, 9, 14, tzinfo=UTC))
    for number in range(count):
        own = f"{name} {number}"
        good = (case(node) for node in (*(f"shared {place}" for place in range(SHARED)), own))
        broken = case("broken", Outcome.FAILED, failures=(failure("broken"),))
        made = run(*good, broken, id=f"2025-{name}-{number:06}")
        store.record(made, [finding(failure("broken"))], Plan(run=made.id))
        told.send((made.id, own))
