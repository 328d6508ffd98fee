"""Reads the journal that gardener's own recorder writes: one JSON line per event, whole up to where the run ended."""

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

import msgspec

from gardener.model.errors import UnreadableReport
from gardener.model.run import Case, Failure, Origin, Outcome, Report
from gardener.model.text import CleanText, Redactor
from gardener.readers.logged import Warned, gather
from gardener.readers.phases import Phase, Scribe
from gardener.readers.traceback import relative

KIND = "journal"
Event = Mapping[str, Any]
Told = Mapping[str, list[Event]]  # events by their kind


def read(data: bytes, source: str, redactor: Redactor) -> Report:
    """One journal. A test that began and did not end is `lost`; one that was selected and never began is `not_run`."""
    events, broken = lines_of(data)
    told: Told = defaultdict(list)
    for event in events:
        told[str(event.get("e"))].append(event)
    if not told["boot"] and not told["phase"]:
        raise UnreadableReport(
            f"{source} is not a journal of gardener", "name a journal.jsonl that `gardener run` kept"
        )
    boot, finish = _one(told["boot"]), _one(told["finish"])
    scribe = Scribe(redactor=redactor, root=str(boot.get("root", "")))
    cases = tuple(_cases(told, scribe))
    deselected = sum(int(event.get("count", 0)) for event in told["deselected"]) - len(told["blocked"])
    return Report(
        kind=KIND,
        source=source,
        cases=cases,
        failures=(*_ends(told, cases, scribe), *gather(_warned(told, scribe.root), redactor)),
        empty_files=tuple(dict.fromkeys(redactor.clean(str(event.get("file"))) for event in told["empty"])),
        complete=bool(finish) and not broken,
        exit_code=finish.get("status"),
        collected=len(_selected(told)),
        deselected=max(0, deselected),
        root=scribe.root.replace("\\", "/"),
        started=_moment(boot.get("at")),
        duration_s=round(max(0.0, finish.get("at", 0.0) - boot.get("at", 0.0)), 3),
        python=str(boot.get("python", "")),
        pytest=str(boot.get("pytest", "")),
        platform=str(boot.get("platform", "")),
        notes=tuple(redactor.clean(note) for note in (*_notes(told), *broken)),
    )


def lines_of(data: bytes) -> tuple[list[Event], list[str]]:
    """Every line that is a JSON object; the others are counted in a note."""
    lines = [line for line in data.splitlines() if line.strip()]
    events: list[Event] = [event for line in lines if isinstance(event := decoded(line), dict)]
    broken = len(lines) - len(events)
    return events, [f"{broken} lines could not be read: the report is cut short or damaged"] if broken else []


def decoded(text: bytes) -> object:
    """JSON as plain values; None where it is none."""
    try:
        return msgspec.json.decode(text)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        try:  # a lone surrogate, which only the standard library lets pass
            return json.loads(text.decode("utf-8", "surrogatepass"))
        except (ValueError, RecursionError):
            return None


def sections(pairs: Iterable[Iterable[Any]]) -> str:
    """The captured sections of a report as one text under their headings."""
    return "\n".join(f"--- {name} ---\n{text}" for name, text in pairs)


def _one(events: list[Event]) -> Event:
    return events[-1] if events else {}


def _selected(told: Told) -> list[str]:
    return list(dict.fromkeys(str(node) for event in told["items"] for node in event.get("nodes", ())))


def _phase(event: Event) -> Phase:
    return Phase(
        node=str(event.get("node", "")),
        when=str(event.get("when", "")),
        outcome=str(event.get("outcome", "")),
        seconds=float(event.get("seconds", 0.0)),
        text=str(event.get("longrepr", "")),
        captured=sections(event.get("sections", ())),
        reason=str(event.get("reason") or event.get("wasxfail", "")),
        xfail="wasxfail" in event,
    )


def _cases(told: Told, scribe: Scribe) -> Iterator[Case]:
    for node, event in {str(event.get("node", "")): event for event in told["collect"]}.items():
        text = str(event.get("longrepr", ""))
        if event.get("outcome") == "failed":
            yield scribe.uncollected(node, text, sections(event.get("sections", ())))
        else:
            reason = scribe.redactor.keep(text.removeprefix("Skipped: "), 500)
            yield Case(node=scribe.redactor.clean(node), outcome=Outcome.SKIPPED, reason=reason)
    phases = [_phase(event) for event in told["phase"]]
    begun = dict.fromkeys(str(event.get("node", "")) for event in told["begin"])
    yield from scribe.cases(phases, begun)
    started = {*begun, *(phase.node for phase in phases)}
    for node in _selected(told):
        if node not in started:
            yield Case(node=scribe.redactor.clean(node), outcome=Outcome.NOT_RUN)
    for event in told["blocked"]:
        node, check = scribe.redactor.clean(str(event.get("node", ""))), str(event.get("check", ""))
        yield Case(node=node, outcome=Outcome.BLOCKED, blocked_by=check, reason=f"blocked by {check}")


def _ends(told: Told, cases: tuple[Case, ...], scribe: Scribe) -> Iterator[Failure]:
    """What ended the session from inside: an internal error, or a test that called `pytest.exit`."""
    running = next((case.node for case in cases if case.outcome is Outcome.LOST), "pytest")
    for event in told["internal"]:
        inner = scribe.failure(running, Origin.CRASH, str(event.get("text", "")))
        yield Failure(
            subject=running,
            origin=Origin.CRASH,
            exception=inner.exception,
            message=CleanText(f"INTERNALERROR: {inner.message}"),
            frames=inner.frames,
            detail=CleanText(f"INTERNALERROR\n{inner.detail}"),
        )
    for event in told["interrupt"]:
        if event.get("kind") == "Exit":
            words = scribe.redactor.keep(f"pytest.exit was called: {event.get('text', '')}", 2000)
            yield Failure(subject=running, origin=Origin.CRASH, exception="Exit", message=words, detail=words)


def _notes(told: Told) -> Iterator[str]:
    for event in told["note"]:
        yield str(event.get("text", ""))
    for event in told["interrupt"]:
        yield f"stopped before its end: {event.get('kind', '')}: {event.get('text', '')}".rstrip(": ")


def _warned(told: Told, root: str) -> Iterator[Warned]:
    for event in (*told["warning"], *told["log"]):
        place = f"{relative(str(event.get('file', '')), root)}:{event.get('line', 0)}"
        yield Warned(category=str(event.get("category", "")), message=str(event.get("message", "")), place=place)


def _moment(at: object) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if isinstance(at, int | float) else ""
