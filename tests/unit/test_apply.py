"""Carrying out a plan: once, resumable, and never more than is allowed. Against the embedded tracker on SQLite."""

from dataclasses import replace
from typing import Any

import build
import pytest
import sample

from gardener.apply import Desk, apply
from gardener.model.cause import Cause
from gardener.model.errors import TrackerError, TrackerReadOnly
from gardener.model.finding import Nature, Relation
from gardener.model.focus import Severity
from gardener.model.key import write_block
from gardener.model.plan import ActionKind, Done, Draft, Issue, Plan, Reason, State
from gardener.model.policy import Policy, Standing
from gardener.model.run import Outcome, Run
from gardener.store.issues import EmbeddedTracker
from gardener.store.runs import SqlStore
from gardener.triage.digest import digest_key
from gardener.triage.plan import FLAPS, decide

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


class Locked:
    """A tracker whose issues were locked since they were listed."""

    def __init__(self, inner: EmbeddedTracker) -> None:
        self._inner = inner

    def __getattr__(self, name: str) -> object:
        return getattr(self._inner, name)

    def issue(self, number: int, *, comments: bool = True) -> Issue:
        return replace(self._inner.issue(number), locked=True)


def desk(store: SqlStore, plan: Plan, tracker: object = None, forbidden: str = "", run: Run = RED) -> Desk:
    return sample.desk(plan, run, store, tracker or store.tracker(), forbidden=forbidden)  # type: ignore[arg-type]


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


def test_the_budget_leaves_one_digest_that_lists_the_rest_and_its_keys_are_not_its_own(store: SqlStore) -> None:
    findings = [build.finding(keys=(build.key(letter),), title=f"Finding {letter}") for letter in "abcde"]
    known_before = build.finding(keys=(build.key("f"),), known_since="20250801-000000-zzzz")
    first = decide([*findings, known_before], (), RED, Policy(max_new_issues=2), frozenset())
    apply(desk(store, first))
    filed, _, listing = store.tracker().issues()
    assert filed.keys == (build.key("a"),)
    assert all(f"Finding {letter} | 1 | `{build.key(letter)}` |" in listing.body for letter in "cde")
    assert f"gardener issues file {build.key('c')}" in listing.body
    assert listing.keys == (digest_key("unit"),)
    assert "Held: 3 findings" in listing.body
    later = build.run(build.case(outcome=Outcome.FAILED), id="20250915-000000-aaaa")
    second = decide(findings, store.tracker().issues(), later, Policy(max_new_issues=3), frozenset())
    apply(desk(store, second, run=later))
    assert [issue.state for issue in store.tracker().issues()] == [State.OPEN] * 2 + [State.CLOSED] + [State.OPEN] * 3
    assert "Nothing waits any more" in store.tracker().issue(3).body


def test_a_standing_issue_keeps_its_title_and_gathers_what_comes(store: SqlStore) -> None:
    standing = (Standing(cause=Cause.ASSERTION, title="Assertions, all of them"),)
    policy = Policy(standing=standing)
    first = [build.finding(keys=(build.key(letter),), title=f"Finding {letter}") for letter in "ab"]
    apply(desk(store, decide(first, (), RED, policy, frozenset())))
    later = build.run(build.case(outcome=Outcome.FAILED), id="20250915-000000-aaaa")
    worse = build.finding(keys=(build.key("c"),), title="Finding c", severity=Severity.P0)
    apply(desk(store, decide([worse], store.tracker().issues(), later, policy, frozenset()), run=later))
    (issue,) = store.tracker().issues()
    assert issue.title == "Assertions, all of them"
    assert issue.keys == (build.key("a"), build.key("b"), build.key("c"))


def test_a_title_that_a_person_wrote_stays_and_the_block_says_so(store: SqlStore) -> None:
    apply(desk(store, plan(store, "a")))
    store.tracker(by_hand=True).edit(1, title="Totals, again")
    worse = build.finding(severity=Severity.P0)
    for number in range(2):
        later = build.run(build.case(outcome=Outcome.FAILED), id=f"20250915-00000{number}-aaaa")
        apply(desk(store, decide([worse], store.tracker().issues(), later, Policy(), frozenset()), run=later))
    issue = store.tracker().issue(1)
    assert (issue.title, issue.severity) == ("Totals, again", Severity.P0)
    assert "left alone: the title" in issue.body


def test_gardeners_own_title_follows_the_priority(store: SqlStore) -> None:
    apply(desk(store, plan(store, "a")))
    worse = build.finding(severity=Severity.P0)
    for number, wanted in enumerate(("P1", "P0")):
        later = build.run(build.case(outcome=Outcome.FAILED), id=f"20250915-00000{number}-aaaa")
        apply(desk(store, decide([worse], store.tracker().issues(), later, Policy(), frozenset()), run=later))
        assert f"-{wanted}-" in store.tracker().issue(1).title


def test_an_issue_that_comes_and_goes_is_titled_flaky_and_says_how_often_it_came_back(store: SqlStore) -> None:
    broken = build.finding(nature=Nature.REGRESSION)
    for number in range(FLAPS + 1):
        red = build.run(
            build.case(outcome=Outcome.FAILED), id=f"20250915-00000{number}-aaaa", started=f"2025-09-{15 + number}"
        )
        apply(desk(store, decide([broken], store.tracker().issues(), red, Policy(), frozenset()), run=red))
        assert ("-flaky-" in store.tracker().issue(1).title) is (number == FLAPS)
        store.tracker().close(1, Reason.COMPLETED)
    issue = store.tracker().issue(1)
    assert f"Flaky: 1 failing run so far, reopened {FLAPS} times" in issue.body  # all at one commit
    assert f"closed and reopened {FLAPS} times" in issue.comments[-1].body


def test_what_people_lock_while_a_plan_waits_is_left_alone(store: SqlStore) -> None:
    apply(desk(store, plan(store, "a")))
    later = build.run(build.case(outcome=Outcome.FAILED), id="20250915-000000-aaaa")
    made = decide([build.finding()], store.tracker().issues(), later, Policy(), frozenset())
    before = store.tracker().issues()
    (receipt,) = apply(desk(store, made, Locked(store.tracker()), run=later))
    assert (receipt.outcome, "locked" in receipt.error) == (Done.HELD, True)
    assert store.tracker().issues() == before


def test_of_two_with_one_key_the_higher_says_why_it_is_closed_and_names_the_lower(store: SqlStore) -> None:
    (draft,) = plan(store, "a").actions
    assert draft.managed is not None
    for number in (1, 2):  # two writers at once: neither saw the other's
        store.tracker().create(Draft(title=f"issue {number}", body=f"{number}", labels=("P2", "gardener")))
    for number in (1, 2):
        store.tracker().edit(number, body=write_block("Fails.", draft.managed))
    later = build.run(build.case(outcome=Outcome.FAILED), id="20250915-000000-aaaa")
    apply(desk(store, decide([build.finding()], store.tracker().issues(), later, Policy(), frozenset()), run=later))
    lower, higher = store.tracker().issues()
    assert (lower.state, higher.state, higher.state_reason) == (State.OPEN, State.CLOSED, Reason.DUPLICATE)
    assert higher.comments[0].body.startswith("**Duplicate**")
    assert "`#1` is open for the same key" in higher.comments[0].body
    assert [link.to for link in higher.links] == [1]


def test_an_issue_with_several_failure_modes_counts_the_runs_of_each(store: SqlStore) -> None:
    apply(desk(store, plan(store, "a")))
    both = build.finding(keys=(build.key("a"), build.key("b")))
    for number in range(2):
        later = build.run(build.case(outcome=Outcome.FAILED), id=f"20250915-00000{number}-aaaa")
        apply(desk(store, decide([both], store.tracker().issues(), later, Policy(), frozenset()), run=later))
    issue = store.tracker().issue(1)
    assert f"- `pattern a` `{build.key('a')}`: 3 runs" in issue.body
    assert f"- `pattern b` `{build.key('b')}`: 2 runs" in issue.body
    assert [said.body.count("new failure mode") for said in issue.comments] == [1]


def run_of(letter: str) -> Run:
    return build.run(build.case(outcome=Outcome.FAILED), id=f"20250915-000000-{letter * 4}")


def planned(store: SqlStore, run: Run, *letters: str) -> Plan:
    finding = build.finding(keys=tuple(build.key(letter) for letter in letters))
    return decide([finding], store.tracker().issues(), run, Policy(), frozenset({"a" * 40}))


def desk_with(store: SqlStore, plan: Plan, run: Run, tracker: object = None) -> Desk:
    """A desk whose story knows the issues as they were when the plan was made."""
    given = desk(store, plan, tracker, run=run)
    given.story = replace(given.story, known=store.tracker().issues())
    return given


def test_what_another_run_wrote_since_the_plan_was_made_is_kept(store: SqlStore) -> None:
    apply(desk(store, plan(store, "a")))
    first, second = run_of("b"), run_of("c")
    waiting = desk_with(store, planned(store, first, "a", "b"), first)
    apply(desk_with(store, planned(store, second, "a", "c"), second))
    apply(waiting)
    (issue,) = store.tracker().issues()
    assert set(issue.keys) == {build.key("a"), build.key("b"), build.key("c")}
    assert issue.managed
    assert {first.id, second.id} <= set(issue.managed.last_runs)


def test_an_issue_that_another_run_met_failing_since_is_not_closed(store: SqlStore) -> None:
    apply(desk(store, plan(store, "a")))
    for number in range(2):
        green = build.run(build.case(), id=f"20250915-00000{number}-gggg")
        apply(desk(store, decide([], store.tracker().issues(), green, Policy(), frozenset({"a" * 40})), run=green))
    last = build.run(build.case(), id="20250915-000003-gggg")
    closing = desk_with(store, decide([], store.tracker().issues(), last, Policy(), frozenset({"a" * 40})), last)
    assert [action.kind for action in closing.story.plan.actions] == [ActionKind.CLOSE]
    failing = run_of("f")
    apply(desk_with(store, planned(store, failing, "a"), failing))
    assert [receipt.outcome for receipt in apply(closing)] == [Done.HELD]
    assert [issue.state for issue in store.tracker().issues()] == [State.OPEN]


class Interrupted:
    """A tracker on which somebody else writes between a look and the edit that follows it, once."""

    def __init__(self, inner: EmbeddedTracker) -> None:
        self._inner, self.left = inner, 1

    def __getattr__(self, name: str) -> object:
        return getattr(self._inner, name)

    def edit(self, number: int, **changes: Any) -> Issue:
        if self.left:
            self.left = 0
            self._inner.edit(number, body=f"Words of a person.\n\n{self._inner.issue(number).body}")
        return self._inner.edit(number, **changes)


def test_what_is_written_between_the_look_and_the_edit_is_not_lost(store: SqlStore) -> None:
    apply(desk(store, plan(store, "a")))
    again = run_of("b")
    apply(desk_with(store, planned(store, again, "a", "b"), again, Interrupted(store.tracker())))
    (issue,) = store.tracker().issues()
    assert issue.body.startswith("Words of a person.")
    assert set(issue.keys) == {build.key("a"), build.key("b")}


class Dying(Interrupted):
    """A tracker that is lost right after a comment was said."""

    def edit(self, number: int, **changes: Any) -> Issue:
        return self._inner.edit(number, **changes)

    def comment(self, number: int, text: str) -> None:
        self._inner.comment(number, text)
        raise TrackerError("gone", "try again")


def test_a_comment_that_was_said_before_a_crash_is_not_said_again(store: SqlStore) -> None:
    apply(desk(store, plan(store, "a")))
    again = run_of("b")
    made = planned(store, again, "a", "b")  # a new failure mode is announced
    apply(desk_with(store, made, again, Dying(store.tracker())))
    before = store.tracker().issues()
    assert outcomes(apply(desk_with(store, made, again))) == [Done.DONE]
    assert store.tracker().issues() == before
    assert len(before[0].comments) == 1
