"""A gardener that is killed between the write and its receipt: the next one finds what was filed and goes on."""

import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from standin.github import GARDENER, StandIn
from standin.proxy import Proxy

from gardener.model.key import Key, Managed, write_block
from gardener.model.plan import Action, ActionKind, Done, Draft, Receipt
from gardener.store.runs import open_store
from gardener.trackers.github import GitHubTracker

pytestmark = pytest.mark.integration

KEY = Key(scheme="v1", digest="0123456789abcdef")
ACTION = Action(kind=ActionKind.CREATE, why="new", fingerprint=str(KEY))


def carry_out(url: str, repository: str, folder: Path) -> Receipt:
    """One action as a run does it: the intent, the write, the receipt."""
    store = open_store("sqlite:///store.db", folder, lambda: datetime.now(UTC))
    try:
        before = store.begin("run-1", ACTION.id, ACTION.why)
        if before is not None:
            return before
        tracker = GitHubTracker(repository, GARDENER, base_url=url)
        body = write_block("Three tests fail.", Managed(keys=(KEY,)))
        issue = tracker.create(Draft(title="t", body=body, labels=("gardener",), operation=f"run-1/{KEY}"))
        receipt = Receipt(action=ACTION, outcome=Done.DONE, number=issue.number, url=issue.url)
        store.settle("run-1", [receipt])
        return receipt
    finally:
        store.close()


@pytest.mark.parametrize("path", ["/issues$", "/labels$"])
def test_a_run_killed_in_the_middle_of_filing_is_carried_on_without_a_second_issue(
    path: str, fickle: Proxy, standin: StandIn, tmp_path: Path
) -> None:
    repository = standin.repository()
    victims: list[subprocess.Popen[bytes]] = []

    def kill(answer: Any) -> Any:
        victims[0].kill()
        return answer

    fickle.fault("POST", path, change=kill)  # GitHub has done it, nobody hears of it
    env = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    victims.append(subprocess.Popen([sys.executable, __file__, fickle.url, repository, str(tmp_path)], env=env))
    assert victims[0].wait(30) != 0
    assert fickle.sent("POST", path)
    store = open_store("sqlite:///store.db", tmp_path, lambda: datetime.now(UTC))
    assert store.pending() == (("run-1", ACTION.id),)
    first = carry_out(fickle.url, repository, tmp_path)
    again = carry_out(fickle.url, repository, tmp_path)
    assert [issue["number"] for issue in standin.issues(repository)] == [first.number] == [again.number]
    assert store.pending() == ()
    assert store.filed(repository) == {first.number}
    store.close()


if __name__ == "__main__":
    carry_out(sys.argv[1], sys.argv[2], Path(sys.argv[3]))
