"""Reads JUnit XML, as pytest writes it and, as far as it goes, as others do."""

import math
import re
from collections.abc import Iterator
from dataclasses import replace
from xml.etree.ElementTree import Element, ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring

from gardener.model.errors import UnreadableReport
from gardener.model.run import Case, Failure, Origin, Outcome, Report
from gardener.model.text import Redactor
from gardener.readers.phases import LIMIT, Scribe

KIND = "junit"
_HINT = "write the report again with: pytest --junitxml=report.xml"
_WORSE = (Outcome.FAILED, Outcome.ERROR, Outcome.XPASSED, Outcome.SKIPPED, Outcome.XFAILED, Outcome.PASSED)


def read(data: bytes, source: str, redactor: Redactor) -> Report:
    """One report. JUnit XML says nothing of how the session ended; it is written only when it did."""
    try:
        root = fromstring(data, forbid_dtd=True)
    except DefusedXmlException as error:
        raise UnreadableReport(
            f"{source} declares entities or a document type, which is refused: {error}", _HINT
        ) from error
    except (ParseError, ValueError, LookupError, RecursionError) as error:
        raise UnreadableReport(f"{source} is cut short or no XML: {error}", _HINT) from error
    if root.tag not in ("testsuites", "testsuite"):
        raise UnreadableReport(f"{source} is XML, but no JUnit report: its root is <{root.tag[:40]}>", _HINT)
    suites = [root] if root.tag == "testsuite" else list(root.iter("testsuite"))
    scribe = Scribe(redactor=redactor)
    cases: dict[str, Case] = {}
    for element in root.iter("testcase"):
        case = _case(element, scribe)
        cases[case.node] = _both(cases[case.node], case) if case.node in cases else case
    claimed = sum(_number(suite, "tests") for suite in suites if suite.find("testcase") is not None)
    written = sum(1 for _ in root.iter("testcase"))
    return Report(
        kind=KIND,
        cases=tuple(cases.values()),
        complete=claimed <= written,
        started=suites[0].get("timestamp", "") if suites else "",
        duration_s=sum(_number(suite, "time") for suite in suites if suite.find("testcase") is not None),
        notes=() if claimed <= written else (f"it speaks of {claimed:g} tests and holds {written}",),
    )


def _case(element: Element, scribe: Scribe) -> Case:
    node = scribe.redactor.clean(node_of(element))
    captured = "\n".join(part.text or "" for part in element if part.tag in ("system-out", "system-err"))
    failures = tuple(_failures(element, node, captured, scribe))
    skipped = element.find("skipped")
    outcome, reason = Outcome.PASSED, ""
    if failures:
        outcome = Outcome.FAILED if any(failure.origin is Origin.CALL for failure in failures) else Outcome.ERROR
    elif skipped is not None:
        outcome = Outcome.XFAILED if skipped.get("type") == "pytest.xfail" else Outcome.SKIPPED
        reason = scribe.redactor.keep(skipped.get("message") or skipped.text or "", 500)
    return Case(node=node, outcome=outcome, duration_s=_number(element, "time"), failures=failures, reason=reason)


def _failures(element: Element, node: str, captured: str, scribe: Scribe) -> Iterator[Failure]:
    for part in element:
        if part.tag not in ("failure", "error"):
            continue
        said = part.get("message") or ""
        text = part.text or said
        failure = scribe.failure(node, _origin(part, said), text, captured)
        if failure.exception is None and part.tag == "failure" and said and not failure.frames:
            message = scribe.redactor.keep(said, LIMIT)
            failure = replace(failure, exception=part.get("type") or None, message=message)
        yield failure


def _origin(part: Element, said: str) -> Origin:
    if part.tag == "failure":
        return Origin.CALL
    if said.startswith("collection failure"):
        return Origin.COLLECTION
    if said.startswith("failed on teardown"):
        return Origin.TEARDOWN
    return Origin.SETUP if said.startswith("failed on setup") else Origin.CALL


def node_of(element: Element) -> str:
    """The node id of a testcase; the class name is taken apart where pytest left out the file."""
    name, file = element.get("name", ""), (element.get("file") or "").replace("\\", "/")
    parts = [part for part in (element.get("classname") or "").split(".") if part]
    if not parts and not file and re.fullmatch(r"[\w.]+", name):
        return f"{name.replace('.', '/')}.py"  # a file that could not be collected
    if file:
        module = [part for part in file.removesuffix(".py").split("/") if part]
        classes = parts[len(module) :] if parts[: len(module)] == module else [p for p in parts if p[:1].isupper()]
        return "::".join([file, *classes, name])
    split = next((i for i, part in enumerate(parts) if part[:1].isupper()), len(parts))
    return "::".join([f"{'/'.join(parts[:split])}.py" if split else "", *parts[split:], name]).removeprefix("::")


def _both(first: Case, second: Case) -> Case:
    """One test that stands in the report twice: its call and its teardown both failed."""
    outcome = min(first.outcome, second.outcome, key=_WORSE.index)
    return replace(
        first,
        outcome=outcome,
        duration_s=first.duration_s + second.duration_s,
        failures=first.failures + second.failures,
    )


def _number(element: Element, name: str) -> float:
    try:
        number = float((element.get(name) or "0").replace(",", ""))
    except ValueError:
        return 0.0
    return number if math.isfinite(number) else 0.0
