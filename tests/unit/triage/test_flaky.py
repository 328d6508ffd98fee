"""The figures of a past, held against scipy and against the definition of each."""

import random
from fractions import Fraction

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy import stats

from gardener.model.figures import BadRange, Turn
from gardener.triage.flaky import (
    BY_CHANCE,
    figures_of,
    first_bad,
    judge_silence,
    mixed,
    quiet_needed,
    rate,
    silence_probability,
    worse_by_chance,
)

pytestmark = pytest.mark.unit

MANY = st.integers(1, 300)


@given(of=MANY, share=st.floats(0, 1), confidence=st.sampled_from([0.8, 0.95, 0.99]))
def test_the_interval_of_a_rate_is_wilsons(of: int, share: float, confidence: float) -> None:
    hits = round(of * share)
    theirs = stats.binomtest(hits, of).proportion_ci(confidence, method="wilson")
    ours = rate(hits, of, confidence)
    assert (ours.low, ours.high) == (pytest.approx(theirs.low, abs=1e-9), pytest.approx(theirs.high, abs=1e-9))
    assert 0 <= ours.low <= hits / of <= ours.high <= 1


def test_what_never_ran_may_have_any_rate() -> None:
    assert (rate(0, 0).low, rate(0, 0).high, str(rate(0, 0))) == (0.0, 1.0, "never ran")


def test_a_rate_is_said_with_its_numbers_and_its_interval() -> None:
    assert str(rate(2, 40)) == "2 of 40 (5.0%, 95 % interval 1.4% to 16.5%)"


@given(before=st.tuples(MANY, MANY), now=st.tuples(MANY, MANY))
def test_worse_by_chance_is_fishers_exact_test_to_one_side(before: tuple[int, int], now: tuple[int, int]) -> None:
    ran_before, failed_before = max(before), min(before)
    ran_now, failed_now = max(now), min(now)
    table = [[failed_now, ran_now - failed_now], [failed_before, ran_before - failed_before]]
    theirs = stats.fisher_exact(table, alternative="greater").pvalue
    assert worse_by_chance(failed_before, ran_before, failed_now, ran_now) == pytest.approx(theirs, rel=1e-6, abs=1e-12)


def test_one_failure_after_many_passes_is_told_from_one_after_few() -> None:
    assert worse_by_chance(0, 199, 1, 1) == pytest.approx(0.005)
    assert worse_by_chance(0, 3, 1, 1) == pytest.approx(0.25)
    assert worse_by_chance(0, 0, 1, 1) == 1.0


STORIES = st.lists(st.sampled_from([True, False, None]), max_size=30).map(
    lambda passed: [(f"commit {place}", each) for place, each in enumerate(passed)]
)


@given(story=STORIES)
def test_the_first_bad_range_ends_where_it_failed_ever_since_and_begins_at_the_pass_before(
    story: list[tuple[str, bool | None]],
) -> None:
    known = [passed for _, passed in story if passed is not None]
    found = first_bad(story)
    if not known or known[-1]:
        assert found is None
        return
    assert found is not None
    names = [name for name, _ in story]
    bad, outcomes = names.index(found.bad), dict(story)
    good = names.index(found.good) if found.good else -1
    assert outcomes[found.bad] is False
    assert all(outcomes[name] is not True for name in names[bad:])
    assert all(outcomes[name] is None for name in names[good + 1 : bad])
    assert found.between == bad - good - 1
    assert outcomes[found.good] is True if found.good else True not in known


def test_what_comes_and_goes_says_how_often_it_came_back() -> None:
    story = [("a", True), ("b", False), ("c", True), ("d", None), ("e", False)]
    assert first_bad(story) == BadRange(good="c", bad="e", between=1, relapses=1)
    assert str(first_bad(story)) == (
        "passed at c, failed from e on, 1 between them not tried; it came and went 1× before"
    )


def test_a_commit_with_both_outcomes_is_mixed() -> None:
    turns = [("a", True), ("b", False), ("a", True), ("b", True), ("c", False), ("c", False)]
    assert mixed(turns) == ("b",)


def turns(course: str, commits: str = "") -> list[Turn]:
    """Runs newest first, of a course told oldest first; each of its own commit where none are given."""
    words = {"p": "passed", "f": "failed", "e": "error", "x": "flaky"}
    told = [
        Turn(run=f"r{place}", focus="unit", started=f"day {place}", commit=commit, outcome=words[letter])
        for place, (letter, commit) in enumerate(zip(course, commits or map(str, range(99)), strict=False))
    ]
    return told[::-1]


def test_the_figures_of_a_clear_break_say_since_when_and_that_it_is_no_chance() -> None:
    found = figures_of(turns("p" * 30 + "fef"))
    assert (found.course, found.last_pass, found.mixed) == ("p" * 30 + "fff", "day 29", ())
    assert (found.failing.hits, found.failing.of) == (3, 33)
    assert found.first_bad == BadRange(good="29", bad="30", between=0, relapses=0)
    assert found.worse_by_chance == pytest.approx(1 / 5456)  # one way of 33 over 3


def test_the_figures_of_what_comes_and_goes_do_not_call_it_worse() -> None:
    found = figures_of(turns("pfpfpfpfpf"))
    assert found.worse_by_chance == 0.5
    assert found.first_bad is not None
    assert found.first_bad.relapses == 4


def test_a_commit_at_which_only_a_later_attempt_passed_is_mixed() -> None:
    found = figures_of(turns("pxpfp", commits="abccd"))
    assert (found.course, found.mixed) == ("pxpfp", ("b", "c"))
    assert (found.first_bad, found.worse_by_chance) == (None, None)


@given(events=st.integers(2, 12), span=st.integers(1, 300), quiet=st.integers(1, 300))
def test_the_probability_of_a_silence_is_that_of_uniform_events_all_falling_before_it(
    events: int, span: int, quiet: int
) -> None:
    exact = Fraction(span, span + quiet) ** (events - 1)
    ours = silence_probability(events, span, quiet)
    assert ours == pytest.approx(float(exact))
    assert ours == pytest.approx(stats.binom.pmf(0, events - 1, quiet / (span + quiet)))


def test_it_is_what_a_simulated_poisson_process_does() -> None:
    draw = random.Random(6)
    events, span, quiet = 4, 10.0, 5.0
    silent = tries = 0
    while tries < 4000:  # windows of a process of unit rate that start with an event and hold as many
        at, seen = 0.0, [0.0]
        while (at := at + draw.expovariate(events / (span + quiet))) < span + quiet:
            seen.append(at)
        if len(seen) == events:
            tries += 1
            silent += seen[-1] <= span
    found = rate(silent, tries, confidence=0.9999)
    assert found.low <= silence_probability(events, span, quiet) <= found.high


@given(events=st.integers(2, 40), span=st.floats(0.01, 400), chance=st.floats(1e-6, 0.5))
def test_after_the_silence_that_is_needed_the_probability_is_the_one_asked_for(
    events: int, span: float, chance: float
) -> None:
    needed = quiet_needed(events, span, chance)
    assume(needed < 1e12)
    assert silence_probability(events, span, needed) == pytest.approx(chance, rel=1e-6)


def test_one_failure_has_no_frequency() -> None:
    assert silence_probability(1, 5.0, 1000.0) == 1.0
    assert quiet_needed(1, 5.0) == float("inf")


# a failure about every other day over twenty days: a silence of nine days is rarer than one in a hundred
USUAL = {"events": 11, "span": 20.0, "longest_gap": 4.0, "quiet": 13.0, "runs": 30}


def test_a_silence_longer_than_chance_allows_closes_and_says_its_numbers() -> None:
    found = judge_silence(**USUAL)
    assert found.gone
    assert silence_probability(11, 20.0, 13.0) < BY_CHANCE
    assert found.why == (
        "silent for 13.0 days and 30 runs after 11 failures over 20.0 days, the longest gap before was 4.0 days: "
        "by chance that happens with p = 0.0067"
    )


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"quiet": 5.0}, "it takes 11.7 days"),
        ({"runs": 19}, "20 runs are needed to tell"),
        ({"longest_gap": 13.5}, "it takes 13.5 days"),
        ({"events": 1, "span": 0.0, "quiet": 89.0}, "it takes 90.0 days"),
        ({"events": 30, "span": 0.5, "quiet": 30.0}, "it takes 90.0 days"),
    ],
)
def test_a_silence_that_chance_explains_does_not_close_and_says_what_it_takes(
    change: dict[str, float], reason: str
) -> None:
    found = judge_silence(**{**USUAL, **change})
    assert not found.gone
    assert reason in found.why


def test_ninety_days_close_too_but_are_not_called_evidence() -> None:
    found = judge_silence(events=1, span=0.0, longest_gap=0.0, quiet=90.0, runs=20)
    assert found.gone
    assert "closed by the limit of 90 days, which is no evidence" in found.why


@given(
    events=st.integers(1, 50),
    span=st.floats(0, 200),
    gap=st.floats(0, 50),
    quiet=st.floats(0, 200),
    runs=st.integers(0, 99),
)
def test_no_silence_is_judged_without_a_reason(events: int, span: float, gap: float, quiet: float, runs: int) -> None:
    found = judge_silence(events=events, span=span, longest_gap=gap, quiet=quiet, runs=runs)
    assert found.why.startswith(f"silent for {quiet:.1f} days and {runs} runs")
