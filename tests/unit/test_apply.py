"""Carrying out a plan: once, resumable, and never more than is allowed. Against the embedded tracker on SQLite."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import build
import pytest

from gardener.apply import Desk, apply
from gardener.model.errors import Exit, TrackerError, TrackerReadOnly
from gardener.model.finding import Relation
from gardener.model.focus import Focus
from gardener.model.plan import ActionKind, Done, Draft, Issue, Plan, State
from gardener.model.policy import Policy
from gardener.model.run import Outcome, Preflight, Run
from gardener.model.story import Change, Outlook, Story
from gardener.render.engine import Templates
from gardener.render.issue import Writing
from gardener.store.issues import EmbeddedTracker
from gardener.store.runs import SqlStore, open_store
from gardener.triage.plan import decide

pytestmark = pytest.mark.unit

RED = build.run(build.case(outcome=Outcome.FAILED))


class Refusing:
    """A tracker that reads and refuses to write."""

    def __init__(self, inner: EmbeddedTracker, error: TrackerError) -> None:
        self._inner, self._error = inner, error

    def __getattr__(self, name: str) -> object:
        return getattr(self._inner, name)

    def create(self, draft: Draft) -> Issue:
        raise self._error


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqlStore]:
    opened = open_store("sqlite:///memory.db", tmp_path, lambda: datetime(2025, 9, 14, 12, tzinfo=UTC))
    yield opened
    opened.close()


def desk(store: SqlStore, plan: Plan, tracker: object = None, forbidden: str = "", run: Run = RED) -> Desk:
    story = Story(
        focus=Focus(name="unit"),
        preflight=Preflight(),
        run=run,
        findings=(),
        plan=plan,
        receipts=(),
        outlook=Outlook.FAILING,
        exit=Exit.FAILING,
        verdict="failing",
        change=Change(),
    )
    writing = Writing(templates=Templates(None), focus=story.focus, run=run)
    return Desk(
        tracker=tracker or store.tracker(),  # type: ignore[arg-type]
        store=store,
        story=story,
        writing=writing,
        forbidden=forbidden,
    )


def plan(store: SqlStore, *letters: str) -> Plan:
    findings = [build.finding(keys=(build.key(letter),)) for letter in letters]
    return decide(findings, store.tracker().issues(), RED, Policy(), frozenset())


def outcomes(receipts: tuple[object, ...]) -> list[Done]:
    return [receipt.outcome for receipt in receipts]  # type: ignore[attr-defined]


def test_the_same_plan_a_second_time_sends_nothing_and_gives_the_same_receipts(store: SqlStore) -> None:
    made = plan(store, "a", "b")
    first = apply(desk(store, made))
    before = store.tracker().issues()
    assert [receipt.number for receipt in apply(desk(store, made))] == [receipt.number for receipt in first]
    assert store.tracker().issues() == before


def test_what_is_forbidden_is_simulated_with_the_reason(store: SqlStore) -> None:
    receipts = apply(desk(store, plan(store, "a"), forbidden="--dry-run was given"))
    assert outcomes(receipts) == [Done.SIMULATED]
    assert receipts[0].error == "--dry-run was given"
    assert store.tracker().issues() == ()


def test_a_tracker_that_refuses_fails_the_rest_and_a_second_try_goes_on(store: SqlStore) -> None:
    made = plan(store, "a", "b")
    refusing = Refusing(store.tracker(), TrackerError("rate limit", "wait"))
    assert outcomes(apply(desk(store, made, refusing))) == [Done.FAILED, Done.FAILED]
    assert outcomes(apply(desk(store, made))) == [Done.DONE, Done.DONE]
    assert len(store.tracker().issues()) == 2


def test_a_token_that_may_only_read_degrades_to_a_simulation(store: SqlStore) -> None:
    reading = Refusing(store.tracker(), TrackerReadOnly("the token may only read", "give it issues: write"))
    assert outcomes(apply(desk(store, plan(store, "a", "b"), reading))) == [Done.SIMULATED, Done.SIMULATED]


def test_two_issues_that_one_plan_files_are_linked_with_each_other(store: SqlStore) -> None:
    engine = build.finding(keys=(build.key("e"),))
    refused = build.finding(keys=(build.key("f"),), related=(Relation(target=str(build.key("e")), why="explained by"),))
    made = decide([refused, engine], (), RED, Policy(), frozenset())
    apply(desk(store, made))
    issues = {issue.keys[0]: issue for issue in store.tracker().issues()}
    assert [link.to for link in issues[build.key("f")].links] == [issues[build.key("e")].number]


def test_a_link_to_what_the_budget_held_is_held_too(store: SqlStore) -> None:
    engine = build.finding(keys=(build.key("e"),))
    refused = build.finding(keys=(build.key("f"),), related=(Relation(target=str(build.key("e")), why="explained by"),))
    made = decide([refused, engine], (), RED, Policy(max_new_issues=1), frozenset())
    kinds = {receipt.action.kind: receipt.outcome for receipt in apply(desk(store, made))}
    assert kinds == {ActionKind.CREATE: Done.DONE, ActionKind.HOLD: Done.HELD, ActionKind.LINK: Done.HELD}


def test_an_issue_of_somebody_else_keeps_its_words_and_title_when_it_is_adopted(store: SqlStore) -> None:
    theirs = store.tracker(by_hand=True)
    words = "AssertionError: the cart's total is wrong by one cent\nin test_total of test_cart"
    theirs.create(Draft(title="Totals are off", body=words, labels=("bug",)))
    shown = build.failure(message="the cart's total is wrong by one cent")
    made = decide([build.finding(shown)], store.tracker().issues(), RED, Policy(), frozenset())
    apply(desk(store, made))
    (issue,) = store.tracker().issues()
    assert issue.title == "Totals are off"
    assert issue.body.startswith(words)
    assert issue.keys == (build.key(),)


def test_closing_says_the_numbers_in_a_comment_first(store: SqlStore) -> None:
    apply(desk(store, plan(store, "a")))
    for number in range(3):
        green = build.run(build.case(), id=f"20250915-00000{number}-aaaa")
        made = decide([], store.tracker().issues(), green, Policy(), frozenset({"a" * 40}))
        apply(desk(store, made, run=green))
    issue = store.tracker().issue(1)
    assert issue.state is State.CLOSED
    assert "3 runs in a row" in issue.comments[-1].body
