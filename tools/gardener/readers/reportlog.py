"""Reads what pytest-reportlog writes: one JSON line per report, flushed, so that a killed run is read up to its end."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from gardener.model.errors import UnreadableReport
from gardener.model.run import Case, Outcome, Report
from gardener.model.text import Redactor
from gardener.readers.journal import Event, lines_of, sections
from gardener.readers.logged import Warned, gather
from gardener.readers.phases import Phase, Scribe

KIND = "pytest-reportlog"


def read(data: bytes, source: str, redactor: Redactor) -> Report:
    """One log; without its SessionFinish it is not complete. Lines that stand in it twice, by a fork, count once."""
    events, broken = lines_of(data)
    kinds = {str(event.get("$report_type")) for event in events}
    if not kinds & {"SessionStart", "TestReport", "CollectReport"}:
        raise UnreadableReport(
            f"{source} is not a pytest-reportlog", "write it again with: pytest --report-log=log.jsonl"
        )
    scribe = Scribe(redactor=redactor)
    tests = [event for event in events if event.get("$report_type") == "TestReport"]
    collects = [event for event in events if event.get("$report_type") == "CollectReport"]
    warnings = [event for event in events if event.get("$report_type") == "WarningMessage"]
    finish = next((event for event in events if event.get("$report_type") == "SessionFinish"), {})
    begin = next((event for event in events if event.get("$report_type") == "SessionStart"), {})
    return Report(
        kind=KIND,
        source=source,
        cases=(*_collected(collects, scribe), *scribe.cases(_phases(tests))),
        failures=gather(map(_warned, warnings), redactor),
        complete=bool(finish) and not broken,
        exit_code=finish.get("exitstatus"),
        pytest=str(begin.get("pytest_version", "")),
        notes=tuple(broken),
    )


def _collected(collects: Iterable[Event], scribe: Scribe) -> Iterator[Case]:
    for event in collects:
        node = str(event.get("nodeid", ""))
        if event.get("outcome") == "failed":
            yield scribe.uncollected(node, printed(event.get("longrepr")), sections(event.get("sections", ())))
        elif event.get("outcome") == "skipped":
            reason = scribe.redactor.keep(printed(event.get("longrepr")).removeprefix("Skipped: "), 500)
            yield Case(node=scribe.redactor.clean(node), outcome=Outcome.SKIPPED, reason=reason)


def _phases(tests: Iterable[Event]) -> Iterator[Phase]:
    seen: set[tuple[object, ...]] = set()
    for event in tests:
        identity = tuple(event.get(name) for name in ("nodeid", "when", "start", "stop", "worker_id"))
        if event.get("start") is not None and identity in seen:
            continue
        seen.add(identity)
        skipped = event.get("outcome") == "skipped"
        text = printed(event.get("longrepr"))
        yield Phase(
            node=str(event.get("nodeid", "")),
            when=str(event.get("when", "")),
            outcome=str(event.get("outcome", "")),
            seconds=float(event.get("duration") or 0.0),
            text="" if skipped else text,
            captured=sections(event.get("sections", ())),
            reason=str(event.get("wasxfail", "")) or text if skipped else str(event.get("wasxfail", "")),
            xfail="wasxfail" in event,
        )


def printed(longrepr: object) -> str:
    """A serialised longrepr as pytest prints it: text as it is, a skip's reason, or a traceback with its chain."""
    if isinstance(longrepr, list) and len(longrepr) == 3:
        return str(longrepr[2])
    if not isinstance(longrepr, Mapping):
        return str(longrepr or "")
    chain = longrepr.get("chain") or [[longrepr.get("reprtraceback"), longrepr.get("reprcrash"), None]]
    lines: list[str] = []
    for traceback, crash, joint in chain:
        lines += _traceback(traceback or {}, crash or {})
        if joint:
            lines += ["", str(joint), ""]
    return "\n".join(lines)


def _traceback(traceback: Mapping[str, Any], crash: Mapping[str, Any]) -> Iterator[str]:
    entries = traceback.get("reprentries") or ()
    for at, entry in enumerate(entries):
        data = entry.get("data") or {}
        place = data.get("reprfileloc") or {}
        where = f"{place.get('path', '')}:{place.get('lineno', '')}:"
        lines = [str(line) for line in data.get("lines") or ()]
        if place and data.get("style") == "short":
            yield f"{where} {place.get('message', '')}"
            yield from lines
            continue
        yield from lines
        if place:
            yield from ("", f"{where} {place.get('message', '')}".rstrip())
        if at + 1 < len(entries) and data.get("style") == "long":
            yield "_ " * 32
    if not entries and crash:
        yield f"{crash.get('path', '')}:{crash.get('lineno', '')}: {crash.get('message', '')}"


def _warned(event: Event) -> Warned:
    place = f"{event.get('filename', '')}:{event.get('lineno', 0)}"
    return Warned(category=str(event.get("category", "")), message=str(event.get("message", "")), place=place)
