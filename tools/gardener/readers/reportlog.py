"""Reads what pytest-reportlog writes: one JSON line per report, flushed, so that a killed run is read up to its end."""

from collections.abc import Iterable, Iterator
from typing import Any

import msgspec

from gardener.model.errors import UnreadableReport
from gardener.model.run import Case, Report
from gardener.model.text import Redactor
from gardener.readers.lines import events_of, sections
from gardener.readers.logged import Warned, gather
from gardener.readers.phases import Phase, Scribe

KIND = "pytest-reportlog"


class _Place(msgspec.Struct):
    path: str = ""
    lineno: int = 0
    message: str = ""


class _Entry(msgspec.Struct):
    lines: list[str] = []
    reprfileloc: _Place | None = None
    style: str | None = None


class _Wrapped(msgspec.Struct):
    data: _Entry


class _Traceback(msgspec.Struct):
    reprentries: list[_Wrapped] = []


class _Repr(msgspec.Struct):
    """An exception with its chain, root first; each with how the next one followed."""

    reprcrash: _Place | None = None
    reprtraceback: _Traceback | None = None
    chain: list[tuple[_Traceback, _Place | None, str | None]] | None = None


class _Event(msgspec.Struct):
    kind: str = msgspec.field(name="$report_type")
    nodeid: str = ""
    when: str = ""
    outcome: str = ""
    longrepr: _Repr | str | list[Any] | None = None
    sections: list[tuple[str, str]] = []
    duration: float = 0.0
    start: float | None = None
    worker_id: str = ""
    wasxfail: str | None = None
    category: str = ""
    message: str = ""
    filename: str = ""
    lineno: int = 0
    exitstatus: int | None = None
    pytest_version: str = ""


def read(data: bytes, source: str, redactor: Redactor) -> Report:
    """One log; without its SessionFinish it is not complete. Lines that stand in it twice, by a fork, count once."""
    events, broken = events_of(data, _Event)
    if not any(event.kind in ("SessionStart", "TestReport", "CollectReport") for event in events):
        raise UnreadableReport(
            f"{source} is not a pytest-reportlog", "write it again with: pytest --report-log=log.jsonl"
        )
    scribe = Scribe(redactor=redactor)
    finish = next((event for event in events if event.kind == "SessionFinish"), None)
    return Report(
        kind=KIND,
        cases=(*_collected(events, scribe), *scribe.cases(_phases(events))),
        failures=gather(map(_warned, (event for event in events if event.kind == "WarningMessage")), redactor),
        complete=finish is not None and not broken,
        exit_code=finish.exitstatus if finish else None,
        pytest=next((event.pytest_version for event in events if event.pytest_version), ""),
        notes=tuple(broken),
    )


def _collected(events: Iterable[_Event], scribe: Scribe) -> Iterator[Case]:
    for node, event in {event.nodeid: event for event in events if event.kind == "CollectReport"}.items():
        if event.outcome == "failed":
            yield scribe.uncollected(node, printed(event.longrepr), sections(event.sections))
        elif event.outcome == "skipped":
            yield scribe.skipped(node, printed(event.longrepr))


def _phases(events: Iterable[_Event]) -> Iterator[Phase]:
    seen: set[tuple[object, ...]] = set()
    for event in events:
        identity = event.nodeid, event.when, event.start, event.worker_id
        if event.kind != "TestReport" or (event.start is not None and identity in seen):
            continue
        seen.add(identity)
        text = printed(event.longrepr)
        yield Phase(
            node=event.nodeid,
            when=event.when,
            outcome=event.outcome,
            seconds=event.duration,
            text="" if event.outcome == "skipped" else text,
            captured=sections(event.sections),
            reason=event.wasxfail or (text if event.outcome == "skipped" else ""),
            xfail=event.wasxfail is not None,
        )


def printed(longrepr: "_Repr | str | list[Any] | None") -> str:
    """A serialised longrepr as pytest prints it: text as it is, a skip's reason, or a traceback with its chain."""
    if isinstance(longrepr, list):
        return str(longrepr[-1]) if longrepr else ""
    if not isinstance(longrepr, _Repr):
        return longrepr or ""
    chain = longrepr.chain or [(longrepr.reprtraceback or _Traceback(), longrepr.reprcrash, None)]
    lines: list[str] = []
    for traceback, crash, joint in chain:
        lines += _lines(traceback, crash)
        if joint:
            lines += ["", joint, ""]
    return "\n".join(lines)


def _lines(traceback: _Traceback, crash: _Place | None) -> Iterator[str]:
    entries = [wrapped.data for wrapped in traceback.reprentries]
    for entry in entries:
        place = entry.reprfileloc
        where = f"{place.path}:{place.lineno}: {place.message}".rstrip() if place else ""
        if entry.style == "short":
            yield where
        yield from (line.rstrip("\n") for line in entry.lines)  # native ones bring their own line ends
        if entry.style == "short":
            continue
        if place:
            yield from ("", where)
        if entry is not entries[-1]:
            yield "_ " * 32
    if not entries and crash:
        yield f"{crash.path}:{crash.lineno}: {crash.message}"


def _warned(event: _Event) -> Warned:
    return Warned(category=event.category, message=event.message, place=f"{event.filename}:{event.lineno}")
