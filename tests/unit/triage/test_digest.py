"""What the budget holds stands in one issue: filed once, kept true, closed when nothing waits any more."""

from dataclasses import replace
from typing import Any

import build
import pytest

from gardener.model.finding import Finding
from gardener.model.key import Managed
from gardener.model.plan import Action, ActionKind, Issue, Reason, State
from gardener.model.policy import Policy
from gardener.model.run import Ending, Outcome, Run
from gardener.triage.digest import digest, digest_key
from gardener.triage.remember import Bearings

pytestmark = pytest.mark.unit

RED = build.run(build.case(outcome=Outcome.FAILED))
HELD = tuple(build.finding(keys=(build.key(letter),)) for letter in "abc")


def done(*held: Finding, known: tuple[Issue, ...] = (), run: Run = RED, **policy: Any) -> list[Action]:
    bearings = Bearings(run=run, policy=Policy(**policy), ancestors=frozenset())
    return list(digest(held, known, bearings))


def there(**rest: Any) -> Issue:
    (made,) = done(*HELD)
    return build.issue(**({"number": 30, "managed": made.managed} | rest))


def test_what_is_held_is_listed_in_an_issue_with_a_key_of_its_own() -> None:
    (action,) = done(*HELD)
    assert (action.kind, action.finding) == (ActionKind.CREATE, None)
    assert action.managed is not None
    assert action.managed.keys == (digest_key("unit"),)
    assert "3 findings" in action.why


def test_without_anything_held_there_is_no_digest() -> None:
    assert done() == []


def test_the_digest_that_is_there_is_updated_in_silence() -> None:
    (action,) = done(*HELD, known=(there(),))
    assert (action.kind, action.number, action.announce) == (ActionKind.UPDATE, 30, "")


def test_with_status_on_change_only_another_list_is_written() -> None:
    assert done(*reversed(HELD), known=(there(),), status="on-change") == []
    assert [action.kind for action in done(*HELD[:2], known=(there(),), status="on-change")] == [ActionKind.UPDATE]


def test_when_nothing_is_held_any_more_it_is_closed() -> None:
    (action,) = done(known=(there(),))
    assert (action.kind, action.reason) == (ActionKind.CLOSE, Reason.COMPLETED)


def test_when_the_budget_holds_again_it_is_reopened() -> None:
    closed = there(state=State.CLOSED, state_reason=Reason.COMPLETED)
    assert [action.kind for action in done(*HELD, known=(closed,))] == [ActionKind.REOPEN]
    assert done(known=(closed,)) == []


@pytest.mark.parametrize(
    "run", [replace(RED, narrowed=True), replace(RED, ending=Ending.TIMED_OUT), replace(RED, dirty=True)]
)
def test_a_run_that_saw_too_little_closes_nothing(run: Run) -> None:
    assert done(known=(there(),), run=run) == []


@pytest.mark.parametrize("rest", [{"locked": True}, {"state": State.CLOSED, "state_reason": Reason.NOT_PLANNED}])
def test_a_digest_that_people_put_away_stays_away(rest: dict[str, Any]) -> None:
    assert done(*HELD, known=(there(**rest),)) == []


def test_each_focus_has_a_digest_of_its_own() -> None:
    assert digest_key("unit") != digest_key("critical")
    other = build.issue(31, Managed(keys=(digest_key("critical"),)))
    assert [action.kind for action in done(*HELD, known=(other,))] == [ActionKind.CREATE]
