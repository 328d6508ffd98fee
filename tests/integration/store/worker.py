"""A gardener of its own process, for the tests of many at once: files issues and prints each when it is safe."""

import json
import sys
from datetime import UTC, datetime
from pathlib import Path

from gardener.model.plan import Action, ActionKind, Done, Draft, Plan, Receipt
from gardener.model.run import Run
from gardener.store.runs import open_store


def work(url: str, name: str, count: int) -> None:
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
        print(json.dumps([issue.title, issue.number]), flush=True)
        shared = tracker.create(Draft(title=f"shared {number}", body="", operation=f"shared/{number}"))
        tracker.comment(shared.number, name)


if __name__ == "__main__":
    work(sys.argv[1], sys.argv[2], int(sys.argv[3]))
