"""The past of a finding, held against one that asks run by run and test by test."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

import build
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gardener.model.finding import Past
from gardener.model.run import Outcome
from gardener.store.columns import newer, newest, turned, which
from gardener.store.past import Earlier, memory, past_of
from gardener.store.rows import Marks, bits

pytestmark = pytest.mark.unit

TESTS = ("a", "b", "c")
KEY = str(build.key())
NEVER = "never ran before"
NUMBERS = {name: place for place, name in enumerate((*(f"other {n}" for n in range(20)), *TESTS, KEY))} | {NEVER: 99}
WORDS = {"p": "passed", "f": "failed", "e": "error", "l": "lost"}


@st.composite
def earlier(draw: st.DrawFn) -> Earlier:
    """A run: each test passed, failed, was lost, recovered (r) or did not run, and the key was seen or not."""
    went = draw(st.fixed_dictionaries(dict.fromkeys(TESTS, st.sampled_from("pppfelr."))))
    marks = {word: bits(NUMBERS[t] for t in TESTS if went[t] == how) for how, word in WORDS.items()}
    recovered = bits(NUMBERS[test] for test in TESTS if went[test] == "r")
    keys = bits([NUMBERS[KEY]] if draw(st.booleans()) else [])
    return Earlier(
        started=draw(st.sampled_from(["t1", "t2", "t3", "t4"])),
        commit=draw(st.sampled_from([None, "c1", "c2", "c3"])),
        dirty=draw(st.sampled_from([False, False, True])),
        full=draw(st.sampled_from([True, True, False])),
        marks=Marks(**(marks | {"failed": marks["failed"] | recovered, "recovered": recovered, "keys": keys})),
    )


def says(then: Earlier, what: str, test: str) -> bool:
    return bool(getattr(then.marks, what) >> NUMBERS[test] & 1)


def bad(then: Earlier, test: str) -> bool:
    return any(says(then, what, test) for what in ("failed", "error", "lost"))


def plainly(tests: Sequence[str], now: Earlier, runs: Sequence[Earlier]) -> Past:
    """The same past, from the words of each figure. `runs` are newest first."""
    seen = {place for place, then in enumerate(runs) if says(then, "keys", KEY)}
    clean = [then.full and not then.dirty for then in runs]
    good = [clean[place] and all(says(then, "passed", t) for t in tests) for place, then in enumerate(runs)]
    course = [
        (place, place in seen) for place, then in enumerate(runs) if (then.full if place in seen else good[place])
    ]
    passes = [place for place, failed in course if not failed]
    stretch = [place for place, failed in course if failed and place < min(passes, default=len(runs))]
    streak = 0
    for place, then in enumerate(runs):
        if place in seen or any(bad(then, test) for test in tests) or (clean[place] and not good[place]):
            break
        streak += good[place]
    red = [now, *(runs[place] for place in sorted(seen))]
    flaky = {
        test
        for test in tests
        if any(says(then, "recovered", test) for then in red)
        or any(
            bad(one, test) and says(other, "passed", test) and one.commit is not None and one.commit == other.commit
            for one in red
            for other in runs
            if not one.dirty and not other.dirty
        )
    }
    return Past(
        first_seen="once",
        last_seen=runs[min(seen)].started if seen else "",
        runs_failed=sum(failed for _, failed in course),
        runs_passed=len(passes),
        failing_streak=len(stretch),
        relapses=sum(was and not is_ for (_, is_), (_, was) in pairwise(course)),
        first_fail_commit=(runs[max(stretch)].commit or "") if stretch else "",
        last_pass=runs[min(passes)].started if passes else "",
        last_pass_commit=(runs[min(passes)].commit or "") if passes else "",
        green_streak=streak,
        tests_passed_before=sum(any(says(then, "passed", test) for then in runs) for test in tests),
        same_commit_pass=bool(flaky) and 2 * len(flaky) >= len(tests),
    )


@given(
    runs=st.lists(earlier(), max_size=9),
    tests=st.sets(st.sampled_from([*TESTS, NEVER])).map(sorted),
    dirty=st.booleans(),
    commit=st.sampled_from([None, "c1", "c2"]),
)
def test_the_past_is_what_its_runs_say_one_by_one(
    runs: list[Earlier], tests: list[str], commit: str | None, *, dirty: bool
) -> None:
    cases = [build.case(test, Outcome.FAILED, failures=(build.failure(test),)) for test in tests]
    today = replace(build.run(*cases), commit=commit, dirty=dirty)
    finding = build.finding(build.failure("x"), tests=tuple(tests))
    known = memory(today, [finding], runs, NUMBERS, {KEY: "once"})
    assert past_of(finding, known) == plainly(tests, known.now, runs)


@given(st.lists(st.integers(0, 1 << 40), max_size=12))
def test_a_column_holds_the_bit_of_every_run(masks: list[int]) -> None:
    columns = turned(masks)
    for number in range(48):
        assert columns.of(number) == sum(1 << place for place, mask in enumerate(masks) if mask >> number & 1)


@given(st.integers(0, 1 << 20), st.integers(0, 1 << 20))
def test_newer_runs_have_lower_places(runs: int, than: int) -> None:
    places = [place for place in range(21) if than >> place & 1]
    assert newest(than) == min(places, default=-1)
    assert newer(runs, than) == (runs & sum(1 << place for place in range(min(places, default=21))))
    assert which(["x", "", "y"], bool) == 0b101
