"""What an issue's block remembers of the runs that met it: enough to decide on from an empty store."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from gardener.model.finding import Finding, Nature
from gardener.model.key import Key, Managed
from gardener.model.policy import Policy
from gardener.model.run import Run

REMEMBERED_RUNS = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Bearings:
    """What the plan may know besides findings and issues."""

    run: Run
    policy: Policy
    ancestors: frozenset[str]  # of the commits that issues remember, those in the history of this run's commit
    now: str = ""  # ISO 8601 UTC; "" where nobody asked a clock


def remember(findings: Sequence[Finding], before: Managed, run: Run) -> Managed:
    """What the block shall say after a run in which these findings, the first leading, were met."""
    first = findings[0]
    again = run.id in before.last_runs  # the same run planned twice is remembered once
    keys = [key for finding in findings for key in finding.keys]
    tests = dict.fromkeys(test for finding in findings for test in finding.tests or finding.blocked)
    began = before.first_seen or first.past.first_seen or run.started
    return replace(
        before,
        keys=merge_keys(before.keys, [k for k in keys if k not in before.aliases and str(k) not in before.released]),
        counts=before.counts if again else _counted(before.counts, keys),
        first_seen=began,
        last_seen=max(run.started, before.last_seen),
        last_pass=first.past.last_pass or before.last_pass,
        green_streak=0,
        merged_into=0,  # a person who opened it again parted the two
        last_runs=before.last_runs if again else (run.id, *before.last_runs)[:REMEMBERED_RUNS],
        last_commit=run.commit or before.last_commit,
        green_commit="",
        tests=tuple(tests),
        severity=before.severity if before.severity is not None else int(first.severity),
        focus=before.focus or run.focus,
        kind=str(first.kind),
        events=before.events + (not again and (run.commit is None or run.commit != before.last_commit)),
        longest_gap=max(before.longest_gap, days(before.last_seen, run.started)),
        flaky=before.flaky or first.nature is Nature.FLAKY,
    )


def merged(into: Managed | None, other: Managed) -> Managed:
    """What an issue remembers that takes another one in: its keys become aliases, its tests must pass too."""
    if into is None:
        return replace(other, created_by="", titled="", severity=None)
    moved = other.all_keys
    return replace(
        into,
        aliases=merge_keys(into.aliases, [key for key in moved if key not in into.keys]),
        released=tuple(key for key in into.released if key not in set(map(str, moved))),
        counts=tuple({**dict(other.counts), **dict(into.counts)}.items()),
        tests=tuple(dict.fromkeys([*into.tests, *other.tests])),
        first_seen=min(filter(None, (into.first_seen, other.first_seen)), default=""),
        last_seen=max(into.last_seen, other.last_seen),
        green_streak=min(into.green_streak, other.green_streak),
    )


def rebased(planned: Managed, then: Managed | None, now: Managed | None) -> Managed | None:
    """What a block shall say that was written since the plan was made; None where what was planned holds no longer.

    A failure adds what it knows to what the other writer knew. A green run counts only for the block that it read.
    """
    if now is None or then is None or now == then:
        return planned
    if planned.last_runs[:1] == now.last_runs[:1]:
        return now  # the other writer was this very plan
    if planned.green_streak:
        return None
    free = [key for key in planned.all_keys if key not in now.all_keys and str(key) not in now.released]
    return replace(
        merged(now, planned),
        keys=merge_keys(now.keys, [key for key in free if key in planned.keys]),
        aliases=merge_keys(now.aliases, [key for key in free if key in planned.aliases]),
        released=now.released,
        green_streak=0,
        green_commit="",
        last_runs=tuple(dict.fromkeys([*planned.last_runs, *now.last_runs]))[:REMEMBERED_RUNS],
        last_commit=planned.last_commit,
        severity=planned.severity,
        calm=planned.calm,
        events=max(planned.events, now.events),
        longest_gap=max(planned.longest_gap, now.longest_gap),
        reopened=max(planned.reopened, now.reopened),
        flaky=planned.flaky or now.flaky,
        kind=planned.kind,
    )


def without(managed: Managed, away: Sequence[Key]) -> Managed | None:
    """What an issue remembers that gave these keys away for good; None where it would have none left."""
    keys = tuple(key for key in managed.all_keys if key not in away)
    if not keys:
        return None
    own = tuple(key for key in managed.keys if key in keys)
    gone = set(map(str, away))
    return replace(
        managed,
        keys=own or keys,
        aliases=tuple(key for key in managed.aliases if key in keys) if own else (),
        released=tuple(dict.fromkeys([*managed.released, *map(str, away)])),
        counts=tuple(pair for pair in managed.counts if pair[0] not in gone),
    )


def _counted(before: Sequence[tuple[str, int]], keys: Sequence[Key]) -> tuple[tuple[str, int], ...]:
    counts = dict(before)
    for key in dict.fromkeys(map(str, keys)):
        counts[key] = counts.get(key, 0) + 1
    return tuple(counts.items())


def merge_keys(first: Sequence[Key], second: Sequence[Key]) -> tuple[Key, ...]:
    """Both, each once, in order: an issue keeps every key it was ever known by."""
    return tuple(dict.fromkeys([*first, *second]))


def days(since: str, until: str) -> float:
    """Days between two times in ISO 8601; 0 where one is not known, or they are the wrong way round."""
    try:
        start, end = (datetime.fromisoformat(text) for text in (since, until))
    except ValueError:
        return 0.0
    utc = [moment if moment.tzinfo else moment.replace(tzinfo=UTC) for moment in (start, end)]
    return max(0.0, (utc[1] - utc[0]).total_seconds() / 86_400)


def short_hash(text: str) -> str:
    """What tells two texts apart in a block, without holding them."""
    return hashlib.sha256(" ".join(text.split()).encode("utf-8", "backslashreplace")).hexdigest()[:12]
