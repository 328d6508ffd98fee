"""JUnit XML: node ids as pytest names them, whatever the writer left out."""

from xml.etree.ElementTree import Element

import pytest

from gardener.model.run import Case, Origin, Outcome, Report
from gardener.model.text import Redactor
from gardener.readers import junit

pytestmark = pytest.mark.unit


def read(*cases: str, tests: int | None = None) -> Report:
    count = len(cases) if tests is None else tests
    xml = f'<testsuite tests="{count}" timestamp="2025-09-14T11:59:00">{"".join(cases)}</testsuite>'
    return junit.read(f"<testsuites>{xml}</testsuites>".encode(), "report.xml", Redactor())


def only(report: Report) -> Case:
    (case,) = report.cases
    return case


def case(**attributes: str) -> Element:
    return Element("testcase", attributes)


@pytest.mark.parametrize(
    ("element", "node"),
    [
        (case(classname="tests.unit.test_a", name="test_x[1-2]"), "tests/unit/test_a.py::test_x[1-2]"),
        (case(classname="tests.test_a.TestB.TestC", name="test_x"), "tests/test_a.py::TestB::TestC::test_x"),
        (case(classname="tests.test_a.TestB", name="test_x", file="tests/test_a.py"), "tests/test_a.py::TestB::test_x"),
        (case(classname="test_a", name="test_x", file="tests\\test_a.py"), "tests/test_a.py::test_x"),
        (case(classname="", name="tests.test_broken"), "tests/test_broken.py"),
        (case(name="a sentence of another tool"), "a sentence of another tool"),
        (case(classname="Suite of another", name="works"), "Suite of another::works"),
    ],
)
def test_a_node_id_is_put_together_from_what_is_there(element: Element, node: str) -> None:
    assert junit.node_of(element) == node


@pytest.mark.parametrize(
    ("inner", "outcome", "origin"),
    [
        ("", Outcome.PASSED, None),
        ('<failure message="assert 0">E   assert 0</failure>', Outcome.FAILED, Origin.CALL),
        ('<error message="failed on setup with x">E   ValueError: x</error>', Outcome.ERROR, Origin.SETUP),
        ('<error message="failed on teardown with x">E   ValueError: x</error>', Outcome.ERROR, Origin.TEARDOWN),
        ('<error message="collection failure">E   ImportError: x</error>', Outcome.ERROR, Origin.COLLECTION),
        ('<skipped type="pytest.skip" message="later"/>', Outcome.SKIPPED, None),
        ('<skipped type="pytest.xfail" message="known"/>', Outcome.XFAILED, None),
    ],
)
def test_outcomes_are_told_apart(inner: str, outcome: Outcome, origin: Origin | None) -> None:
    found = only(read(f'<testcase classname="t" name="a" time="0.5">{inner}</testcase>'))
    assert (found.outcome, found.duration_s) == (outcome, 0.5)
    assert [failure.origin for failure in found.failures] == ([origin] if origin else [])


def test_a_traceback_and_the_output_are_read() -> None:
    text = "def test_a():\n&gt;   raise ValueError('no')\nE   ValueError: no\n\nt.py:2: ValueError"
    body = f'<failure message="ValueError: no">{text}</failure><system-out>said</system-out>'
    (failure,) = only(read(f'<testcase classname="t" name="a">{body}</testcase>')).failures
    assert (failure.exception, failure.message, failure.captured) == ("ValueError", "no", "said")
    assert failure.frames[-1].path == "t.py"


def test_a_failure_of_another_tool_keeps_its_type_and_message() -> None:
    body = '<failure message="expected 1 but was 2" type="ComparisonFailure"/>'
    (failure,) = only(read(f'<testcase classname="Suite" name="a">{body}</testcase>')).failures
    assert failure.message == "expected 1 but was 2"


def test_one_test_whose_call_and_teardown_failed_is_one_case() -> None:
    first = '<testcase classname="t" name="a"><failure message="x">E   x</failure></testcase>'
    second = '<testcase classname="t" name="a"><error message="failed on teardown with y">E   y</error></testcase>'
    found = only(read(first, second))
    assert (found.outcome, [f.origin for f in found.failures]) == (Outcome.FAILED, [Origin.CALL, Origin.TEARDOWN])


def test_a_report_that_holds_fewer_tests_than_it_says_is_not_complete() -> None:
    report = read('<testcase classname="t" name="a"/>', tests=3)
    assert not report.complete
    assert report.notes == ("it speaks of 3 tests and holds 1",)


def test_secrets_are_masked() -> None:
    token = "ghp_" + "a1B2" * 9
    report = read(f'<testcase classname="t" name="a[{token}]"><failure message="{token}">{token}</failure></testcase>')
    assert token not in repr(report)
