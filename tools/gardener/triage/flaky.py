"""Figures of a past that comes and goes: rate, change for the worse, first bad range, meaning of a silence."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import chain, pairwise, takewhile
from math import comb, sqrt
from statistics import NormalDist

from gardener.model.figures import BadRange, Figures, Rate, Turn

BY_CHANCE = 0.01  # what could come about by chance more rarely than this counts as evidence
LEAST_RUNS = 20  # silent runs: fewer say nothing of a failure that comes and goes
LEAST_SPAN = 1.0  # days from the first to the last failure: a burst has no frequency
TIME_OUT = 90.0  # days of silence that are enough without evidence
LETTERS = {"passed": "p", "flaky": "x"}  # any other outcome is a failure


def rate(hits: int, of: int, confidence: float = 0.95) -> Rate:
    """A rate with Wilson's score interval (1927), which also holds for few tries and rates near 0 and 1.

    Brown, Cai and DasGupta, "Interval estimation for a binomial proportion" (2001), recommend it. Of none: [0, 1].
    """
    if not of:
        return Rate(hits=0, of=0, low=0.0, high=1.0)
    z = NormalDist().inv_cdf((1 + confidence) / 2)
    share, width = hits / of, z * z / of
    middle = (share + width / 2) / (1 + width)
    half = z * sqrt(share * (1 - share) / of + width / (4 * of)) / (1 + width)
    low = 0.0 if hits == 0 else max(0.0, middle - half)  # exact at both ends, where rounding would miss
    high = 1.0 if hits == of else min(1.0, middle + half)
    return Rate(hits=hits, of=of, low=low, high=high)


def worse_by_chance(failed_before: int, ran_before: int, failed_now: int, ran_now: int) -> float:
    """Fisher's exact test, one-sided: how likely chance alone puts at least `failed_now` failures into the later runs.

    Small: it got worse (a regression). Large: failures came before too, or there are too few runs to tell.
    """
    failed, ran = failed_before + failed_now, ran_before + ran_now
    worse = range(failed_now, min(failed, ran_now) + 1)
    ways = sum(comb(ran_now, now) * comb(ran_before, failed - now) for now in worse)
    return ways / comb(ran, failed)


def first_bad(story: Sequence[tuple[str, bool | None]]) -> BadRange | None:
    """The first bad range of what fails now. `story`: commits (or runs), oldest first, passed, failed or unknown.

    None where the newest that is known passed, or nothing failed.
    """
    known = [(place, passed) for place, (_, passed) in enumerate(story) if passed is not None]
    if not known or known[-1][1]:
        return None
    good = max((place for place, passed in known if passed), default=-1)
    bad = next(place for place, passed in known if place > good and not passed)
    relapses = sum(passed and not before for (_, before), (_, passed) in pairwise(known))
    between = bad - good - 1
    return BadRange(good=story[good][0] if good >= 0 else "", bad=story[bad][0], between=between, relapses=relapses)


def mixed(outcomes: Iterable[tuple[str, bool]]) -> tuple[str, ...]:
    """Commits at which it both passed and failed, in their order: what flaky means."""
    seen: dict[str, set[bool]] = {}
    for commit, passed in outcomes:
        seen.setdefault(commit, set()).add(passed)
    return tuple(commit for commit, both in seen.items() if len(both) > 1)


def figures_of(turns: Sequence[Turn]) -> Figures:
    """The figures of a past; `turns` newest first. A run in which only a later attempt passed is a failed one."""
    course = [(turn.commit or turn.run, turn.outcome == "passed") for turn in reversed(turns)]
    passed_after_all = ((turn.commit or turn.run, True) for turn in turns if turn.outcome == "flaky")
    failed, ran = sum(not passed for _, passed in course), len(course)
    now = len(list(takewhile(lambda turn: turn.outcome != "passed", turns)))
    return Figures(
        course="".join(LETTERS.get(turn.outcome, "f") for turn in reversed(turns)),
        failing=rate(failed, ran),
        last_pass=next((turn.started for turn in turns if turn.outcome == "passed"), ""),
        first_bad=first_bad(course),
        mixed=mixed(chain(course, passed_after_all)),
        worse_by_chance=worse_by_chance(failed - now, ran - now, now, now) if now else None,
    )


def silence_probability(events: int, span: float, quiet: float) -> float:
    """How likely a failure that is still there stays silent for `quiet` after `events` failures over `span`.

    Exact for a Poisson process: given as many failures in span + quiet, the first at its start, the others all fall
    into the span. One time unit for both. 1 where fewer than two events give no frequency.
    """
    if events < 2 or quiet <= 0:
        return 1.0
    return float((span / (span + quiet)) ** (events - 1))


def quiet_needed(events: int, span: float, chance: float = BY_CHANCE) -> float:
    """The silence, in the unit of `span`, whose probability is `chance`; infinite for fewer than two events."""
    return float(span * (chance ** (-1 / (events - 1)) - 1)) if events > 1 else float("inf")


@dataclass(frozen=True, slots=True, kw_only=True)
class Silence:
    """Whether a failure that comes and goes is gone, and the numbers that say so."""

    gone: bool
    why: str


def judge_silence(*, events: int, span: float, longest_gap: float, quiet: float, runs: int) -> Silence:
    """Whether a silence is long enough to close an issue on; after watchflakes of the Go project. Times in days.

    `events` are failures, one per commit; `span` lies between the first and the last, `longest_gap` is the longest
    between two of them; `runs` in a row since then ran its tests and passed.
    """
    chance = silence_probability(events, span, quiet)
    told = f"silent for {quiet:.1f} days and {runs} runs after {_events(events)} over {span:.1f} days"
    if runs < LEAST_RUNS:
        return Silence(gone=False, why=f"{told}: {LEAST_RUNS} runs are needed to tell")
    if chance < BY_CHANCE and span >= LEAST_SPAN and quiet > longest_gap:
        why = f"{told}, the longest gap before was {longest_gap:.1f} days: by chance that happens with p = {chance:.2g}"
        return Silence(gone=True, why=why)
    if quiet >= TIME_OUT:
        why = f"{told}: closed by the limit of {TIME_OUT:.0f} days, which is no evidence (p = {chance:.2g})"
        return Silence(gone=True, why=why)
    needed = max(quiet_needed(events, span), longest_gap) if span >= LEAST_SPAN else TIME_OUT
    why = f"{told}, by chance with p = {chance:.2g}: it takes {min(needed, TIME_OUT):.1f} days"
    return Silence(gone=False, why=why)


def _events(number: int) -> str:
    return "1 failure" if number == 1 else f"{number} failures"
