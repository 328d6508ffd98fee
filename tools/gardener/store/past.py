"""What earlier runs of a focus know of a finding."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, func, select

from gardener.model.finding import Finding, Past
from gardener.model.run import Run
from gardener.store.rows import outcomes, unpack
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
    failed: Mapping[str, bool]  # whether a later attempt within the run passed
    keys: frozenset[str]

    def green(self, tests: frozenset[str]) -> bool:
        """Whether it is evidence that these tests pass; runs from a dirty tree are none."""
        return self.full and not self.dirty and tests <= self.passed


def recall(connection: Connection, focus: str, before: str) -> tuple[Earlier, ...]:
    """The runs of a focus before a run id, newest first."""
    mine = (runs.c.focus == focus) & (runs.c.id < before)
    wanted = select(*(runs.c[name] for name in ("id", "started", "commit", "dirty", "narrowed", "complete", "passed")))
    rows = connection.execute(wanted.where(mine).order_by(runs.c.id.desc()).limit(HORIZON)).all()
    since = mine & (runs.c.id >= (rows[-1].id if rows else before))
    failed = defaultdict[str, dict[str, bool]](dict)
    for row in connection.execute(select(failing).join(runs).where(since)):
        failed[row.run][row.node] = row.recovered
    keys = defaultdict[str, set[str]](set)
    for row in connection.execute(select(finding_keys).join(runs).where(since)):
        keys[row.run].add(row.key)
    # a healthy suite passes the same tests run after run
    sets = {blob: frozenset(unpack(blob, tuple[str, ...])) for blob in {row.passed for row in rows}}
    return tuple(
        Earlier(
            started=row.started,
            commit=row.commit,
            dirty=row.dirty,
            full=row.complete and not row.narrowed,
            passed=sets[row.passed],
            failed=failed[row.id],
            keys=frozenset(keys[row.id]),
        )
        for row in rows
    )


def present(run: Run) -> Earlier:
    """A run as later ones will remember it, without its keys."""
    passed, failed = outcomes(run)
    return Earlier(
        started=run.started,
        commit=run.commit,
        dirty=run.dirty,
        full=run.complete and not run.narrowed,
        passed=frozenset(passed),
        failed={row["node"]: row["recovered"] for row in failed},
        keys=frozenset(),
    )


def first_sightings(connection: Connection, focus: str, before: str, keys: Sequence[str]) -> dict[str, str]:
    """When each key was first seen in a run of the focus before a run id."""
    mine = (runs.c.focus == focus) & (runs.c.id < before) & finding_keys.c.key.in_(keys)
    first = select(finding_keys.c.key, func.min(runs.c.started).label("started")).join_from(finding_keys, runs)
    rows = connection.execute(first.where(mine).group_by(finding_keys.c.key))
    return {row.key: row.started for row in rows}


def past_of(finding: Finding, now: Earlier, earlier: Sequence[Earlier], first: Mapping[str, str]) -> Past:
    """The past of a finding of the run `now`; pure. `earlier` is newest first."""
    keys, tests = {str(key) for key in finding.keys}, frozenset(finding.tests)
    sightings = [then for then in earlier if keys & then.keys]
    green = next((then for then in earlier if then.green(tests) and not keys & then.keys), None)
    full = [then for then in earlier if then.full]
    return Past(
        first_seen=min((first[key] for key in keys if key in first), default=""),
        last_seen=sightings[0].started if sightings else "",
        runs_seen=len(full),
        runs_failed=sum(bool(keys & then.keys) for then in full),
        last_pass=green.started if green else "",
        last_pass_commit=(green.commit or "") if green else "",
        green_streak=_streak(keys, tests, earlier),
        tests_passed_before=len(set[str]().union(*(tests & then.passed for then in earlier))),
        same_commit_pass=_both_ways(tests, now, sightings, earlier),
    )


def _streak(keys: set[str], tests: frozenset[str], earlier: Sequence[Earlier]) -> int:
    """Green runs in a row, the newest first; runs that are no evidence either way do not count and do not break."""
    streak = 0
    for then in earlier:
        if keys & then.keys or tests & then.failed.keys():
            return streak
        if then.full and not then.dirty:
            if not then.green(tests):
                return streak
            streak += 1
    return streak


def _both_ways(tests: frozenset[str], now: Earlier, sightings: Sequence[Earlier], earlier: Sequence[Earlier]) -> bool:
    """Whether a test of the finding passed and failed on one commit, in clean trees or within one run."""
    failing_runs = [now, *sightings]
    if any(then.failed.get(test) for then in failing_runs for test in tests):
        return True
    failed_on = {(then.commit, node) for then in failing_runs if not then.dirty for node in tests & then.failed.keys()}
    return any(
        then.commit is not None and (then.commit, node) in failed_on
        for then in earlier
        if not then.dirty
        for node in tests & then.passed
    )
