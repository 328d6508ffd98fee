"""The severity table: which row decides, and what it says."""

import re
from pathlib import Path

import build
import pytest

from gardener.model.cause import Cause
from gardener.model.finding import Finding, Kind, Nature, Past, Verdict
from gardener.model.focus import Focus, Severity
from gardener.model.policy import Impact, Policy
from gardener.triage.severity import ROWS, Suite, judge_severity, matches

pytestmark = pytest.mark.unit

UNIT = Focus(name="unit", severity=Severity.P2)
CLASS_OF_FOUR = tuple(f"tests/test_cart.py::TestCart::test_{n}" for n in range(4))
ELSEWHERE = tuple(f"tests/test_other.py::test_{n}" for n in range(20))


def judged(finding: Finding, policy: Policy | None = None, held_up: int = 0, focus: Focus = UNIT) -> Finding:
    return judge_severity(finding, focus, policy or Policy(), Suite.of([*CLASS_OF_FOUR, *ELSEWHERE]), held_up)


def failing(*tests: str, **rest: object) -> Finding:
    return build.finding(tests=tests or CLASS_OF_FOUR[:1], **rest)


def test_a_failure_like_any_other_has_the_usual_severity_of_its_focus() -> None:
    assert judged(failing()).severity is Severity.P2


def test_a_product_regression_is_one_above_the_usual() -> None:
    assert judged(failing(nature=Nature.REGRESSION)).severity is Severity.P1


def test_a_regression_of_the_test_suite_alone_stays_at_the_usual() -> None:
    assert judged(failing(nature=Nature.REGRESSION, cause=Cause.MOCK_MISMATCH)).severity is Severity.P2


def test_a_warning_is_one_below_the_usual_because_no_test_fails_by_it() -> None:
    assert judged(failing(kind=Kind.WARNING, cause=Cause.DEPRECATION)).severity is Severity.P3


def test_a_flaky_finding_is_one_below_the_usual_unless_it_fails_in_half_of_its_runs() -> None:
    rarely = judged(failing(nature=Nature.FLAKY, past=Past(runs_failed=4, runs_passed=6)))
    assert rarely.severity is Severity.P3
    assert "half of its runs" in rarely.raise_next
    assert judged(failing(nature=Nature.FLAKY, past=Past(runs_failed=5, runs_passed=5))).severity is Severity.P2
    assert judged(failing(nature=Nature.FLAKY, past=Past(runs_failed=1))).severity is Severity.P3


def test_what_keeps_every_held_up_test_from_running_is_p0() -> None:
    found = judged(failing(blocked=("a", "b"), kind=Kind.INFRASTRUCTURE, cause=Cause.DOCKER_BUILD), held_up=2)
    assert found.severity is Severity.P0
    assert "2 of 2 held-up tests" in found.why.severity


def test_what_keeps_some_of_the_held_up_tests_from_running_is_one_above_the_usual() -> None:
    found = judged(failing(blocked=("a",), kind=Kind.INFRASTRUCTURE, cause=Cause.DOCKER_IMAGE), held_up=5)
    assert found.severity is Severity.P1


@pytest.mark.parametrize(("failing_tests", "severity"), [(4, Severity.P0), (2, Severity.P0), (1, Severity.P1)])
def test_a_critical_class_is_p0_from_half_of_its_tests(failing_tests: int, severity: Severity) -> None:
    policy = Policy(impacts=(Impact(match="tests/test_cart.py", text="the shop", critical=True),))
    found = judged(failing(*CLASS_OF_FOUR[:failing_tests]), policy)
    assert found.severity is severity
    assert found.impact == "the shop"


def test_failing_half_of_a_focus_is_one_above_the_usual() -> None:
    assert judged(failing(*ELSEWHERE[:12])).severity is Severity.P1


def test_a_users_rule_decides_before_everything_else() -> None:
    verdict = Verdict(cause=Cause.ASSERTION, rule="rules[1]", severity=Severity.P3)
    found = judged(failing(*ELSEWHERE, verdict=verdict))
    assert found.severity is Severity.P3
    assert "settings" in found.why.severity


def test_a_cause_with_a_configured_severity_has_that() -> None:
    assert judged(failing(), Policy(severities=((Cause.ASSERTION, Severity.P0),))).severity is Severity.P0


def test_every_severity_says_why_and_what_would_raise_it() -> None:
    for nature in Nature:
        for kind in Kind:
            found = judged(failing(nature=nature, kind=kind))
            assert found.why.severity
            assert found.raise_next


@pytest.mark.parametrize(
    ("pattern", "node", "expected"),
    [
        ("tests/**/test_websocket*", "tests/test_websocket_events.py::test_a", True),
        ("tests/**/test_websocket*", "tests/deep/er/test_websocket.py::T::t", True),
        ("tests/**/test_websocket*", "tests/test_auth.py::test_websocket", False),
        ("*websocket*event*", "tests/test_websocket_events.py::test_a", True),
    ],
)
def test_a_glob_matches_node_ids_and_files(pattern: str, node: str, *, expected: bool) -> None:
    assert matches(node, pattern) is expected


def test_the_page_on_decisions_lists_the_rows_of_the_table_in_their_order() -> None:
    page = (Path(__file__).parents[3] / "docs" / "how-it-decides.md").read_text(encoding="utf-8")
    table = page.partition("| row | gives |")[2].partition("\n\n")[0]
    assert re.findall(r"^\| ([^|]+?) \|", table, re.MULTILINE) == [row.name for row in ROWS]
