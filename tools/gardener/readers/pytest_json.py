"""Reads what pytest-json-report writes."""

import json
from collections.abc import Iterator
from typing import Any

import msgspec

from gardener.model.errors import UnreadableReport
from gardener.model.run import Case, Failure, Origin, Outcome, Report, moment
from gardener.model.text import Redactor
from gardener.readers.logged import Warned, gather
from gardener.readers.phases import Scribe
from gardener.readers.traceback import relative

KIND = "pytest-json-report"
_OUTCOMES = {str(outcome): outcome for outcome in Outcome}
_HINT = "write the report again with: pytest --json-report --json-report-file=report.json"


class _Crash(msgspec.Struct, gc=False):
    path: str = ""
    lineno: int | None = None
    message: str = ""


class _Record(msgspec.Struct, gc=False):
    """A log record, as far as it is of use here."""

    msg: Any = ""
    levelname: str = ""
    name: str = ""
    pathname: str = ""
    filename: str = ""
    lineno: int = 0
    exc_text: str | None = None  # the traceback that was logged with it


class _Stage(msgspec.Struct, gc=False):
    outcome: str = ""
    duration: float = 0.0
    crash: _Crash | None = None
    longrepr: str = ""
    stdout: str = ""
    stderr: str = ""
    log: list[_Record] = []


class _Test(msgspec.Struct, gc=False):
    nodeid: str
    outcome: str = ""
    setup: _Stage | None = None
    call: _Stage | None = None
    teardown: _Stage | None = None
    crashed: _Stage | None = msgspec.field(name="???", default=None)  # an xdist worker that died


class _Item(msgspec.Struct, gc=False):
    nodeid: str = ""


class _Collector(msgspec.Struct, gc=False):
    nodeid: str = ""
    outcome: str = ""
    longrepr: str = ""
    result: list[_Item] = []


class _Warning(msgspec.Struct, gc=False):
    message: str = ""
    category: str = ""
    filename: str = ""
    lineno: int = 0


class _Summary(msgspec.Struct, gc=False):
    collected: int | None = None
    deselected: int = 0


class _Root(msgspec.Struct, gc=False):
    tests: list[_Test]
    summary: _Summary = msgspec.field(default_factory=_Summary)
    root: str = ""
    created: float = 0.0
    duration: float = 0.0
    exitcode: int | None = None
    environment: dict[str, Any] = {}
    collectors: list[_Collector] = []
    warnings: list[_Warning] = []


def read(data: bytes, source: str, redactor: Redactor) -> Report:
    """One report. A test that never got through its call is `lost`; UnreadableReport when it is cut or no report."""
    root = _decode(data, source)
    scribe = Scribe(redactor=redactor, root=root.root)
    cases = tuple(_case(test, scribe) for test in root.tests)
    broken = tuple(
        scribe.uncollected(item.nodeid, item.longrepr) for item in root.collectors if item.outcome == "failed"
    )
    collected = root.summary.collected
    selected = None if collected is None else collected - root.summary.deselected
    notes = tuple(_oddities(cases, selected, root))
    return Report(
        kind=KIND,
        cases=broken + cases,
        failures=gather(_warned(root), redactor),
        empty_files=tuple(_empty_files(root.collectors)),
        complete=not notes,
        exit_code=root.exitcode,
        deselected=root.summary.deselected,
        root=root.root.replace("\\", "/"),
        started=moment(root.created and root.created - root.duration),
        duration_s=root.duration,
        python=str(root.environment.get("Python", "")),
        pytest=str(_packages(root).get("pytest", "")),
        platform=str(root.environment.get("Platform", "")),
        notes=notes,
    )


def _decode(data: bytes, source: str) -> _Root:
    try:
        return msgspec.json.decode(data, type=_Root)
    except msgspec.ValidationError as error:
        raise UnreadableReport(f"{source} is not a pytest-json-report: {error}", _HINT) from error
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        strict = error
    try:  # a lone surrogate, which only the standard library lets pass
        return msgspec.convert(json.loads(data.decode("utf-8", "surrogatepass")), type=_Root)
    except (ValueError, RecursionError, msgspec.ValidationError) as error:
        raise UnreadableReport(f"{source} is cut short or no JSON: {strict}", _HINT) from error


def _case(test: _Test, scribe: Scribe) -> Case:
    stages = (
        (Origin.SETUP, test.setup),
        (Origin.CALL, test.call),
        (Origin.TEARDOWN, test.teardown),
        (Origin.CRASH, test.crashed),
    )
    failures = tuple(
        scribe.failure(test.nodeid, origin, _told(stage), _captured(stage))
        for origin, stage in stages
        if stage is not None and stage.outcome == "failed"
    )
    present = [stage for _, stage in stages if stage is not None]
    outcome = _outcome(test, failures)
    skipped = next((stage.longrepr for stage in present if stage.outcome == "skipped"), "")
    return Case(
        node=failures[0].subject if failures else scribe.redactor.clean(test.nodeid),
        outcome=outcome,
        duration_s=round(sum([stage.duration for stage in present]), 6),
        failures=failures if outcome in (Outcome.FAILED, Outcome.ERROR) else (),
        reason=scribe.redactor.keep(skipped, 500),
    )


def _outcome(test: _Test, failures: tuple[Failure, ...]) -> Outcome:
    if test.outcome == "passed" and (test.call is None or test.call.outcome != "passed"):
        return Outcome.LOST  # interrupted: the report calls it passed after its set-up alone
    if failures and all(failure.origin is not Origin.CALL for failure in failures):
        return Outcome.ERROR
    return _OUTCOMES.get(test.outcome, Outcome.FAILED)


def _told(stage: _Stage) -> str:
    if stage.longrepr or stage.crash is None:
        return stage.longrepr
    return f"{stage.crash.path}:{stage.crash.lineno}: {stage.crash.message}"


def _captured(stage: _Stage) -> str:
    logged = "\n".join(
        f"{line.levelname:<8} {line.name}:{line.filename}:{line.lineno} {line.msg}\n{line.exc_text or ''}".rstrip("\n")
        for line in stage.log
    )
    return "\n".join(part for part in (stage.stdout, stage.stderr, logged) if part)


def _warned(root: _Root) -> Iterator[Warned]:
    for item in root.warnings:
        place = f"{relative(item.filename, root.root)}:{item.lineno}"
        yield Warned(category=item.category, message=item.message, place=place)
    for test in root.tests:
        for stage in (test.setup, test.call, test.teardown):
            for record in stage.log if stage else ():
                if record.levelname == "WARNING":
                    place = f"{relative(record.pathname or record.filename, root.root)}:{record.lineno}"
                    yield Warned(category="", message=str(record.msg), place=place)


def _empty_files(collectors: list[_Collector]) -> Iterator[str]:
    parents = {item.nodeid for item in collectors}
    filled = {leaf.nodeid.split("::")[0] for item in collectors for leaf in item.result if leaf.nodeid not in parents}
    for item in collectors:
        name = item.nodeid.rpartition("/")[2]
        named = name.endswith("_test.py") or (name.startswith("test_") and name.endswith(".py"))
        # other modules are collected too, for their doctests say, and mostly hold none
        if item.outcome == "passed" and named and item.nodeid not in filled:
            yield item.nodeid


def _oddities(cases: tuple[Case, ...], selected: int | None, root: _Root) -> Iterator[str]:
    if selected is not None and selected > len(cases):
        yield f"{selected} tests were selected, {len(cases)} are in the report"
    lost = sum(case.outcome is Outcome.LOST for case in cases)
    if lost:
        yield f"{lost} tests never ended"
    if root.exitcode in (3, 4):
        yield f"pytest ended with {root.exitcode}: internal error or wrong usage"
    red = any(case.failures for case in cases)
    if root.exitcode == 0 and red:
        yield "pytest ended with 0, yet tests failed"


def _packages(root: _Root) -> dict[str, Any]:
    packages = root.environment.get("Packages")
    return packages if isinstance(packages, dict) else {}
