"""What a launch and its reports say together: one run, in which the worst that is known counts."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from gardener.model.run import BAD, Case, Counts, Ending, Failure, Launched, Origin, Outcome, Report, Run
from gardener.runs.wreck import nothing_ran, wreck

JOURNAL = "journal"
_STREAMED = frozenset({JOURNAL, "pytest-reportlog"})  # without the end of the session, the process did not get there
_WORST_FIRST = (
    Outcome.ERROR,
    Outcome.FAILED,
    Outcome.LOST,
    Outcome.XPASSED,
    Outcome.PASSED,
    Outcome.XFAILED,
    Outcome.SKIPPED,
    Outcome.BLOCKED,
    Outcome.NOT_RUN,
)
_ENDINGS = (Ending.INTERRUPTED, Ending.TIMED_OUT, Ending.CRASHED, Ending.FINISHED)


def merge(launched: Launched, reports: Sequence[Report]) -> Run:
    """One run from a launch and the reports of it, or from reports alone.

    The journal is the truth of what started and finished, pytest-json-report the richer record of each failure. The
    status of the process wins over what a report claims. A run is `finished` only when its session says so.
    """
    ordered = sorted(reports, key=lambda report: report.kind != JOURNAL)
    cases = _united(ordered)
    code = launched.exit_code
    if code is None and launched.ending is Ending.FINISHED:
        code = next((report.exit_code for report in ordered if report.exit_code is not None), None)
    told = _loose(ordered)
    ending = _ending(launched, ordered, cases, code, told)
    first = ordered[0] if ordered else Report(kind="")
    run = Run(
        id="",
        focus="",
        selection=launched.selection,
        started=launched.started or min((r.started for r in ordered if r.started), default=""),
        duration_s=launched.duration_s or max((r.duration_s for r in ordered), default=0.0),
        python=first.python,
        pytest=first.pytest,
        platform=first.platform,
        command=launched.command,
        exit_code=code,
        ending=ending,
        partial=any(not report.complete for report in ordered if report.kind == JOURNAL or not launched.folder),
        cases=cases,
        notes=tuple(dict.fromkeys((*launched.notes, *_notes(launched, ordered)))),
        counts=Counts.of(cases),
    )
    root = next((report.root for report in ordered if report.root), "")
    loose = (*told, *wreck(run, launched, told, root), *nothing_ran(run, ordered))
    return replace(run, loose=loose)


def gather(runs: Sequence[Run]) -> Run:
    """Shards as one run. The order and the nesting of the shards make no difference; the same shard twice is one."""
    shards = sorted({(run.shards, run.id): run for run in runs}.values(), key=lambda run: (run.shards, run.id))
    if len(shards) == 1:
        return shards[0]
    first = min(shards, key=lambda run: run.id)
    cases = _by_test(_labelled(run) for run in shards)
    codes = [run.exit_code for run in shards]
    return replace(
        first,
        selection=_listed(run.selection for run in shards),
        command=_listed(run.command for run in shards),
        python=_listed(run.python for run in shards),
        pytest=_listed(run.pytest for run in shards),
        platform=_listed(run.platform for run in shards),
        started=min((run.started for run in shards if run.started), default=""),
        duration_s=max(run.duration_s for run in shards),
        exit_code=None if None in codes else max(code for code in codes if code is not None),
        ending=min((run.ending for run in shards), key=_ENDINGS.index),
        dirty=any(run.dirty for run in shards),
        partial=any(run.partial or run.commit != first.commit for run in shards),
        narrowed=any(run.narrowed for run in shards),
        shards=tuple(sorted({shard for run in shards for shard in run.shards})),
        expected_shards=tuple(sorted({shard for run in shards for shard in run.expected_shards})),
        cases=cases,
        loose=_loose_together([failure for run in shards for failure in run.loose]),
        notes=tuple(sorted({note for run in shards for note in run.notes})),
        counts=Counts.of(cases),
    )


def _united(reports: Sequence[Report]) -> tuple[Case, ...]:
    """Each attempt of each test once. What the journal tells of an outcome stands; json-report gives its failures."""
    cases: dict[tuple[str, int], Case] = {}
    journaled: set[tuple[str, int]] = set()
    for report in reports:
        for case in report.cases:
            key = case.node, case.attempt
            if key not in cases:
                cases[key] = case
            elif key in journaled and report.kind != JOURNAL:
                cases[key] = _richer(cases[key], case)
            else:
                cases[key] = _worse(cases[key], case)
        if report.kind == JOURNAL:
            journaled |= cases.keys()
    return tuple(cases.values())


def _richer(case: Case, other: Case) -> Case:
    """The case of the journal with the failures of another report, where these are of the same phases."""
    if [failure.origin for failure in case.failures] != [failure.origin for failure in other.failures]:
        return case
    pairs = zip(case.failures, other.failures, strict=True)
    return replace(
        case,
        failures=tuple(
            replace(rich, attempt=plain.attempt, captured=plain.captured or rich.captured) for plain, rich in pairs
        ),
    )


def _worse(case: Case, other: Case) -> Case:
    """Two accounts of one test: the worse outcome, and what either says of how it failed."""
    worse, better = sorted(
        (case, other), key=lambda entry: (_WORST_FIRST.index(entry.outcome), entry.shard, entry.node)
    )
    return replace(
        worse,
        duration_s=round(case.duration_s + other.duration_s, 6),
        shard=_listed((case.shard, other.shard)),
        failures=_distinct([*worse.failures, *better.failures]),
    )


def _by_test(shards: Iterable[Iterable[Case]]) -> tuple[Case, ...]:
    cases: dict[tuple[str, int], Case] = {}
    for shard in shards:
        for case in shard:
            key = case.node, case.attempt
            cases[key] = _worse(cases[key], case) if key in cases else case
    return tuple(cases[key] for key in sorted(cases))


def _labelled(run: Run) -> Iterable[Case]:
    label = run.shards[0] if len(run.shards) == 1 else ""
    for case in run.cases:
        failures = tuple(replace(failure, shard=failure.shard or label) for failure in case.failures)
        yield replace(case, shard=case.shard or label, failures=failures)


def _distinct(failures: Sequence[Failure]) -> tuple[Failure, ...]:
    """The failures of one test without those that say the same, in an order of their own."""
    known = {(f.origin, f.exception, f.message): f for f in sorted(failures, key=_rank, reverse=True)}
    return tuple(sorted(known.values(), key=_rank))


def _rank(failure: Failure) -> tuple[str, str, str, str]:
    return failure.origin, failure.shard, failure.exception or "", failure.message


def _loose(reports: Sequence[Report]) -> tuple[Failure, ...]:
    """Warnings, crashes and empty files; what several reports of one run say of the same warning counts once."""
    seen: dict[tuple[object, ...], Failure] = {}
    for report in reports:
        for failure in report.failures:
            seen.setdefault((failure.origin, failure.exception, failure.message), failure)
    return tuple(seen.values())


def _loose_together(failures: Sequence[Failure]) -> tuple[Failure, ...]:
    """The loose failures of shards: the same warning is one, with the places and the count of all."""
    known: dict[tuple[str, ...], Failure] = {}
    for failure in sorted(failures, key=lambda f: (*_rank(f), f.subject)):
        place = "" if failure.origin is Origin.WARNING else failure.subject
        key = (failure.origin, failure.exception or "", failure.message, place)
        if key in known:
            places = tuple(sorted({*known[key].places, *failure.places}))
            subject = min(known[key].subject, failure.subject)
            known[key] = replace(known[key], subject=subject, places=places, count=known[key].count + failure.count)
        else:
            known[key] = failure
    return tuple(known[key] for key in sorted(known))


def _ending(
    launched: Launched, reports: Sequence[Report], cases: Sequence[Case], code: int | None, told: Sequence[Failure]
) -> Ending:
    lost = any(case.outcome is Outcome.LOST for case in cases)
    died = any(failure.origin is Origin.CRASH for failure in told)
    cut = any(report.kind in _STREAMED and report.exit_code is None for report in reports)
    unheard = bool(launched.folder) and not any(report.complete for report in reports)
    if launched.ending is not Ending.FINISHED:
        return launched.ending
    stopped = any(case.outcome in (*BAD, Outcome.NOT_RUN) for case in cases)  # -x, or a plugin that had enough
    if code == 2 and not died and not cut and (lost or not stopped):
        return Ending.INTERRUPTED
    if died or cut or unheard or lost or code not in (None, 0, 1, 2, 5):
        return Ending.CRASHED
    return Ending.FINISHED


def _notes(launched: Launched, reports: Sequence[Report]) -> Iterable[str]:
    for report in reports:
        yield from report.notes
        claimed, seen = report.exit_code, launched.exit_code
        if claimed is not None and seen is not None and claimed != seen:
            yield f"the {report.kind} says exit code {claimed}, the process ended with {seen}: the process is believed"


def _listed(values: Iterable[str]) -> str:
    """What is different among values, joined; joining again changes nothing."""
    return " · ".join(sorted({part for value in values for part in value.split(" · ") if part}))
