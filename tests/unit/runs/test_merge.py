"""Reports of a launch become one run; shards of a run become one, in whatever order they come."""

from dataclasses import replace
from typing import Any

import pytest
from build import case, failure
from build import run as build_run
from hypothesis import given
from hypothesis import strategies as st

from gardener.model.run import Counts, Ending, Launched, Origin, Outcome, Report, Run
from gardener.model.text import CleanText
from gardener.runs.merge import gather, merge

pytestmark = pytest.mark.unit

A, B = "tests/test_a.py::test_a", "tests/test_a.py::test_b"


def report(kind: str = "journal", **rest: Any) -> Report:
    return Report(**({"kind": kind, "exit_code": 0} | rest))


def launched(**rest: Any) -> Launched:
    return Launched(**({"folder": "/private/gardener-run-x", "exit_code": 0, "selection": "tests"} | rest))


def test_the_journal_is_believed_on_outcomes_and_json_report_on_failures() -> None:
    plain = failure(A, "AssertionError", "assert 0", captured=CleanText("said"))
    rich = replace(plain, message=CleanText("assert 0 == 1"), captured=CleanText(""))
    journal = report(cases=(case(A, Outcome.FAILED, failures=(plain,)), case(B, Outcome.LOST)), exit_code=None)
    json = report("pytest-json-report", cases=(case(A, Outcome.FAILED, failures=(rich,)), case(B, Outcome.PASSED)))
    run = merge(launched(exit_code=1), [json, journal])
    assert [entry.outcome for entry in run.cases] == [Outcome.FAILED, Outcome.LOST]
    assert (run.cases[0].failures[0].message, run.cases[0].failures[0].captured) == ("assert 0 == 1", "said")


def test_a_warning_that_both_reports_tell_counts_once() -> None:
    told = failure("a.py", "DeprecationWarning", "old", origin=Origin.WARNING, count=2)
    run = merge(launched(), [report(failures=(told,)), report("pytest-json-report", failures=(told,))])
    assert [entry.count for entry in run.loose if entry.origin is Origin.WARNING] == [2]


@pytest.mark.parametrize(
    ("given_launch", "given_report", "ending"),
    [
        ({}, {}, Ending.FINISHED),
        ({"exit_code": 1}, {"exit_code": 1}, Ending.FINISHED),
        ({"exit_code": 0}, {"complete": False, "exit_code": None}, Ending.CRASHED),
        ({"exit_code": 3}, {"exit_code": 3}, Ending.CRASHED),
        ({"exit_code": -9}, {"complete": False, "exit_code": None}, Ending.CRASHED),
        ({"exit_code": 0}, {"cases": (case(A, Outcome.LOST),)}, Ending.CRASHED),
        ({"exit_code": 2}, {"exit_code": 2, "cases": (case(A, Outcome.LOST),)}, Ending.INTERRUPTED),
        ({"exit_code": 2}, {"exit_code": 2, "cases": (case(A, Outcome.NOT_RUN),)}, Ending.FINISHED),
        ({"exit_code": 2}, {"exit_code": 2, "cases": ()}, Ending.INTERRUPTED),
        ({"exit_code": None, "ending": Ending.TIMED_OUT}, {"complete": False, "exit_code": None}, Ending.TIMED_OUT),
        ({"exit_code": 2}, {"failures": (failure(A, "Exit", "x", origin=Origin.CRASH),)}, Ending.CRASHED),
    ],
)
def test_a_run_is_finished_only_when_its_session_says_so(
    given_launch: dict[str, Any], given_report: dict[str, Any], ending: Ending
) -> None:
    run = merge(launched(**given_launch), [report(**({"cases": (case(A),)} | given_report))])
    assert run.ending is ending
    assert run.complete == (ending is Ending.FINISHED and Outcome.NOT_RUN not in {c.outcome for c in run.cases})


def test_a_launch_without_any_report_has_crashed() -> None:
    run = merge(launched(exit_code=1, tail=CleanText("Fatal: no module named pytest")), [])
    assert run.ending is Ending.CRASHED
    assert run.loose[0].subject == "pytest"


def test_the_process_is_believed_over_the_report() -> None:
    run = merge(launched(exit_code=1), [report(cases=(case(A),), exit_code=0)])
    assert run.exit_code == 1
    assert any("the process is believed" in note for note in run.notes)
    assert run.loose[0].message == "pytest ended with exit code 1 although no test failed"


def test_a_report_alone_is_a_run_that_is_complete_when_the_report_is() -> None:
    whole = merge(Launched(folder=""), [report("junit", cases=(case(A),), exit_code=None)])
    assert (whole.ending, whole.complete) == (Ending.FINISHED, True)
    part = merge(Launched(folder=""), [report("junit", cases=(case(A),), exit_code=None, complete=False)])
    assert (part.ending, part.complete) == (Ending.FINISHED, False)


def test_two_reports_that_tell_of_one_test_keep_the_worse_outcome_and_both_failures() -> None:
    first = report("junit", cases=(case(A, Outcome.FAILED, failures=(failure(A, "ValueError", "x"),)),))
    second = report("pytest-json-report", cases=(case(A, Outcome.ERROR, failures=(failure(A, "KeyError", "y"),)),))
    (only,) = merge(Launched(folder=""), [first, second]).cases
    assert only.outcome is Outcome.ERROR
    assert [entry.exception for entry in only.failures] == ["KeyError", "ValueError"]


def test_a_file_whose_only_class_cannot_be_collected_holds_no_test_for_that_reason_alone() -> None:
    node = "tests/test_cart.py::TestCart"
    cases = (case(node, Outcome.ERROR, failures=(failure(node, origin=Origin.COLLECTION),)),)
    run = merge(launched(), [report(cases=cases, empty_files=("tests/test_cart.py", "tests/test_tax.py"))])
    assert [each.subject for each in run.failures() if each.exception == "EmptyCollection"] == ["tests/test_tax.py"]


def test_a_windows_access_violation_is_named() -> None:
    run = merge(launched(exit_code=0xC0000005), [report(complete=False, exit_code=None)])
    assert "access violation" in run.loose[0].message


def test_the_stack_that_pytest_timeout_prints_is_read() -> None:
    tail = CleanText(
        "+++++++++++++++++ Timeout +++++++++++++++++\n"
        "~~~~~~~~~~~~ Stack of MainThread (140) ~~~~~~~~~~~~\n"
        '  File "/usr/lib/python3/runpy.py", line 1, in run\n    x()\n'
        '  File "/repo/tests/test_a.py", line 7, in test_a\n    wait()\n'
        "+++++++++++++++++ Timeout +++++++++++++++++\n"
    )
    lost = report(cases=(case(A, Outcome.LOST),), complete=False, exit_code=None, root="/repo")
    (crash,) = merge(launched(exit_code=1, tail=tail), [lost]).loose
    assert (crash.subject, crash.exception) == (A, "Timeout")
    assert [(frame.path, frame.function) for frame in crash.frames] == [("tests/test_a.py", "test_a")]


# --- shards -----------------------------------------------------------------------------------------------------------

outcomes = st.sampled_from([Outcome.PASSED, Outcome.FAILED, Outcome.ERROR, Outcome.SKIPPED, Outcome.NOT_RUN])
warned = st.builds(
    lambda words, line: failure(
        f"{line}.py", "UserWarning", words, origin=Origin.WARNING, places=(f"{line}.py:1",), count=line
    ),
    st.sampled_from("xy"),
    st.integers(1, 3),
)


def cases_of(picked: dict[str, Outcome]) -> tuple[Any, ...]:
    red = {Outcome.FAILED, Outcome.ERROR}
    return tuple(
        case(
            name, outcome, failures=(failure(name, "ValueError", outcome),) if outcome in red else (), duration_s=0.125
        )
        for name, outcome in picked.items()
    )


@st.composite
def shards(draw: st.DrawFn) -> list[Run]:
    count = draw(st.integers(2, 4))
    return [
        build_run(
            *cases_of(draw(st.dictionaries(st.sampled_from([A, B, "c.py"]), outcomes, max_size=3))),
            id=f"20250914-11590{number}-aaaa",
            shards=(f"shard-{number}",),
            expected_shards=tuple(f"shard-{n}" for n in range(count)),
            loose=tuple(draw(st.lists(warned, max_size=3))),
            exit_code=draw(st.sampled_from([0, 1, None])),
            ending=draw(st.sampled_from(list(Ending))),
            duration_s=draw(st.sampled_from([1.0, 2.5])),
            notes=tuple(draw(st.lists(st.sampled_from("pq"), max_size=2))),
            selection=draw(st.sampled_from(["tests/a", "tests/b"])),
        )
        for number in range(count)
    ]


@given(shards())
def test_shards_are_one_run_in_any_order_and_nesting(parts: list[Run]) -> None:
    whole = gather(parts)
    assert gather(parts[::-1]) == whole
    assert gather([gather(parts[:1]), gather(parts[1:])]) == whole
    assert gather([gather(parts[:-1]), parts[-1]]) == whole
    assert gather([*parts, parts[0]]) == whole
    assert whole.counts == Counts.of(whole.cases)
    assert set(whole.shards) == set(whole.expected_shards)


def test_a_missing_shard_leaves_the_run_incomplete() -> None:
    one = build_run(case(A), shards=("1",), expected_shards=("1", "2"))
    assert not gather([one]).complete
    two = build_run(case(B), id="20250914-120000-bbbb", shards=("2",), expected_shards=("1", "2"))
    assert gather([one, two]).complete
    assert gather([one, two]).counts == Counts(collected=2, passed=2)


def test_shards_of_different_commits_are_not_one_complete_run() -> None:
    one = build_run(case(A), shards=("1",))
    two = build_run(case(B), id="20250914-120000-bbbb", shards=("2",), commit="b" * 40)
    assert not gather([one, two]).complete


def test_a_failure_says_in_which_shard_it_was() -> None:
    one = build_run(case(A, Outcome.FAILED, failures=(failure(A),)), shards=("linux",))
    two = build_run(case(A), id="20250914-120000-bbbb", shards=("macos",))
    (only,) = gather([one, two]).cases
    assert (only.outcome, only.failures[0].shard, only.shard) == (Outcome.FAILED, "linux", "linux · macos")
