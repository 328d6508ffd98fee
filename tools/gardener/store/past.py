"""What earlier runs of a focus know of a finding."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from itertools import chain
from operator import and_, or_

from sqlalchemy import Connection, select

from gardener.model.finding import Finding, Past
from gardener.model.run import Run
from gardener.store.columns import Columns, newer, newest, turned, which
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Memory:
    """A run with those before it, newest first, and the numbers of the names in their marks."""

    now: Earlier
    earlier: tuple[Earlier, ...]
    numbers: Mapping[str, int]
    first: Mapping[str, str]  # when each key was first seen
    passed: Columns
    bad: Columns
    keys: Columns
    full: int  # a bit for each earlier run, bit 0 for the newest
    clean_on: Mapping[str, Sequence[Earlier]]  # by commit, those from a tree without changes
    clean: int  # the full ones that are evidence that something passes: from a tree without changes


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
    full = which(earlier, lambda then: then.full)
    clean_on = defaultdict[str, list[Earlier]](list)
    for then in earlier:
        if then.commit is not None and not then.dirty:
            clean_on[then.commit].append(then)
    return Memory(
        now=now,
        earlier=tuple(earlier),
        numbers=numbers,
        first=first,
        passed=turned([then.marks.passed for then in earlier]),
        bad=turned([then.marks.bad for then in earlier]),
        keys=turned([then.marks.keys for then in earlier]),
        full=full,
        clean_on=clean_on,
        clean=full & which(earlier, lambda then: not then.dirty),
    )


def past_of(finding: Finding, known: Memory) -> Past:
    """The past of a finding of the run `known.now`; pure."""
    names, tests = [str(key) for key in finding.keys], [known.numbers[test] for test in finding.tests]
    seen = reduce(or_, (known.keys.of(known.numbers[name]) for name in names))
    passed = [known.passed.of(test) for test in tests]
    all_passed = reduce(and_, passed, known.clean)
    bad = reduce(or_, map(known.bad.of, tests), seen)
    failed, green = seen & known.full, all_passed & ~seen
    stretch = newer(failed, green)
    last_pass = known.earlier[newest(green)] if green else None
    return Past(
        first_seen=min((known.first[name] for name in names if name in known.first), default=""),
        last_seen=known.earlier[newest(seen)].started if seen else "",
        runs_failed=failed.bit_count(),
        runs_passed=green.bit_count(),
        failing_streak=stretch.bit_count(),
        relapses=_relapses(failed, green),
        first_fail_commit=(known.earlier[stretch.bit_length() - 1].commit or "") if stretch else "",
        last_pass=last_pass.started if last_pass else "",
        last_pass_commit=(last_pass.commit or "") if last_pass else "",
        # runs that are no evidence either way do not count and do not break the streak
        green_streak=newer(all_passed, bad | known.clean & ~all_passed).bit_count(),
        tests_passed_before=sum(each > 0 for each in passed),
        same_commit_pass=_both_ways(bits(tests), known, seen),
    )


def _relapses(failed: int, green: int) -> int:
    """How often a run that failed was followed by one that passed."""
    course = failed | green
    followers = ((course & ((1 << place) - 1)).bit_length() - 1 for place in _places(failed))
    return sum(green >> place & 1 for place in followers if place >= 0)


def _both_ways(tests: int, known: Memory, seen: int) -> bool:
    """Whether at least half of the finding's tests passed and failed on one commit, in clean trees or within one run.

    Of many tests a few that flicker say nothing about why the others fail.
    """
    flaky, failed_on = 0, dict[str, int]()
    for then in (known.now, *(known.earlier[place] for place in _places(seen))):
        flaky |= tests & then.marks.recovered
        if then.commit is not None and not then.dirty:
            failed_on[then.commit] = failed_on.get(then.commit, 0) | tests & then.marks.bad
    for commit, failed in failed_on.items():
        for then in known.clean_on.get(commit, ()):
            flaky |= failed & then.marks.passed
    return flaky != 0 and 2 * flaky.bit_count() >= tests.bit_count()


def _places(runs: int) -> Iterator[int]:
    while runs:
        yield newest(runs)
        runs &= runs - 1
