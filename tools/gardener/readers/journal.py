"""Reads the journal that gardener's own recorder writes: one JSON line per event, whole up to where the run ended."""

from collections import defaultdict
from collections.abc import Iterator, Mapping

import msgspec

from gardener.model.errors import UnreadableReport
from gardener.model.run import Case, Failure, Origin, Outcome, Report, moment
from gardener.model.text import CleanText, Redactor
from gardener.readers.lines import events_of, sections
from gardener.readers.logged import Warned, gather, warnings_in
from gardener.readers.phases import Phase, Scribe
from gardener.readers.traceback import relative

KIND = "journal"


class Event(msgspec.Struct):
    """Any event of the recorder; `e` is its kind, and each kind has some of the rest."""

    e: str
    node: str = ""
    nodes: list[str] = []
    at: float = 0.0
    root: str = ""
    python: str = ""
    pytest: str = ""
    platform: str = ""
    outcome: str = ""
    longrepr: str = ""
    sections: list[tuple[str, str]] = []
    when: str = ""
    seconds: float = 0.0
    reason: str = ""
    wasxfail: str | None = None
    check: str = ""
    category: str = ""
    message: str = ""
    file: str = ""
    line: int = 0
    count: int = 0
    kind: str = ""
    text: str = ""
    status: int | None = None


Told = Mapping[str, list[Event]]  # events by their kind


def read(data: bytes, source: str, redactor: Redactor) -> Report:
    """One journal. A test that began and did not end is `lost`; one that was selected and never began is `not_run`."""
    events, broken = events_of(data, Event)
    told: Told = defaultdict(list)
    for event in events:
        told[event.e].append(event)
    if not told["boot"] and not told["phase"]:
        raise UnreadableReport(
            f"{source} is not a journal of gardener", "name a journal.jsonl that `gardener run` kept"
        )
    boot, finish = [*told["boot"], Event(e="")][0], [Event(e=""), *told["finish"]][-1]
    scribe = Scribe(redactor=redactor, root=boot.root)
    cases = tuple(_cases(told, scribe))
    return Report(
        kind=KIND,
        cases=cases,
        failures=(*_ends(told, cases, scribe), *gather(_warned(told, boot.root), redactor)),
        empty_files=tuple(dict.fromkeys(redactor.clean(event.file) for event in told["empty"])),
        complete=finish.status is not None and not broken,
        exit_code=finish.status,
        deselected=max(0, sum(event.count for event in told["deselected"]) - len(told["blocked"])),
        root=boot.root.replace("\\", "/"),
        started=moment(boot.at),
        duration_s=round(max(0.0, finish.at - boot.at), 3),
        python=boot.python,
        pytest=boot.pytest,
        platform=boot.platform,
        notes=tuple(redactor.clean(note) for note in (*_notes(told), *broken)),
    )


def _selected(told: Told) -> list[str]:
    return list(dict.fromkeys(node for event in told["items"] for node in event.nodes))


def _phase(event: Event) -> Phase:
    return Phase(
        node=event.node,
        when=event.when,
        outcome=event.outcome,
        seconds=event.seconds,
        text=event.longrepr,
        captured=sections(event.sections),
        reason=event.reason or event.wasxfail or "",
        xfail=event.wasxfail is not None,
    )


def _cases(told: Told, scribe: Scribe) -> Iterator[Case]:
    for node, event in {event.node: event for event in told["collect"]}.items():
        if event.outcome == "failed":
            yield scribe.uncollected(node, event.longrepr, sections(event.sections))
        else:
            yield scribe.skipped(node, event.longrepr)
    phases = [_phase(event) for event in told["phase"]]
    begun = dict.fromkeys(event.node for event in told["begin"])
    yield from scribe.cases(phases, begun)
    started = {*begun, *(phase.node for phase in phases)}
    for node in _selected(told):
        if node not in started:
            yield Case(node=scribe.redactor.clean(node), outcome=Outcome.NOT_RUN)
    for event in told["blocked"]:
        node, reason = scribe.redactor.clean(event.node), f"blocked by {event.check}"
        yield Case(node=node, outcome=Outcome.BLOCKED, blocked_by=event.check, reason=reason)


def _ends(told: Told, cases: tuple[Case, ...], scribe: Scribe) -> Iterator[Failure]:
    """What ended the session from inside: an internal error, or a test that called `pytest.exit`."""
    running = next((case.node for case in cases if case.outcome is Outcome.LOST), "pytest")
    for event in told["internal"]:
        inner = scribe.failure(running, Origin.CRASH, event.text)
        yield Failure(
            subject=running,
            origin=Origin.CRASH,
            exception=inner.exception,
            message=CleanText(f"INTERNALERROR: {inner.message}"),
            frames=inner.frames,
            detail=CleanText(f"INTERNALERROR\n{inner.detail}"),
        )
    for event in told["interrupt"]:
        if event.kind == "Exit":
            words = scribe.redactor.keep(f"pytest.exit was called: {event.text}", 2000)
            yield Failure(subject=running, origin=Origin.CRASH, exception="Exit", message=words, detail=words)


def _notes(told: Told) -> Iterator[str]:
    for event in told["note"]:
        yield event.text
    for event in told["interrupt"]:
        yield f"stopped before its end: {event.kind}: {event.text}".rstrip(": ")


def _warned(told: Told, root: str) -> Iterator[Warned]:
    heard = tuple(event.message for event in told["log"] if event.message)
    for event in (*told["warning"], *told["log"]):
        yield Warned(category=event.category, message=event.message, place=f"{relative(event.file, root)}:{event.line}")
    for event in told["printed"]:
        printed = warnings_in(event.text, relative(event.file, root))
        yield from (warned for warned in printed if not warned.message.endswith(heard))
