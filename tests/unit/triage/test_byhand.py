"""Issues that people merged and split: remembered in the block, obeyed by every later run."""

from typing import Any

import build
import pytest

from gardener.model.finding import Finding
from gardener.model.key import Managed
from gardener.model.plan import ActionKind, Issue, Reason, State
from gardener.model.policy import Policy
from gardener.model.run import Outcome
from gardener.triage.byhand import apart
from gardener.triage.keys import key_of
from gardener.triage.plan import decide
from gardener.triage.remember import merged, rebased, remember, without

pytestmark = pytest.mark.unit

RED = build.run(build.case(outcome=Outcome.FAILED))
A, B, C = (build.key(letter) for letter in "abc")
ONE = build.failure("tests/test_cart.py::test_total", "KeyError", "'total'")
TWO = build.failure("tests/test_stock.py::test_count", "AttributeError", "'Stock' object has no attribute 'count'")


def kinds(*findings: Finding, known: tuple[Issue, ...]) -> list[tuple[ActionKind, int | None]]:
    made = decide(findings, known, RED, Policy(), frozenset())
    return [(action.kind, action.number) for action in made.actions]


def test_the_keys_of_an_issue_that_was_merged_are_aliases_of_the_one_that_stays() -> None:
    into = merged(Managed(keys=(A,), tests=("x",)), Managed(keys=(B,), aliases=(C,), tests=("y",)))
    assert (into.keys, into.aliases, into.tests) == ((A,), (B, C), ("x", "y"))


def test_after_a_merge_only_the_issue_that_stays_is_updated() -> None:
    gone = build.issue(3, Managed(keys=(B,)), state=State.CLOSED, state_reason=Reason.DUPLICATE)
    stays = build.issue(7, Managed(keys=(A,), aliases=(B,)))
    assert kinds(build.finding(keys=(B,)), known=(gone, stays)) == [(ActionKind.UPDATE, 7)]


def test_after_a_merge_the_issue_that_stays_is_the_one_that_is_reopened() -> None:
    gone = build.issue(3, Managed(keys=(B,)), state=State.CLOSED, state_reason=Reason.DUPLICATE)
    stays = build.issue(7, Managed(keys=(A,), aliases=(B,)), state=State.CLOSED, state_reason=Reason.COMPLETED)
    assert kinds(build.finding(keys=(B,)), known=(gone, stays)) == [(ActionKind.REOPEN, 7)]


def test_an_issue_that_a_person_opened_again_after_the_merge_has_its_key_back() -> None:
    again, stays = build.issue(9, Managed(keys=(B,))), build.issue(7, Managed(keys=(A,), aliases=(B,)))
    assert kinds(build.finding(keys=(B,)), known=(again, stays)) == [(ActionKind.UPDATE, 9)]


def test_an_alias_stays_an_alias_and_says_so() -> None:
    stays = build.issue(7, Managed(keys=(A,), aliases=(B,)))
    (action,) = decide([build.finding(keys=(B,))], (stays,), RED, Policy(), frozenset()).actions
    assert "alias" in action.why
    assert action.announce == ""
    assert action.managed is not None
    assert (action.managed.keys, action.managed.aliases) == ((A,), (B,))


def test_a_key_that_was_split_away_is_never_taken_again() -> None:
    left = without(Managed(keys=(A, B), counts=((str(A), 2), (str(B), 1))), (B,))
    assert left is not None
    assert (left.keys, left.released, left.counts) == ((A,), (str(B),), ((str(A), 2),))
    assert remember((build.finding(keys=(A, B)),), left, RED).keys == (A,)


def test_an_issue_keeps_its_last_key() -> None:
    assert without(Managed(keys=(A,)), (A,)) is None
    kept = without(Managed(keys=(A,), aliases=(B,)), (A,))
    assert kept is not None
    assert (kept.keys, kept.aliases) == ((B,), ())


def joined(**rest: Any) -> Finding:
    return build.finding(ONE, TWO, keys=(key_of(ONE), key_of(TWO)), **rest)


def test_a_finding_whose_keys_a_person_split_is_two_again() -> None:
    issue = build.issue(7, Managed(keys=(key_of(ONE),), released=(str(key_of(TWO)),)))
    stays, away = apart(joined(), (issue,), Policy())
    assert (stays.keys, stays.tests) == ((key_of(ONE),), (ONE.subject,))
    assert (away.keys, away.tests, away.failures) == ((key_of(TWO),), (TWO.subject,), (TWO,))
    assert "count" in away.title
    assert kinds(joined(), known=(issue,)) == [(ActionKind.CREATE, None), (ActionKind.UPDATE, 7)]


def test_a_finding_that_nobody_split_stays_whole() -> None:
    issue = build.issue(7, Managed(keys=(key_of(ONE),)))
    assert list(apart(joined(), (issue,), Policy())) == [joined()]


def test_what_a_person_split_and_merged_while_a_plan_waited_is_kept_when_it_is_carried_out() -> None:
    then = Managed(keys=(A, B), last_runs=("one",))
    planned = Managed(keys=(A, B, C), last_runs=("two", "one"), last_seen="2025-09-15")
    now = Managed(keys=(A,), aliases=(C,), released=(str(B),), last_runs=("one",))
    said = rebased(planned, then, now)
    assert said is not None
    assert (said.keys, said.aliases, said.released) == ((A,), (C,), (str(B),))
    assert said.last_runs == ("two", "one")
