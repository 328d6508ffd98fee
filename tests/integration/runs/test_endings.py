"""However pytest ends, the record says what passed, what failed, what was running and what was never reached.

Every event by which other reports lose tests is brought about here by a real process.
"""

import os
import signal
import sys
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from gardener.model.focus import Focus
from gardener.model.run import Counts, Ending, Failure, Origin, Outcome, Run

pytestmark = pytest.mark.integration

TWELVE = """
    import ctypes, os, signal, sys, time
    import pytest

    def event():
        {event}

    @pytest.mark.parametrize("number", range(12))
    def test_step(number):
        if number == 6:
            event()
        assert number != 2
"""


def crash_of(run: Run) -> Failure:
    return next(failure for failure in run.loose if failure.origin is Origin.CRASH)


@pytest.mark.parametrize(
    ("event", "exception", "words"),
    [
        ("os._exit(0)", "ProcessDied", "died with exit code 0"),
        pytest.param(
            "os.kill(os.getpid(), signal.SIGKILL)",
            "SIGKILL",
            "Killed",
            marks=pytest.mark.skipif(sys.platform == "win32", reason="no signals there"),
        ),
        pytest.param(
            "ctypes.string_at(0)",
            "SIGSEGV",
            "Segmentation fault",
            marks=pytest.mark.skipif(sys.platform == "win32", reason="no signals there"),
        ),
        ("pytest.exit('enough')", "Exit", "pytest.exit was called: enough"),
    ],
)
def test_a_process_that_dies_in_a_test_has_crashed(project: Any, event: str, exception: str, words: str) -> None:
    project.write(test_twelve=TWELVE.format(event=event))
    run = project.run()
    assert run.ending is Ending.CRASHED
    assert run.counts == Counts(collected=12, passed=5, failed=1, lost=1, not_run=5)
    assert not run.complete
    crash = crash_of(run)
    assert (crash.subject, crash.exception) == ("test_twelve.py::test_step[6]", exception)
    assert words in crash.message
    failed = next(case for case in run.cases if case.outcome is Outcome.FAILED)
    assert failed.failures[0].message == "assert 2 != 2"


@pytest.mark.skipif(sys.platform == "win32", reason="no segmentation fault there")
def test_a_crash_in_native_code_names_the_line_that_called_it(project: Any) -> None:
    project.write(test_twelve=TWELVE.format(event="ctypes.string_at(0)"))
    frames = crash_of(project.run()).frames
    assert [(frame.path, frame.function) for frame in frames[:2]] == [
        ("test_twelve.py", "test_step"),
        ("test_twelve.py", "event"),
    ]


def test_a_hanging_test_is_lost_at_the_time_limit_and_says_where_it_hung(hanging: Any) -> None:
    hanging.write(test_twelve=TWELVE.format(event="open('hangs', 'w').close(); time.sleep(600)"))
    run = hanging.run(timeout_s=1800, every_s=0.1)
    assert run.ending is Ending.TIMED_OUT
    assert run.exit_code is None
    assert run.counts == Counts(collected=12, passed=5, failed=1, lost=1, not_run=5)
    crash = crash_of(run)
    assert crash.exception == "Timeout"
    assert "time limit of 1800 s" in crash.message
    if sys.platform != "win32":
        assert [frame.function for frame in crash.frames] == ["test_step", "event"]


def test_a_hang_in_teardown_is_no_pass(hanging: Any) -> None:
    hanging.write(
        test_a="""
        import time
        import pytest

        @pytest.fixture
        def slow():
            yield
            open("hangs", "w").close()
            time.sleep(600)

        def test_slow(slow): pass
        def test_after(): pass
        """
    )
    run = hanging.run(timeout_s=1800, every_s=0.1)
    assert run.counts == Counts(collected=2, lost=1, not_run=1)


@pytest.mark.skipif(sys.platform == "win32", reason="no signals there")
@pytest.mark.parametrize("inherited", [signal.default_int_handler, signal.SIG_IGN], ids=["heard", "ignored"])
def test_an_interrupted_test_is_lost_and_the_run_is_interrupted(
    project: Any, inherited: Any, request: pytest.FixtureRequest
) -> None:
    """A shell lets what it starts in the background ignore interrupts."""
    request.addfinalizer(partial(signal.signal, signal.SIGINT, signal.signal(signal.SIGINT, inherited)))
    project.write(test_twelve=TWELVE.format(event="os.kill(os.getpid(), signal.SIGINT); time.sleep(5)"))
    run = project.run()
    assert run.ending is Ending.INTERRUPTED
    assert signal.getsignal(signal.SIGINT) is inherited
    assert run.counts == Counts(collected=12, passed=5, failed=1, lost=1, not_run=5)


def test_a_conftest_that_cannot_be_imported_is_one_failure_with_its_traceback(project: Any) -> None:
    project.write(tests__conftest="import not_there", tests__test_a="def test_a(): pass")
    run = project.run(Focus(name="unit", paths=("tests",)))
    assert run.ending is Ending.CRASHED
    assert run.exit_code == 4
    assert [case.node for case in run.cases] == ["tests/conftest.py"]
    (failure,) = run.failures()
    assert failure.origin is Origin.COLLECTION
    assert (failure.exception, failure.message) == ("ModuleNotFoundError", "No module named 'not_there'")
    assert failure.frames[-1].path == "tests/conftest.py"


def test_a_process_that_ends_in_conftest_is_a_crash(project: Any) -> None:
    project.write(conftest="import os; os._exit(0)", test_a="def test_a(): pass")
    run = project.run()
    assert run.ending is Ending.CRASHED
    assert crash_of(run).subject == "pytest"


def test_wrong_usage_is_told_in_the_words_of_pytest(project: Any) -> None:
    project.write(test_a="def test_a(): pass")
    run = project.run(arguments=("--no-such-option",))
    assert run.ending is Ending.CRASHED
    assert "unrecognized arguments: --no-such-option" in crash_of(run).message


def test_a_path_that_is_not_there_is_told(project: Any) -> None:
    project.write(test_a="def test_a(): pass")
    run = project.run(Focus(name="unit", paths=("tests/missing",)))
    assert run.ending is Ending.CRASHED
    assert "tests/missing" in crash_of(run).message


def test_an_internal_error_is_a_crash_with_its_own_traceback(project: Any) -> None:
    project.write(
        conftest="""
        def pytest_runtest_makereport(item, call):
            if item.name == "test_b" and call.when == "call":
                raise ValueError("broken hook")
        """,
        test_a="def test_a(): pass\ndef test_b(): pass\ndef test_c(): pass",
    )
    run = project.run()
    assert run.ending is Ending.CRASHED
    assert run.exit_code == 3
    assert run.counts == Counts(collected=3, passed=1, lost=1, not_run=1)
    crash = crash_of(run)
    assert (crash.exception, crash.message) == ("ValueError", "INTERNALERROR: broken hook")


def test_no_test_at_all_is_a_failure(project: Any) -> None:
    project.write(helper="x = 1")
    run = project.run()
    assert run.exit_code == 5
    (failure,) = run.loose
    assert (failure.exception, failure.message) == ("EmptyCollection", "no tests ran: collected 0 items")


def test_a_selection_that_leaves_nothing_is_a_failure(project: Any) -> None:
    project.write(test_a="def test_a(): pass")
    run = project.run(Focus(name="unit", match=("*websocket*",)))
    (failure,) = run.loose
    assert failure.message == "no tests ran: 1 deselected / 0 selected"


def test_a_focus_of_skipped_tests_is_a_failure(project: Any) -> None:
    project.write(test_a="import pytest\n@pytest.mark.skip(reason='later')\ndef test_a(): pass")
    run = project.run()
    assert run.counts == Counts(collected=1, skipped=1)
    assert run.loose[0].message == "no tests ran: all 1 that were selected are skipped: later"


def test_a_selected_file_without_a_test_is_a_failure(project: Any) -> None:
    project.write(test_a="def test_a(): pass", test_b="# REMOVED_SYNTAX_ERROR: def test_b(): pass", helper="x = 1")
    run = project.run()
    assert [(failure.subject, failure.message) for failure in run.loose] == [
        ("test_b.py", "test_b.py: collected 0 items")
    ]


def test_a_file_that_cannot_be_collected_is_one_test_in_error_and_the_others_run(project: Any) -> None:
    project.write(
        test_a="def test_a(): pass",
        test_b="import not_there\ndef test_b(): pass",
        test_c="def test_c(:\n    pass",
        test_d="import pytest\npytest.importorskip('not_there')\ndef test_d(): pass",
    )
    run = project.run()
    assert {case.node: case.outcome for case in run.cases} == {
        "test_a.py::test_a": Outcome.PASSED,
        "test_b.py": Outcome.ERROR,
        "test_c.py": Outcome.ERROR,
        "test_d.py": Outcome.SKIPPED,
    }
    assert sorted(str(failure.exception) for failure in run.failures()) == ["ModuleNotFoundError", "SyntaxError"]
    assert run.complete


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork there")
@pytest.mark.filterwarnings("ignore")
def test_a_forked_child_that_returns_counts_no_test_twice(project: Any) -> None:
    project.write(test_twelve=TWELVE.format(event="os.fork() or time.sleep(1)"))
    run = project.run()
    assert run.counts == Counts(collected=12, passed=11, failed=1)


def test_five_megabytes_of_output_stay_small_and_keep_both_ends(project: Any) -> None:
    project.write(
        test_a="""
        def test_loud():
            print("first line")
            for _ in range(50_000):
                print("x" * 100)
            print("last line")
            assert 0
        """
    )
    run = project.run()
    captured = run.cases[0].failures[0].captured
    assert len(captured) < 70_000
    assert "first line" in captured
    assert "last line" in captured
    assert all(Path(report).stat().st_size < 300_000 for report in project.launched[0].reports)


def test_output_that_is_no_text_breaks_nothing(project: Any) -> None:
    project.write(
        test_a=r"""
        import os, sys
        import pytest

        @pytest.mark.parametrize("odd", ["\x00", "é\u202e", "\n", "[a::b]", "\udc80"])
        def test_odd(odd):
            sys.stdout.buffer.write(b"\xff\xfe\x00")
            print("\x1b[31mred\x1b[0m")
            raise ValueError("bad \udc80 " + odd + " \x1b[31m")
        """
    )
    run = project.run()
    assert run.counts == Counts(collected=5, failed=5)
    for failure in run.failures():
        failure.detail.encode("utf-8")
        assert "\x1b" not in failure.detail + failure.captured + failure.subject


def test_a_passing_run_is_finished_and_complete(project: Any) -> None:
    project.write(test_a="def test_a(): pass")
    run = project.run()
    assert (run.ending, run.exit_code, run.complete, run.loose) == (Ending.FINISHED, 0, True, ())
    assert run.counts == Counts(collected=1, passed=1)


def test_a_green_session_that_ends_with_1_is_not_silently_green(project: Any) -> None:
    project.write(
        conftest="def pytest_sessionfinish(session): session.exitstatus = 1",
        test_a="def test_a(): pass",
    )
    run = project.run()
    assert crash_of(run).message == "pytest ended with exit code 1 although no test failed"


def test_outcomes_of_every_kind_are_told_apart(project: Any) -> None:
    project.write(
        test_a="""
        import pytest

        @pytest.fixture
        def broken(): raise RuntimeError("set-up")
        @pytest.fixture
        def late():
            yield
            raise RuntimeError("teardown")

        def test_setup(broken): pass
        def test_teardown(late): pass
        def test_both(late): assert 0
        @pytest.mark.xfail(reason="known")
        def test_xfail(): assert 0
        @pytest.mark.xfail
        def test_xpass(): pass
        @pytest.mark.xfail(strict=True)
        def test_strict(): pass
        """
    )
    run = project.run()
    assert {case.node.partition("::")[2]: case.outcome.value for case in run.cases} == {
        "test_setup": "error",
        "test_teardown": "error",
        "test_both": "failed",
        "test_xfail": "xfailed",
        "test_xpass": "xpassed",
        "test_strict": "failed",
    }
    both = next(case for case in run.cases if case.node.endswith("test_both"))
    assert [failure.origin for failure in both.failures] == [Origin.CALL, Origin.TEARDOWN]
