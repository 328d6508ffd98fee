"""What pytest-json-report writes, with all that it loses, becomes a Report."""

import json
from typing import Any

import pytest

from gardener.model.errors import UnreadableReport
from gardener.model.run import Origin, Outcome, Report
from gardener.model.text import Redactor
from gardener.readers.phases import LIMIT
from gardener.readers.pytest_json import read

pytestmark = pytest.mark.unit

ROOT = "/home/me/shop"
BROKEN = """\
tests/test_cart.py:5: in test_total
    total()
shop/cart.py:7: in total
    x
E   NameError: name 'x' is not defined"""


def stage(outcome: str = "passed", **rest: Any) -> dict[str, Any]:
    return {"outcome": outcome, "duration": 0.5, **rest}


def a_test(node: str = "tests/test_cart.py::test_total", outcome: str = "passed", **stages: Any) -> dict[str, Any]:
    given = stages or {"setup": stage(), "call": stage(), "teardown": stage()}
    return {"nodeid": node, "outcome": outcome, "lineno": 3, "keywords": ["test_total"], **given}


def report(*tests: dict[str, Any], **rest: Any) -> Report:
    whole = {
        "created": 1_757_851_260.0,
        "duration": 60.0,
        "exitcode": 1,
        "root": ROOT,
        "environment": {"Python": "3.12.1", "Platform": "Linux", "Packages": {"pytest": "8.4.0", "pluggy": "1.6"}},
        "summary": {"collected": len(tests), "total": len(tests)},
        "tests": list(tests),
    }
    return read(json.dumps(whole | rest).encode(), "report.json", Redactor({"TOKEN": "s3cr3t-value"}))


def test_a_failed_call_becomes_a_case_with_its_failure() -> None:
    found = report(a_test(outcome="failed", setup=stage(), call=stage("failed", longrepr=BROKEN)))
    case = found.cases[0]
    assert (case.node, case.outcome, case.duration_s) == ("tests/test_cart.py::test_total", Outcome.FAILED, 1.0)
    failure = case.failures[0]
    assert (failure.origin, failure.exception) == (Origin.CALL, "NameError")
    assert [frame.path for frame in failure.frames] == ["tests/test_cart.py", "shop/cart.py"]
    assert failure.detail == BROKEN


def test_the_run_is_described() -> None:
    found = report(a_test())
    assert (found.kind, found.exit_code, found.root) == ("pytest-json-report", 1, ROOT)
    assert (found.started, found.duration_s) == ("2025-09-14T12:00:00Z", 60.0)
    assert (found.python, found.pytest, found.platform) == ("3.12.1", "8.4.0", "Linux")
    assert found.complete


def test_failing_set_up_and_tear_down_are_errors() -> None:
    setup = a_test("t.py::a", "error", setup=stage("failed", longrepr=BROKEN))
    teardown = a_test("t.py::b", "error", setup=stage(), call=stage(), teardown=stage("failed", longrepr=BROKEN))
    found = report(setup, teardown)
    assert [case.outcome for case in found.cases] == [Outcome.ERROR, Outcome.ERROR]
    assert [case.failures[0].origin for case in found.cases] == [Origin.SETUP, Origin.TEARDOWN]


def test_a_test_that_failed_in_two_phases_keeps_both() -> None:
    phases = {"setup": stage(), "call": stage("failed", longrepr=BROKEN), "teardown": stage("failed", longrepr=BROKEN)}
    case = report(a_test(outcome="failed", **phases)).cases[0]
    assert [failure.origin for failure in case.failures] == [Origin.CALL, Origin.TEARDOWN]
    assert case.outcome is Outcome.FAILED


def test_a_test_that_was_interrupted_after_its_set_up_is_lost_though_the_report_calls_it_passed() -> None:
    found = report(a_test(outcome="passed", setup=stage()))
    assert found.cases[0].outcome is Outcome.LOST
    assert not found.complete


def test_a_worker_that_died_is_a_crash() -> None:
    died = stage("failed", longrepr="worker 'gw0' crashed while running 'tests/test_cart.py::test_total'")
    case = report(a_test(outcome="failed", **{"???": died})).cases[0]
    assert case.failures[0].origin is Origin.CRASH
    assert "gw0" in case.failures[0].message


def test_skipped_and_expected_failures_are_no_failures() -> None:
    skipped = a_test("t.py::a", "skipped", setup=stage("skipped", longrepr="('t.py', 3, 'Skipped: not here')"))
    expected = a_test("t.py::b", "xfailed", setup=stage(), call=stage("skipped", longrepr=BROKEN))
    found = report(skipped, expected)
    assert [case.outcome for case in found.cases] == [Outcome.SKIPPED, Outcome.XFAILED]
    assert "not here" in found.cases[0].reason
    assert not any(case.failures for case in found.cases)


def test_a_file_that_cannot_be_collected_is_one_test_with_its_id() -> None:
    text = f"ImportError while importing test module '{ROOT}/tests/test_cart.py'.\nTraceback:\n"
    text += "tests/test_cart.py:1: in <module>\n    import shop\nE   ModuleNotFoundError: No module named 'shop'"
    collector = {"nodeid": "tests/test_cart.py", "outcome": "failed", "result": [], "longrepr": text}
    case = report(collectors=[collector], exitcode=2).cases[0]
    assert (case.node, case.outcome) == ("tests/test_cart.py", Outcome.ERROR)
    assert (case.failures[0].origin, case.failures[0].exception) == (Origin.COLLECTION, "ModuleNotFoundError")


def test_a_selected_file_without_tests_is_told() -> None:
    items = [{"nodeid": "tests/test_a.py::test_x", "type": "Function"}]
    collectors = [
        {"nodeid": "tests/test_a.py", "outcome": "passed", "result": items},
        {"nodeid": "tests/test_b.py", "outcome": "passed", "result": []},
        {
            "nodeid": "tests/test_c.py",
            "outcome": "passed",
            "result": [{"nodeid": "tests/test_c.py::TestC", "type": "Class"}],
        },
        {"nodeid": "tests/test_c.py::TestC", "outcome": "passed", "result": []},
    ]
    assert report(a_test("tests/test_a.py::test_x"), collectors=collectors).empty_files == (
        "tests/test_b.py",
        "tests/test_c.py",
    )


def test_the_same_warning_at_two_places_is_one_failure_with_both() -> None:
    def warned(path: str, line: int) -> dict[str, Any]:
        text = "utcnow() is deprecated"
        return {"message": text, "category": "DeprecationWarning", "when": "runtest", "filename": path, "lineno": line}

    places = [warned(f"{ROOT}/shop/a.py", 4), warned(f"{ROOT}/shop/b.py", 9), warned(f"{ROOT}/shop/a.py", 4)]
    (failure,) = report(a_test(), warnings=places).failures
    assert (failure.origin, failure.exception, failure.count) == (Origin.WARNING, "DeprecationWarning", 3)
    assert failure.places == ("shop/a.py:4", "shop/b.py:9")
    assert failure.subject == "shop/a.py"


def test_warnings_in_the_log_of_a_passing_test_are_heard() -> None:
    record = {
        "levelname": "WARNING",
        "msg": "Found other Cart classes: [a.Cart]",
        "pathname": f"{ROOT}/shop/a.py",
        "lineno": 3,
    }
    quiet = {"levelname": "INFO", "msg": "all is well", "pathname": f"{ROOT}/shop/a.py", "lineno": 4}
    (failure,) = report(a_test(setup=stage(log=[record, quiet]), call=stage())).failures
    assert failure.message == "Found other Cart classes: [a.Cart]"
    assert failure.places == ("shop/a.py:3",)


def test_captured_output_is_kept_and_secrets_are_not() -> None:
    phase = stage("failed", longrepr=f"{BROKEN} s3cr3t-value", stdout="out s3cr3t-value", stderr="err")
    failure = report(a_test("t.py::a[s3cr3t-value]", "failed", setup=stage(), call=phase)).cases[0].failures[0]
    assert "err" in failure.captured
    assert "s3cr3t" not in f"{failure.subject} {failure.message} {failure.detail} {failure.captured}"


def test_long_texts_keep_head_and_tail() -> None:
    phase = stage("failed", longrepr=f"head {'x' * 300_000} tail")
    detail = report(a_test(outcome="failed", setup=stage(), call=phase)).cases[0].failures[0].detail
    assert len(detail) < LIMIT + 100
    assert detail.startswith("head")
    assert detail.endswith("tail")


def test_deselected_tests_are_not_missed_but_unreached_ones_are() -> None:
    assert report(a_test(), summary={"collected": 5, "deselected": 4}).complete
    found = report(a_test(), summary={"collected": 5})
    assert not found.complete
    assert "5 tests were selected, 1 are in the report" in found.notes


def test_the_traceback_that_a_record_was_logged_with_stands_in_the_log() -> None:
    traced = 'Traceback (most recent call last):\n  File "/w/shop/cart.py", line 7, in total\n    x\nKeyError: 3'
    record = {
        "levelname": "ERROR",
        "name": "shop",
        "filename": "cart.py",
        "lineno": 9,
        "msg": "lost",
        "exc_text": traced,
    }
    call = stage("failed", longrepr=BROKEN) | {"log": [record]}
    failure = report(a_test(outcome="failed", setup=stage(), call=call)).cases[0].failures[0]
    assert [(link.exception, link.message) for link in failure.printed] == [("KeyError", "3")]


def test_a_lone_surrogate_does_not_spoil_the_report() -> None:
    whole = json.dumps({"tests": [a_test(outcome="failed", setup=stage(), call=stage("failed", longrepr=BROKEN))]})
    spoiled = whole.replace("name 'x'", "name '\\udc80'").encode()
    assert len(read(spoiled, "report.json", Redactor()).cases) == 1


@pytest.mark.parametrize("data", [b"", b'{"tests": [', b'{"tests": 3}', b"[]", b"\xff\xfe", b"[" * 200_000])
def test_what_is_no_report_is_refused_by_name_with_a_hint(data: bytes) -> None:
    with pytest.raises(UnreadableReport, match=r"report\.json") as caught:
        read(data, "report.json", Redactor())
    assert "--json-report" in caught.value.hint
