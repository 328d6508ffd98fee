"""Looks back over the remembered runs: which there are, where a finding was seen, how a test went."""

from collections.abc import Callable
from dataclasses import dataclass, fields
from typing import Any

from sqlalchemy import Connection, Select, exists, or_, select

from gardener.model.figures import Turn
from gardener.model.finding import Finding
from gardener.store.names import numbers_of
from gardener.store.rows import Marks, bits, unpack_marks
from gardener.store.schema import finding_keys, findings, names, runs


@dataclass(frozen=True, slots=True, kw_only=True)
class Remembered:
    """One remembered run, without its cases."""

    id: str
    focus: str
    started: str
    commit: str | None
    branch: str | None
    dirty: bool
    narrowed: bool
    complete: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Sighting:
    """A finding in one remembered run."""

    run: str
    focus: str
    started: str
    commit: str | None
    fingerprint: str
    slug: str
    title: str
    cause: str
    nature: str
    severity: int
    count: int


def remembered(connection: Connection, focus: str | None, limit: int) -> tuple[Remembered, ...]:
    """The newest runs, newest first."""
    chosen = select(*(runs.c[field.name] for field in fields(Remembered)))
    return tuple(Remembered(**row._mapping) for row in connection.execute(_newest(chosen, focus, limit)))


def sightings(connection: Connection, wanted: str) -> tuple[Sighting, ...]:
    """Where a finding was seen, newest first; `wanted` is its slug, or a key of it or the beginning of one."""
    keyed = exists().where(
        finding_keys.c.run == findings.c.run,
        finding_keys.c.fingerprint == findings.c.fingerprint,
        or_(
            finding_keys.c.key.startswith(wanted, autoescape=True),
            finding_keys.c.key.contains(f":{wanted}", autoescape=True),
        ),
    )
    wanted_ones = [(findings if field.name in findings.c else runs).c[field.name] for field in fields(Sighting)]
    chosen = select(*wanted_ones).join_from(findings, runs).where((findings.c.slug == wanted) | keyed)
    rows = connection.execute(chosen.order_by(findings.c.run.desc(), findings.c.place))
    return tuple(Sighting(**row._mapping) for row in rows)


def turns(connection: Connection, node: str, focus: str | None, limit: int) -> tuple[Turn, ...]:
    """How a test went, newest first; runs that did not run it are left out."""
    number = connection.scalar(select(names.c.id).where(names.c.name == node))
    if number is None:
        return ()
    return _turns(connection, focus, limit, lambda _, marks: _outcome(marks, 1 << number))


def course(connection: Connection, last: Sighting, finding: Finding, limit: int) -> tuple[Turn, ...]:
    """How a finding went in the runs of its focus, newest first; runs that tell neither way are left out."""
    numbers = numbers_of(connection)
    keys = bits(numbers[str(key)] for key in finding.keys if str(key) in numbers)
    if any(test not in numbers for test in finding.tests):
        return ()
    tests = bits(numbers[test] for test in finding.tests)

    def outcome(evidence: bool, marks: Marks) -> str:  # noqa: FBT001 - of a row
        if marks.keys & keys:
            return "flaky" if marks.recovered & tests else "failed"
        return "passed" if evidence and marks.passed & tests == tests else ""

    return _turns(connection, last.focus, limit, outcome)


def _turns(
    connection: Connection, focus: str | None, limit: int, outcome: Callable[[bool, Marks], str]
) -> tuple[Turn, ...]:
    """The turns of which `outcome` says something, given whether the run is evidence that something passes."""
    told = (runs.c.id, runs.c.focus, runs.c.started, runs.c.commit, runs.c.outcomes)
    flags = (runs.c.complete, runs.c.narrowed, runs.c.dirty)
    found = []
    for row in connection.execute(_newest(select(*told, *flags), focus, limit)):
        went = outcome(row.complete and not row.narrowed and not row.dirty, unpack_marks(row.outcomes))
        if went:
            found.append(Turn(run=row.id, focus=row.focus, started=row.started, commit=row.commit, outcome=went))
    return tuple(found)


def _outcome(marks: Marks, test: int) -> str:
    if marks.recovered & test:
        return "flaky"
    return next((what for what in ("passed", "failed", "error", "lost") if getattr(marks, what) & test), "")


def _newest(chosen: Select[Any], focus: str | None, limit: int) -> Select[Any]:
    chosen = chosen.where(runs.c.focus == focus) if focus else chosen
    return chosen.order_by(runs.c.id.desc()).limit(limit)
