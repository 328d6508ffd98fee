"""Bisection by values: what is asked next, and what the answers come to."""

from collections.abc import Callable
from math import ceil, log2

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gardener.repository.bisect import Answer, Ending, Outcome, Probe, Sighting, advance

pytestmark = pytest.mark.unit

GOOD, BAD, SKIP = Answer.GOOD, Answer.BAD, Answer.SKIP
Ask = Callable[[int, int], Answer]  # the commit's place, how often it was asked before


def play(length: int, ask: Ask) -> tuple[Outcome, list[Sighting]]:
    """Ask until it ends; the commits are their places, as words."""
    line, seen = [f"c{place}" for place in range(length)], list[Sighting]()
    for _ in range(10 * length + 20):
        step = advance(line, seen)
        if isinstance(step, Outcome):
            return step, seen
        before = sum(each.commit == step.commit for each in seen)
        seen.append(Sighting(commit=step.commit, answer=ask(int(step.commit[1:]), before)))
    raise AssertionError("it never ends")


def brought_by(culprit: int, skipped: frozenset[int] = frozenset()) -> Ask:
    return lambda place, _: SKIP if place in skipped else BAD if place >= culprit else GOOD


def besides_the_ends(seen: list[Sighting], length: int) -> int:
    told = [each.commit for each in seen if each.answer is not SKIP]
    return sum(commit not in {"c0", f"c{length - 1}"} for commit in told)


@given(st.data(), st.integers(2, 300))
def test_the_planted_commit_is_found_with_few_probes(data: st.DataObject, length: int) -> None:
    culprit = data.draw(st.integers(1, length - 1))
    outcome, seen = play(length, brought_by(culprit))
    assert (outcome.ending, outcome.first_bad) == (Ending.FOUND, f"c{culprit}")
    assert outcome.last_good == f"c{culprit - 1}"
    assert besides_the_ends(seen, length) <= ceil(log2(length - 1)) + 3
    assert len(seen) <= besides_the_ends(seen, length) + 6


@given(st.data(), st.integers(5, 250))
def test_commits_that_cannot_be_built_cost_little_and_hide_nothing(data: st.DataObject, length: int) -> None:
    culprit = data.draw(st.integers(1, length - 1))
    broken = data.draw(st.frozensets(st.integers(1, length - 2), max_size=length // 5)) - {culprit, culprit - 1}
    outcome, seen = play(length, brought_by(culprit, broken))
    assert (outcome.ending, outcome.first_bad) == (Ending.FOUND, f"c{culprit}")
    assert len({each.commit for each in seen if each.answer is SKIP}) <= len(broken)
    assert besides_the_ends(seen, length) <= ceil(log2(length - 1)) + 6


def test_a_long_stretch_that_cannot_be_built_is_left_in_jumps() -> None:
    _, seen = play(200, brought_by(40, frozenset(range(60, 141))))
    assert sum(each.answer is SKIP for each in seen) < 10


def test_each_end_is_asked_three_times_before_the_search_begins() -> None:
    _, seen = play(10, brought_by(4))
    assert [each.commit for each in seen[:6]] == ["c9"] * 3 + ["c0"] * 3


def test_the_suspect_and_its_parent_are_asked_once_more() -> None:
    _, seen = play(10, brought_by(4))
    asked = [each.commit for each in seen]
    assert (asked.count("c4"), asked.count("c3")) == (2, 2)


def test_what_passes_now_is_not_reproduced() -> None:
    outcome, seen = play(10, lambda _, __: GOOD)
    assert (outcome.ending, len(seen)) == (Ending.NOT_REPRODUCED, 3)


def test_a_newer_end_that_answers_both_ways_is_flaky() -> None:
    outcome, seen = play(10, lambda _, before: GOOD if before else BAD)
    assert (outcome.ending, len(seen)) == (Ending.FLAKY, 2)


def test_a_suspect_that_passes_when_asked_again_is_flaky() -> None:
    outcome, _ = play(10, lambda place, before: BAD if place == 9 or (place >= 4 and not before) else GOOD)
    assert outcome.ending is Ending.FLAKY


def test_a_pass_that_is_newer_than_a_failure_is_flaky() -> None:
    ends = [Sighting(commit=commit, answer=said) for commit, said in (("c3", BAD), ("c0", GOOD)) for _ in range(3)]
    odd = [Sighting(commit="c1", answer=BAD), Sighting(commit="c2", answer=GOOD)]
    step = advance(["c0", "c1", "c2", "c3"], ends + odd)
    assert isinstance(step, Outcome)
    assert step.ending is Ending.FLAKY


def test_a_good_end_that_fails_is_inconclusive_and_named() -> None:
    outcome, _ = play(10, lambda _, __: BAD)
    assert outcome.ending is Ending.INCONCLUSIVE
    assert "c0" in outcome.why


def test_an_end_that_cannot_be_tested_is_inconclusive() -> None:
    outcome, seen = play(10, lambda _, __: SKIP)
    assert (outcome.ending, len(seen)) == (Ending.INCONCLUSIVE, 1)


def test_nothing_is_blamed_where_the_commits_before_the_first_bad_one_cannot_be_tested() -> None:
    outcome, _ = play(10, brought_by(5, frozenset({3, 4})))
    assert (outcome.ending, outcome.first_bad, outcome.last_good) == (Ending.INCONCLUSIVE, "c5", "c2")


def test_the_commit_after_the_good_one_can_be_the_culprit_without_any_search() -> None:
    outcome, seen = play(2, brought_by(1))
    assert outcome.found
    assert len(seen) == 6


def test_answers_about_other_commits_do_not_count() -> None:
    step = advance(["c0", "c1"], [Sighting(commit="elsewhere", answer=GOOD)])
    assert isinstance(step, Probe)
    assert step.commit == "c1"
