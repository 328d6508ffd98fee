"""What a run costs in requests to GitHub, counted at the proxy: the table in docs/performance.md."""

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import build
import pytest
import sample
from histories import writer
from histories.elsewhere import Elsewhere
from histories.stage import Stage
from histories.steps import Turn
from standin.github import GARDENER, StandIn
from standin.proxy import Proxy

from gardener.apply import apply
from gardener.model.key import Managed, write_block
from gardener.model.plan import Done, Draft, Issue, Plan, Reason
from gardener.model.policy import Policy
from gardener.model.run import Outcome, Run
from gardener.store.runs import open_store
from gardener.trackers.github import GitHubTracker
from gardener.triage.plan import decide

pytestmark = [pytest.mark.integration, pytest.mark.usefixtures("no_waiting")]


@pytest.fixture
def tracker(fickle: Proxy, repository: str) -> GitHubTracker:
    return GitHubTracker(repository, GARDENER, base_url=fickle.url, sleep=lambda _: None)


@pytest.fixture
def stage(standin: StandIn, fickle: Proxy, tmp_path: Path) -> Stage:
    """Two causes live, and each has its issue."""
    stage = Stage(Elsewhere(standin, [fickle], str(tmp_path)))
    stage.play([Turn(1)])
    stage.settle()
    fickle.seen.clear()
    return stage


def spent(fickle: Proxy) -> Counter[str]:
    """Requests by verb since the last time."""
    verbs = Counter(seen.verb for seen in fickle.seen)
    fickle.seen.clear()
    return verbs


def filed(standin: StandIn, repository: str, count: int, token: str = GARDENER) -> None:
    for number in range(count):
        body = {"title": f"{number}", "labels": ["gardener"]}
        standin.call("POST", f"/repos/{repository}/issues", body, token)


def test_reading_costs_a_page_for_every_hundred_issues_and_one_question_who_asks(
    tracker: GitHubTracker, fickle: Proxy, standin: StandIn, repository: str
) -> None:
    filed(standin, repository, 250)
    assert len(tracker.issues()) == 250
    assert spent(fickle) == {"GET": 3 + 1}


def test_a_list_that_did_not_change_is_not_sent_again(tracker: GitHubTracker, fickle: Proxy, repository: str) -> None:
    tracker.create(Draft(title="a", body="a", labels=("gardener",)))
    fickle.fault("GET", "labels=gardener", headers={"ETag": '"one"'}, change=lambda listed: listed)
    first = tracker.issues()
    fickle.fault("GET", "labels=gardener", status=304, committed=False)
    assert tracker.issues() == first
    asked = fickle.sent("GET", "labels=gardener")
    assert [seen.headers.get("If-None-Match") for seen in asked] == [None, '"one"']


def test_each_change_is_one_write_and_a_new_priority_two_more(tracker: GitHubTracker, fickle: Proxy) -> None:
    first = tracker.create(Draft(title="a", body="a", labels=("gardener", "P2"), operation="1"))
    assert spent(fickle)["POST"] == 1 + 2  # the two labels are made, once in a repository
    body = write_block("Three tests fail.", Managed(keys=(build.key(),)))
    second = tracker.create(Draft(title="b", body=body, labels=("gardener", "P2"), operation="2"))
    assert spent(fickle) == {"POST": 1, "GET": 3}
    tracker.edit(first.number, body="c", title="d")
    assert spent(fickle) == {"PATCH": 1, "GET": 1}
    tracker.comment(first.number, "e")
    assert spent(fickle) == {"POST": 1}
    tracker.close(second.number, Reason.COMPLETED)
    assert spent(fickle) == {"PATCH": 1, "GET": 1}
    tracker.reopen(second.number)
    assert spent(fickle) == {"PATCH": 1, "GET": 1}
    tracker.link(second.number, first.number, "f")
    assert spent(fickle) == {"PATCH": 1, "GET": 2}
    tracker.edit(first.number, add_labels=["P1"], remove_labels=["P2"])
    assert spent(fickle) == {"DELETE": 1, "POST": 2, "GET": 2}  # P1 is made, once


def test_a_run_with_nothing_new_writes_once_for_each_open_finding(stage: Stage, fickle: Proxy) -> None:
    stage.settle()
    cost = spent(fickle)
    assert cost.pop("GET") == 2 + 2 * 2
    assert cost == {"PATCH": 2}


def test_a_run_with_nothing_new_writes_nothing_where_only_changes_are_wanted(
    stage: Stage, fickle: Proxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    quiet = replace(writer.policy(), status="on-change")
    monkeypatch.setattr(writer, "policy", lambda: quiet)
    stage.settle()
    assert spent(fickle) == {"GET": 2}


def test_a_look_before_filing_finds_an_open_twin_that_is_older_than_the_newest_hundred(
    tracker: GitHubTracker, standin: StandIn, repository: str
) -> None:
    body = write_block("Three tests fail.", Managed(keys=(build.key(),)))
    number = tracker.create(Draft(title="t", body=body, labels=("gardener",), operation="one")).number
    standin.call("DELETE", f"/repos/{repository}/issues/{number}/labels/gardener")
    filed(standin, repository, 100, "token-of-owner")
    assert tracker.create(Draft(title="t", body=body, labels=("gardener",), operation="two")).number == number


def test_a_plan_that_is_applied_again_after_a_crash_sends_no_write_that_was_done(
    fickle: Proxy, standin: StandIn, repository: str, tmp_path: Path
) -> None:
    """The second time nothing is remembered: what was done is seen on GitHub alone."""
    first = run_of("aaaa")
    carried_out(fickle, repository, tmp_path / "one", first, plan_of(fickle, repository, first, "a"))
    second = run_of("bbbb", commit="b" * 40)
    plan = plan_of(fickle, repository, second, "ab", "c")  # a new failure mode, which is announced; and a new issue
    before = opened(fickle, repository).issues()
    carried_out(fickle, repository, tmp_path / "two", second, plan, before)
    spent(fickle)
    carried_out(fickle, repository, tmp_path / "three", second, plan, before)
    assert set(spent(fickle)) == {"GET"}
    assert len(standin.issues(repository)) == 2


def opened(fickle: Proxy, repository: str) -> GitHubTracker:
    return GitHubTracker(repository, GARDENER, base_url=fickle.url, sleep=lambda _: None)


def run_of(name: str, **rest: Any) -> Run:
    return build.run(build.case(outcome=Outcome.FAILED), id=f"20250915-000000-{name}", **rest)


def plan_of(fickle: Proxy, repository: str, run: Run, *modes: str) -> Plan:
    """A plan for findings whose keys are the letters of each word."""
    findings = [build.finding(keys=tuple(build.key(letter) for letter in mode)) for mode in modes]
    return decide(findings, opened(fickle, repository).issues(), run, Policy(), frozenset())


def carried_out(
    fickle: Proxy, repository: str, folder: Path, run: Run, plan: Plan, known: tuple[Issue, ...] = ()
) -> None:
    store = open_store("sqlite:///store.db", folder, lambda: datetime(2025, 9, 15, tzinfo=UTC))
    receipts = apply(sample.desk(plan, run, store, opened(fickle, repository), known=known))
    store.close()
    assert {receipt.outcome for receipt in receipts} == {Done.DONE}
