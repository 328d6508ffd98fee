"""The journal tells what began, what ended and what was never reached, wherever it stops."""

import json
from typing import Any

import pytest

from gardener.model.errors import UnreadableReport
from gardener.model.run import Case, Origin, Outcome, Report
from gardener.model.text import Redactor
from gardener.readers import journal

pytestmark = pytest.mark.unit

BOOT = {"e": "boot", "at": 1757851140.0, "root": "/repo", "python": "3.12.1", "pytest": "8.3.0", "platform": "Linux"}
FINISH = {"e": "finish", "status": 1, "at": 1757851150.5}


def read(*events: dict[str, Any], redactor: Redactor | None = None) -> Report:
    data = "".join(f"{json.dumps(event)}\n" for event in events).encode()
    return journal.read(data, "journal.jsonl", redactor or Redactor())


def phases(node: str, *pairs: tuple[str, str], **more: Any) -> list[dict[str, Any]]:
    last = {"longrepr": "E   assert 0\n\n/repo/tests/test_a.py:3: AssertionError"}
    begin = {"e": "begin", "node": node}
    told = [{"e": "phase", "node": node, "when": when, "outcome": outcome} for when, outcome in pairs]
    return [begin, *(event | (last | more if event["outcome"] == "failed" else {}) for event in told)]


PASSED = (("setup", "passed"), ("call", "passed"), ("teardown", "passed"))
FAILED = (("setup", "passed"), ("call", "failed"), ("teardown", "passed"))


def outcomes(report: Report) -> dict[str, Outcome]:
    return {case.node: case.outcome for case in report.cases}


def only(report: Report) -> Case:
    (case,) = report.cases
    return case


def test_facts_of_the_session_are_told() -> None:
    report = read(BOOT, *phases("t.py::a", *PASSED), FINISH)
    assert (report.kind, report.root, report.python, report.pytest) == ("journal", "/repo", "3.12.1", "8.3.0")
    assert (report.started, report.duration_s) == ("2025-09-14T11:59:00Z", 10.5)
    assert (report.exit_code, report.complete) == (1, True)


def test_a_journal_that_stops_tells_what_was_running_and_what_was_never_reached() -> None:
    report = read(
        BOOT,
        {"e": "items", "nodes": ["t.py::a", "t.py::b", "t.py::c"]},
        *phases("t.py::a", *PASSED),
        *phases("t.py::b", ("setup", "passed")),
    )
    assert outcomes(report) == {"t.py::a": Outcome.PASSED, "t.py::b": Outcome.LOST, "t.py::c": Outcome.NOT_RUN}
    assert (report.complete, report.exit_code) == (False, None)


@pytest.mark.parametrize(
    ("told", "outcome"),
    [
        (PASSED, Outcome.PASSED),
        (FAILED, Outcome.FAILED),
        ((("setup", "failed"), ("teardown", "passed")), Outcome.ERROR),
        ((("setup", "passed"), ("call", "passed"), ("teardown", "failed")), Outcome.ERROR),
        ((("setup", "passed"), ("call", "failed"), ("teardown", "failed")), Outcome.FAILED),
        ((("setup", "passed"), ("call", "failed")), Outcome.FAILED),
        ((("setup", "passed"), ("call", "passed")), Outcome.LOST),
        ((("setup", "skipped"), ("teardown", "passed")), Outcome.SKIPPED),
        ((("setup", "passed"), ("???", "failed")), Outcome.FAILED),
        ((("setup", "passed"), ("teardown", "passed")), Outcome.NOT_RUN),
        ((), Outcome.LOST),
    ],
)
def test_only_what_passed_its_call_and_came_to_its_end_has_passed(told: tuple[Any, ...], outcome: Outcome) -> None:
    assert only(read(BOOT, *phases("t.py::a", *told), FINISH)).outcome is outcome


@pytest.mark.parametrize(("call", "outcome"), [("skipped", Outcome.XFAILED), ("passed", Outcome.XPASSED)])
def test_expected_failures_are_told_apart_even_without_a_reason(call: str, outcome: Outcome) -> None:
    events = phases("t.py::a", ("setup", "passed"), ("call", call), ("teardown", "passed"))
    events[2]["wasxfail"] = ""
    assert only(read(BOOT, *events, FINISH)).outcome is outcome


def test_a_failure_is_read_from_its_traceback() -> None:
    (failure,) = only(
        read(BOOT, *phases("t.py::a", *FAILED, sections=[["Captured stdout call", "hi"]]), FINISH)
    ).failures
    assert (failure.origin, failure.exception, failure.message) == (Origin.CALL, "AssertionError", "assert 0")
    assert failure.frames[-1].path == "tests/test_a.py"
    assert failure.captured == "--- Captured stdout call ---\nhi"


def test_every_attempt_of_a_test_that_is_run_again_keeps_its_failure() -> None:
    again = (("setup", "passed"), ("call", "rerun"), ("teardown", "passed"))
    events = [*phases("t.py::a", *again, longrepr="E   first"), *phases("t.py::a", *PASSED)]
    report = read(BOOT, *events, FINISH)
    assert [(case.attempt, case.outcome, len(case.failures)) for case in report.cases] == [
        (1, Outcome.FAILED, 1),
        (2, Outcome.PASSED, 0),
    ]


def test_subtests_of_one_test_are_failures_of_it() -> None:
    told = (("setup", "passed"), ("call", "failed"), ("call", "failed"), ("call", "passed"), ("teardown", "passed"))
    case = only(read(BOOT, *phases("t.py::a", *told), FINISH))
    assert (case.outcome, len(case.failures)) == (Outcome.FAILED, 2)


def test_a_file_that_cannot_be_collected_is_one_test() -> None:
    error = "ImportError while importing test module '/repo/t.py'.\nE   ModuleNotFoundError: No module named 'x'"
    report = read(BOOT, {"e": "collect", "node": "t.py", "outcome": "failed", "longrepr": error}, FINISH)
    assert only(report).failures[0].origin is Origin.COLLECTION
    assert only(report).failures[0].exception == "ModuleNotFoundError"


def test_blocked_and_deselected_tests_are_counted_apart() -> None:
    report = read(BOOT, {"e": "blocked", "node": "t.py::a", "check": "engine"}, {"e": "deselected", "count": 3}, FINISH)
    assert (only(report).outcome, only(report).blocked_by) == (Outcome.BLOCKED, "engine")
    assert report.deselected == 2


def test_warnings_and_log_lines_are_told_once_with_their_places() -> None:
    warned = {"e": "warning", "category": "DeprecationWarning", "message": "old", "file": "/repo/a.py"}
    logged = {"e": "log", "message": "SSOT WARNING", "file": "/repo/b.py", "line": 7}
    report = read(BOOT, warned | {"line": 1}, warned | {"line": 2}, logged, logged, FINISH)
    assert [(f.exception, f.places, f.count) for f in report.failures] == [
        ("DeprecationWarning", ("a.py:1", "a.py:2"), 2),
        (None, ("b.py:7",), 2),
    ]


def test_a_cut_last_line_costs_only_itself() -> None:
    data = f"{json.dumps(BOOT)}\n" + "".join(f"{json.dumps(e)}\n" for e in phases("t.py::a", *PASSED)) + '{"e": "fin'
    report = journal.read(data.encode(), "j", Redactor())
    assert outcomes(report) == {"t.py::a": Outcome.PASSED}
    assert not report.complete
    assert "1 lines could not be read" in report.notes[0]


def test_a_lone_surrogate_is_read_and_shown() -> None:
    data = json.dumps(BOOT) + '\n{"e": "note", "text": "\\udc80"}\n'
    assert journal.read(data.encode(), "j", Redactor()).notes == ("\\udc80",)


def test_secrets_are_masked_wherever_they_stand() -> None:
    secret = "k9-very-secret"
    node = f"tests/test_{secret}.py::test_a[{secret}]"
    report = read(
        BOOT,
        {"e": "items", "nodes": [node, f"{node}2"]},
        {"e": "empty", "file": f"test_{secret}.py"},
        {"e": "note", "text": secret},
        {"e": "internal", "text": secret},
        {"e": "interrupt", "kind": "Exit", "text": secret},
        {"e": "blocked", "node": f"{node}3", "check": "engine"},
        {"e": "collect", "node": f"{secret}.py", "outcome": "skipped", "longrepr": secret},
        {"e": "log", "message": secret, "file": f"/repo/{secret}.py", "line": 1},
        *phases(node, *FAILED, longrepr=f"E   {secret}", sections=[["out", secret]]),
        redactor=Redactor({"KEY": secret}),
    )
    assert secret not in repr(report)
    assert repr(report).count("«redacted:KEY»") > 10


def test_what_is_no_journal_is_refused() -> None:
    with pytest.raises(UnreadableReport):
        read({"e": "other"})
