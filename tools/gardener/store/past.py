"""What earlier runs of a focus know of a finding."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, func, select

from gardener.model.finding import Finding, Past
from gardener.model.run import BAD, Outcome, Run
from gardener.store.rows import unpack
from gardener.store.schema import failing, finding_keys, runs

HORIZON = 200  # runs that are looked back on; the first sighting is remembered beyond it


@dataclass(frozen=True, slots=True, kw_only=True)
class Earlier:
    """One remembered run of the focus."""

    started: str
    commit: str | None
    dirty: bool
    full: bool  # complete and not narrowed: what it does not mention did not happen
    passed: frozenset[str]
    failed: frozenset[str]
    recovered: frozenset[str]  # failed, then passed within this run
    keys: frozenset[str]

    def green(self, tests: Sequence[str]) -> bool:
        """Whether it is evidence that these tests pass; runs from a dirty tree are none."""
        return self.full and not self.dirty and self.passed.issuperset(tests)


def recall(connection: Connection, focus: str, before: str) -> tuple[Earlier, ...]:
    """The runs of a focus before a run id, newest first."""
    mine = (runs.c.focus == focus) & (runs.c.id < before)
    columns = (runs.c.id, runs.c.started, runs.c.commit, runs.c.dirty, runs.c.narrowed, runs.c.complete, runs.c.passed)
    rows = connection.execute(select(*columns).where(mine).order_by(runs.c.id.desc()).limit(HORIZON)).all()
    if not rows:
        return ()
    span = runs.join(failing).select().with_only_columns(failing.c.run, failing.c.node, failing.c.recovered)
    failed, recovered, keys = (
        defaultdict[str, set[str]](set),
        defaultdict[str, set[str]](set),
        defaultdict[str, set[str]](set),
    )
    for run, node, again in connection.execute(span.where(mine, runs.c.id >= rows[-1].id)):
        failed[run].add(node)
        if again:
            recovered[run].add(node)
    seen = runs.join(finding_keys).select().with_only_columns(finding_keys.c.run, finding_keys.c.key)
    for run, key in connection.execute(seen.where(mine, runs.c.id >= rows[-1].id)):
        keys[run].add(key)
    sets: dict[bytes, frozenset[str]] = {}  # a healthy suite passes the same tests run after run
    for row in rows:
        if row.passed not in sets:
            sets[row.passed] = frozenset(unpack(row.passed, tuple[str, ...]))
    return tuple(
        Earlier(
            started=row.started,
            commit=row.commit,
            dirty=row.dirty,
            full=row.complete and not row.narrowed,
            passed=sets[row.passed],
            failed=frozenset(failed[row.id]),
            recovered=frozenset(recovered[row.id]),
            keys=frozenset(keys[row.id]),
        )
        for row in rows
    )


def first_sightings(connection: Connection, focus: str, before: str, keys: Sequence[str]) -> dict[str, str]:
    """When each key was first seen in a run of the focus before a run id."""
    found: dict[str, str] = {}
    for some in _portions(keys):
        mine = (runs.c.focus == focus) & (runs.c.id < before) & finding_keys.c.key.in_(some)
        first = (
            select(finding_keys.c.key, func.min(runs.c.started).label("started"))
            .select_from(runs.join(finding_keys))
            .where(mine)
        )
        rows = connection.execute(first.group_by(finding_keys.c.key))
        found |= {row.key: row.started for row in rows}
    return found


def past_of(finding: Finding, run: Run, earlier: Sequence[Earlier], first: Mapping[str, str]) -> Past:
    """The past of a finding of this run; pure. `earlier` is newest first."""
    keys = {str(key) for key in finding.keys}
    tests = finding.tests
    sightings = [then for then in earlier if keys & then.keys]
    greens = [then for then in earlier if then.green(tests) and not keys & then.keys]
    full = [then for then in earlier if then.full]
    passed_before = set[str]().union(*(then.passed for then in earlier))
    return Past(
        first_seen=min((first[key] for key in keys if key in first), default=""),
        last_seen=sightings[0].started if sightings else "",
        runs_seen=len(full),
        runs_failed=sum(bool(keys & then.keys) for then in full),
        last_pass=greens[0].started if greens else "",
        last_pass_commit=(greens[0].commit or "") if greens else "",
        green_streak=_streak(keys, tests, earlier),
        tests_passed_before=len(passed_before.intersection(tests)),
        same_commit_pass=_both_ways(tests, run, sightings, earlier),
    )


def _streak(keys: set[str], tests: Sequence[str], earlier: Sequence[Earlier]) -> int:
    """Green runs in a row, the newest first; runs that are no evidence either way do not count and do not break."""
    streak = 0
    for then in earlier:
        if keys & then.keys or then.failed.intersection(tests):
            return streak
        if then.full and not then.dirty:
            if not then.green(tests):
                return streak
            streak += 1
    return streak


def _both_ways(tests: Sequence[str], run: Run, sightings: Sequence[Earlier], earlier: Sequence[Earlier]) -> bool:
    """Whether a test of the finding passed and failed on one commit, in clean trees or within one run."""
    wanted = set(tests)
    passed_now = {case.node for case in run.cases if case.outcome is Outcome.PASSED}
    failed_now = {case.node for case in run.cases if case.outcome in BAD}
    if wanted & passed_now & failed_now or any(wanted & then.recovered for then in sightings):
        return True
    failed_on = {(then.commit, node) for then in sightings if not then.dirty for node in wanted & then.failed}
    if not run.dirty:
        failed_on |= {(run.commit, node) for node in wanted}
    return any(
        then.commit is not None and not then.dirty and (then.commit, node) in failed_on
        for then in earlier
        for node in wanted & then.passed
    )


def _portions(values: Sequence[str], size: int = 500) -> Iterator[Sequence[str]]:
    for start in range(0, len(values), size):
        yield values[start : start + size]
