"""Plans carried out on every tracker: the storm, what people merged and split, and an empty store each time."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import build
import pytest
import sample
from standin.place import Place

from gardener.apply import apply
from gardener.byhand import merge, split
from gardener.model.errors import TrackerError
from gardener.model.finding import Finding
from gardener.model.key import Key, read_block
from gardener.model.plan import Done, Issue, Reason, Receipt, State
from gardener.model.policy import Policy
from gardener.model.run import Outcome
from gardener.ports import Tracker
from gardener.store.runs import open_store
from gardener.triage.digest import digest_key
from gardener.triage.plan import decide

pytestmark = pytest.mark.integration

Tend = Callable[..., tuple[Receipt, ...]]


@pytest.fixture
def tend(place: Place, tmp_path: Path) -> Tend:
    """Plans and carries out the findings of one more run, with an empty store and the tracker opened anew."""
    runs = iter(range(1, 30))

    def one_run(*findings: Finding, budget: int = 10) -> tuple[Receipt, ...]:
        number = next(runs)
        outcome = Outcome.FAILED if findings else Outcome.PASSED
        run = build.run(
            build.case(outcome=outcome), id=f"20250915-0000{number:02}-aaaa", started=f"2025-09-{15 + number}T00:00:00Z"
        )
        tracker = place.again()
        plan = decide(findings, tracker.issues(), run, Policy(max_new_issues=budget), frozenset({"a" * 40}))
        (tmp_path / f"run-{number}").mkdir()
        store = open_store("sqlite:///memory.db", tmp_path / f"run-{number}", lambda: datetime.now(UTC))
        try:
            return apply(sample.desk(plan, run, store, tracker, findings=findings))
        finally:
            store.close()

    return one_run


def key(number: int) -> Key:
    return Key(scheme="v1", digest=f"{number:032x}", pattern=f"pattern {number}")


def finding(*numbers: int) -> Finding:
    return build.finding(keys=tuple(map(key, numbers)), title=f"Finding {numbers[0]}")


def listed(place: Place) -> dict[int, Issue]:
    return {issue.number: issue for issue in place.again().issues()}


def test_a_storm_of_500_new_findings_is_the_budget_and_one_digest(place: Place, tend: Tend) -> None:
    storm = [finding(number) for number in range(1, 501)]
    receipts = tend(*storm)
    assert {receipt.outcome for receipt in receipts} == {Done.DONE, Done.HELD}
    issues = listed(place)
    assert len(issues) == 11
    (digest,) = [issue for issue in issues.values() if issue.keys == (digest_key("unit"),)]
    assert "490 findings" in digest.body
    assert [f"`{key(number)}`" in digest.body for number in (10, 11, 12)] == [False, True, True]
    managed = read_block(digest.body)
    assert managed is not None
    assert managed.all_keys == (digest_key("unit"),)


def test_the_digest_follows_the_findings_and_goes_when_nothing_waits(place: Place, tend: Tend) -> None:
    three = [finding(number) for number in (1, 2, 3)]
    tend(*three, budget=1)
    (number,) = [n for n, issue in listed(place).items() if issue.keys == (digest_key("unit"),)]
    assert "2 findings" in listed(place)[number].body
    tend(*three, budget=1)
    assert "Held: 1 finding," in listed(place)[number].body
    assert listed(place)[number].state is State.OPEN
    tend(*three, budget=1)
    assert listed(place)[number].state is State.CLOSED
    assert len(listed(place)) == 4
    tend(*three, finding(4), finding(5), budget=1)
    assert listed(place)[number].state is State.OPEN
    assert len(listed(place)) == 5


def test_merged_issues_are_one_from_then_on_also_for_an_empty_store(place: Place, tend: Tend) -> None:
    tend(finding(1), finding(2))
    first, second = sorted(listed(place))
    gone, kept = merge(second, first, place.again(), ("gardener",))
    assert (gone.state, kept.aliases) == (State.CLOSED, (key(2),))
    assert gone.managed is not None
    assert gone.managed.merged_into == first
    receipts = tend(finding(2))
    assert [(receipt.action.kind.value, receipt.number) for receipt in receipts] == [("update", first)]
    after = listed(place)
    assert len(after) == 2
    assert (after[first].keys, after[first].aliases) == ((key(1),), (key(2),))
    assert "gardener-alias: " + str(key(2)) in after[first].body
    place.tracker.close(first, Reason.COMPLETED)
    receipts = tend(finding(2))
    assert [receipt.number for receipt in receipts] == [first]
    split(first, [key(2)], place.again())
    receipts = tend(finding(2))
    assert [receipt.number for receipt in receipts] == [second]


def test_split_keys_are_never_given_back_also_for_an_empty_store(place: Place, tend: Tend) -> None:
    tend(finding(1, 2))
    (number,) = listed(place)
    assert split(number, [key(2)], place.again()).keys == (key(1),)
    receipts = tend(finding(1), finding(2))
    assert sorted(receipt.action.kind.value for receipt in receipts) == ["create", "update"]
    tend(replace(finding(1), keys=(key(1), key(2))))
    assert listed(place)[number].keys == (key(1),)


def test_what_cannot_be_split_or_merged_says_why_and_changes_nothing(place: Place, tend: Tend) -> None:
    tend(finding(1))
    (number,) = listed(place)
    tracker: Tracker = place.again()
    with pytest.raises(TrackerError, match="no key left"):
        split(number, [key(1)], tracker)
    with pytest.raises(TrackerError, match="does not carry"):
        split(number, [key(9)], tracker)
    with pytest.raises(TrackerError, match="itself"):
        merge(number, number, tracker, ())
    assert listed(place)[number].keys == (key(1),)
