"""What earlier runs of a focus know of a finding."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from itertools import chain, pairwise, takewhile
from operator import itemgetter, or_

from sqlalchemy import Connection, select

from gardener.model.finding import Finding, Past
from gardener.model.run import Run
from gardener.store.rows import Marks, bits, marks_of, names_of, new_numbers, unpack_marks
from gardener.store.schema import runs

HORIZON = 200  # runs that are looked back on; the first sighting is remembered beyond it


@dataclass(frozen=True, slots=True, kw_only=True)
class Earlier:
    """One remembered run of the focus."""

    started: str
    commit: str | None
    dirty: bool
    full: bool  # complete and not narrowed: what it does not mention did not happen
    marks: Marks

    def green(self, tests: int) -> bool:
        """Whether it is evidence that these tests pass; runs from a dirty tree are none."""
        return self.full and not self.dirty and tests & self.marks.passed == tests


@dataclass(frozen=True, slots=True, kw_only=True)
class Memory:
    """A run with those before it, newest first, and the numbers of the names in their marks."""

    now: Earlier
    earlier: tuple[Earlier, ...]
    numbers: Mapping[str, int]
    first: Mapping[str, str]  # when each key was first seen
    ever_passed: int


def recall(connection: Connection, focus: str, before: str) -> tuple[Earlier, ...]:
    """The runs of a focus before a run id, newest first."""
    mine = (runs.c.focus == focus) & (runs.c.id < before)
    wanted = select(*(runs.c[name] for name in ("started", "commit", "dirty", "narrowed", "complete", "outcomes")))
    rows = connection.execute(wanted.where(mine).order_by(runs.c.id.desc()).limit(HORIZON))
    return tuple(
        Earlier(
            started=row.started,
            commit=row.commit,
            dirty=row.dirty,
            full=row.complete and not row.narrowed,
            marks=unpack_marks(row.outcomes),
        )
        for row in rows
    )


def memory(
    run: Run,
    findings: Sequence[Finding],
    earlier: Sequence[Earlier],
    numbers: Mapping[str, int],
    first: Mapping[str, str],
) -> Memory:
    """What is known when a run is judged; pure. Names that are new get numbers of their own for the moment."""
    marked = names_of(run, findings)
    wanted = chain(*marked.values(), *(finding.tests for finding in findings))
    numbers = {**numbers, **new_numbers(wanted, numbers)}
    now = Earlier(
        started=run.started,
        commit=run.commit,
        dirty=run.dirty,
        full=run.complete and not run.narrowed,
        marks=marks_of(marked, numbers),
    )
    ever = reduce(or_, (then.marks.passed for then in earlier), 0)
    return Memory(now=now, earlier=tuple(earlier), numbers=numbers, first=first, ever_passed=ever)


def past_of(finding: Finding, known: Memory) -> Past:
    """The past of a finding of the run `known.now`; pure."""
    names = [str(key) for key in finding.keys]
    keys = bits(known.numbers[name] for name in names)
    tests = bits(known.numbers[test] for test in finding.tests)
    told = [(then, bool(keys & then.marks.keys)) for then in known.earlier]
    sightings = [then for then, seen in told if seen]
    # runs that say it passed or failed, the newest first
    course = [(then, seen) for then, seen in told if (seen and then.full) or (not seen and then.green(tests))]
    green = next((then for then, seen in course if not seen), None)
    stretch = list(takewhile(itemgetter(1), course))
    return Past(
        first_seen=min((known.first[name] for name in names if name in known.first), default=""),
        last_seen=sightings[0].started if sightings else "",
        runs_seen=sum(then.full for then in known.earlier),
        runs_failed=sum(seen for _, seen in course),
        runs_passed=sum(not seen for _, seen in course),
        failing_streak=len(stretch),
        relapses=sum(was and not seen for (_, seen), (_, was) in pairwise(course)),
        # what failed in a changed work tree may not fail at its commit
        first_fail_commit=next((then.commit for then, _ in reversed(stretch) if then.commit and not then.dirty), ""),
        last_pass=green.started if green else "",
        last_pass_commit=(green.commit or "") if green else "",
        green_streak=_streak(tests, told),
        tests_passed_before=(tests & known.ever_passed).bit_count(),
        same_commit_pass=_both_ways(tests, known.now, sightings, known.earlier),
    )


def _streak(tests: int, told: Sequence[tuple[Earlier, bool]]) -> int:
    """Green runs in a row, the newest first; runs that are no evidence either way do not count and do not break."""
    streak = 0
    for then, seen in told:
        if seen or tests & then.marks.bad:
            return streak
        if then.full and not then.dirty:
            if not then.green(tests):
                return streak
            streak += 1
    return streak


def _both_ways(tests: int, now: Earlier, sightings: Sequence[Earlier], earlier: Sequence[Earlier]) -> bool:
    """Whether at least half of the finding's tests passed and failed on one commit, in clean trees or within one run.

    Of many tests a few that flicker say nothing about why the others fail.
    """
    flaky, failed_on = 0, dict[str, int]()
    for then in (now, *sightings):
        flaky |= tests & then.marks.recovered
        if then.commit is not None and not then.dirty:
            failed_on[then.commit] = failed_on.get(then.commit, 0) | tests & then.marks.bad
    for then in earlier:
        if not then.dirty and then.commit in failed_on:
            flaky |= failed_on[then.commit] & then.marks.passed
    return flaky != 0 and 2 * flaky.bit_count() >= tests.bit_count()
