"""What was there at adoption is known, by values: held, not new, and gone from the list when it heals."""

from typing import Any

import build
import pytest

from gardener.model.baseline import AWAITED, Baseline, Entry, baseline_text, read_baseline
from gardener.model.finding import Finding, Past
from gardener.model.plan import ActionKind
from gardener.model.policy import Policy
from gardener.model.run import Outcome, Run
from gardener.triage.baseline import after, lasting, mark
from gardener.triage.plan import decide

pytestmark = pytest.mark.unit

SINCE, NOW = "2025-09-01T00:00:00Z", "2025-09-15T00:00:00Z"


def red(**rest: Any) -> Finding:
    return build.finding(**rest)


def run(**rest: Any) -> Run:
    return build.run(build.case("tests/test_a.py::test_a", Outcome.FAILED), focus="unit", started=NOW, **rest)


def listed(finding: Finding, **rest: Any) -> Baseline:
    entry = Entry(focus="unit", key=str(finding.fingerprint), since=SINCE, slug=finding.slug)
    return Baseline(entries=(entry,), **rest)


def test_a_listed_finding_is_known_and_held() -> None:
    (known,) = mark([red()], listed(red()), run())
    assert known.known_since == SINCE
    (action,) = decide([known], (), run(), Policy(), frozenset()).actions
    assert action.kind is ActionKind.HOLD
    assert "known at adoption" in action.why


def test_what_was_written_down_before_is_not_new_even_in_a_run_of_the_same_second() -> None:
    at_once = build.run(build.case("tests/test_a.py::test_a", Outcome.FAILED), focus="unit", started=SINCE)
    known = mark([red()], listed(red()), at_once)
    assert lasting(known, listed(red(), lasts=False), at_once) == {str(red().fingerprint)}
    awaited = Baseline(awaited=frozenset({"unit"}), lasts=False)
    assert lasting(mark([red()], awaited, at_once), awaited, at_once) == frozenset()


def test_what_is_held_by_adoption_takes_nothing_of_the_budget() -> None:
    (known,) = mark([red()], listed(red()), run())
    other = build.finding(build.failure("tests/test_b.py::test_b", "KeyError", "'name'"), keys=(build.key("b"),))
    plan = decide([known, other], (), run(), Policy(max_new_issues=1), frozenset())
    assert {action.kind for action in plan.actions} == {ActionKind.HOLD, ActionKind.CREATE}


def test_what_passed_after_adoption_is_known_no_more_and_leaves_the_list() -> None:
    (back,) = mark([red(past=Past(last_pass="2025-09-08T00:00:00Z"))], listed(red()), run())
    assert back.known_since == ""
    assert after(listed(red()), run(narrowed=True), [back]).entries == ()


def test_a_finding_of_another_focus_is_not_known() -> None:
    other = build.run(build.case("tests/test_a.py::test_a", Outcome.FAILED), focus="critical", started=NOW)
    assert mark([red()], listed(red()), other)[0].known_since == ""


def test_only_a_whole_clean_run_says_what_healed() -> None:
    assert after(listed(red()), run(), []).entries == ()
    for partly in (run(narrowed=True), run(dirty=True)):
        assert after(listed(red()), partly, []).entries == listed(red()).entries


def test_an_awaited_focus_is_written_down_by_its_first_whole_run() -> None:
    awaiting = Baseline(awaited=frozenset({"unit"}))
    narrowed, whole = run(narrowed=True), run()
    first = after(awaiting, narrowed, mark([red()], awaiting, narrowed))
    assert (len(first.entries), first.awaited) == (1, {"unit"})
    second = after(awaiting, whole, mark([red()], awaiting, whole))
    assert ([entry.since for entry in second.entries], second.awaited) == ([NOW], frozenset())


def test_what_is_written_down_where_files_are_thrown_away_is_still_new() -> None:
    awaiting = Baseline(awaited=frozenset({"unit"}), lasts=False)
    found = mark([red()], awaiting, run())
    assert lasting(found, awaiting, run()) == frozenset()
    assert lasting(mark([red()], listed(red(), lasts=False), run()), listed(red(), lasts=False), run())


def test_a_baseline_survives_its_file_whatever_its_order() -> None:
    baseline = listed(red(), awaited=frozenset({"critical"}))
    text = baseline_text(baseline)
    assert read_baseline(reversed(text.splitlines())) == baseline
    assert f"critical {AWAITED}" in text
    assert baseline_text(Baseline()) == ""
    assert read_baseline(["<<<<<<< HEAD", "", "one"]) == Baseline()
