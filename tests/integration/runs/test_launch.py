"""How pytest is run: which tests, in which environment, and that nothing of it outlives its run."""

import math
import os
import signal
import subprocess
import sys
import tempfile
import textwrap
from pathlib import Path
from typing import Any

import psutil
import pytest

from gardener import proc
from gardener.model.errors import NoTestRunner
from gardener.model.focus import Focus
from gardener.model.run import Check, Counts, Ending, Origin, Outcome, Preflight, Status
from gardener.runs.launch import PREFIX, Order, launch, remove, sweep

pytestmark = pytest.mark.integration

EVENTS = """
    import pytest

    class TestWebSocketEvents:
        def test_event_sent(self): pass
        def test_closed(self): pass

    @pytest.mark.parametrize("kind", ["a", "b[x]"])
    def test_plain(kind): pass

    @pytest.mark.golden
    def test_marked(): pass
"""


def names(run: Any) -> list[str]:
    return [case.node.partition("::")[2] for case in run.cases]


@pytest.mark.parametrize(
    ("match", "selected"),
    [
        ("*websocket*event*", ["TestWebSocketEvents::test_event_sent", "TestWebSocketEvents::test_closed"]),
        ("EVENT_SENT", ["TestWebSocketEvents::test_event_sent"]),
        ("test_a.py::test_plain[b[x]]", ["test_plain[b[x]]"]),
        ("golden", ["test_marked"]),
        ("websocket and not closed", ["TestWebSocketEvents::test_event_sent"]),
    ],
)
@pytest.mark.filterwarnings("ignore")
def test_a_match_is_a_glob_a_word_a_node_id_a_marker_or_an_expression(
    project: Any, match: str, selected: list[str]
) -> None:
    project.write(test_a=EVENTS)
    assert names(project.run(Focus(name="unit", match=(match,)))) == selected


def test_paths_and_markers_of_the_focus_select(project: Any) -> None:
    project.write(tests__test_a=EVENTS, other__test_b="def test_b(): pass")
    run = project.run(Focus(name="unit", paths=("tests",), markers="golden"))
    assert [case.node for case in run.cases] == ["tests/test_a.py::test_marked"]
    assert run.selection == "tests -m golden"


def test_named_tests_run_again_alone(project: Any) -> None:
    project.write(test_a=EVENTS, test_b="def test_b(): pass")
    run = project.run(rerun=("test_a.py::test_plain[b[x]]", "test_b.py::test_b"))
    assert names(run) == ["test_plain[b[x]]", "test_b"]


def test_arguments_of_the_user_go_to_pytest(project: Any) -> None:
    project.write(test_a=EVENTS)
    assert names(project.run(arguments=("-k", "marked"))) == ["test_marked"]


def test_blocked_tests_are_listed_with_their_check_and_the_others_run(project: Any) -> None:
    project.write(
        conftest="import pytest\n@pytest.fixture\ndef database(): pass",
        tests__e2e__test_x="def test_x(): pass",
        tests__test_y="""
        import pytest
        @pytest.mark.docker
        def test_marked(): pass
        def test_fixture(database): pass
        def test_free(): pass
        """,
    )
    checks = (
        Check(id="engine", status=Status.BLOCK, blocks=("marker:docker", "path:tests/e2e/", "t.py::x")),
        Check(id="services", status=Status.BLOCK, blocks=("fixture:database",)),
        Check(id="disk", status=Status.WARN, blocks=("path:.",)),
    )
    run = project.run(preflight=Preflight(checks=checks))
    assert {case.node.partition("::")[2]: (case.outcome, case.blocked_by) for case in run.cases} == {
        "test_free": (Outcome.PASSED, None),
        "test_marked": (Outcome.BLOCKED, "engine"),
        "test_fixture": (Outcome.BLOCKED, "services"),
        "test_x": (Outcome.BLOCKED, "engine"),
    }
    assert run.ending is Ending.FINISHED
    assert not [failure for failure in run.loose if failure.origin is Origin.COLLECTION]


def test_a_focus_that_is_blocked_as_a_whole_lists_its_tests_and_is_no_empty_collection(project: Any) -> None:
    project.write(test_a=EVENTS)
    check = Check(id="engine", status=Status.BLOCK, blocks=("path:.",))
    run = project.run(preflight=Preflight(checks=(check,)))
    assert run.counts == Counts(collected=5, blocked=5)
    assert [failure for failure in run.loose if failure.origin is not Origin.WARNING] == []


@pytest.mark.parametrize("option", ["-x", "--maxfail=1", "--stepwise", "--tb=no -s"])
def test_options_of_the_repository_that_hide_failures_are_neutralised_and_told(project: Any, option: str) -> None:
    project.addopts(option)
    project.write(test_a="def test_a(): print('said'); assert 0\ndef test_b(): assert 0")
    run = project.run()
    assert run.counts == Counts(collected=2, failed=2)
    assert any("neutralised" in note and option.split("=")[0].split()[0] in note for note in run.notes)
    assert run.cases[0].failures[0].message == "assert 0"
    assert "said" in run.cases[0].failures[0].captured


def test_options_that_the_user_gives_are_obeyed(project: Any) -> None:
    project.write(test_a="def test_a(): assert 0\ndef test_b(): assert 0")
    run = project.run(arguments=("-x",))
    assert run.counts == Counts(collected=2, failed=1, not_run=1)
    assert not run.complete
    assert any("obeyed" in note for note in run.notes)


@pytest.mark.parametrize("option", ["-p no:pytest_jsonreport", "-p no:jsonreport -p no:pytest_jsonreport.plugin"])
def test_the_journal_stands_in_where_the_repository_blocks_json_report(project: Any, option: str) -> None:
    project.addopts(option)
    project.write(test_a="def test_a(): assert 0")
    run = project.run(environ=dict(os.environ), arguments=("-p", "no:benchmark", "-p", "no:hypothesispytest"))
    assert run.counts == Counts(collected=1, failed=1)
    assert run.cases[0].failures[0].exception == "AssertionError"


@pytest.mark.parametrize("option", ["--lf", "-p no:cacheprovider --strict-config --strict-markers"])
def test_the_cache_of_the_developer_is_neither_used_nor_written(project: Any, option: str) -> None:
    project.addopts(option)
    project.write(test_a="def test_a(): pass\ndef test_b(): assert 0")
    assert project.run().counts == Counts(collected=2, passed=1, failed=1)
    assert project.run().counts == Counts(collected=2, passed=1, failed=1)
    assert not (project.root / ".pytest_cache").exists()


def test_secrets_are_kept_from_the_tests_and_ordinary_variables_are_not(project: Any) -> None:
    project.write(test_a="import os\ndef test_a(): assert 0, '|'.join(sorted(os.environ))")
    environ = os.environ | {
        "GITHUB_TOKEN": "ghp_0123456789abcdefghij",
        "DEPLOY_KEY": "deploy-0123456789",
        "GARDENER_TRACKER": "embedded",
        "DATABASE_URL": "postgresql://localhost/x",
        "STRIPE_TEST_KEY": "for-the-tests-0123",
    }
    run = project.run(environ=environ, pass_env=("STRIPE_*",))
    seen = run.cases[0].failures[0].message
    assert "DATABASE_URL" in seen
    assert "STRIPE_TEST_KEY" in seen
    assert not [name for name in ("GITHUB_TOKEN", "DEPLOY_KEY", "GARDENER_TRACKER") if name in seen]
    assert any("DEPLOY_KEY, GITHUB_TOKEN" in note for note in run.notes)


def test_node_ids_are_told_from_the_root_even_where_settings_lie_deeper(project: Any) -> None:
    project.write(tests__test_a="def test_a(): pass")
    (project.root / "tests" / "pytest.ini").write_text("[pytest]\n", encoding="utf-8")
    run = project.run(Focus(name="unit", paths=("tests",)))
    assert [case.node for case in run.cases] == ["tests/test_a.py::test_a"]


def test_log_lines_while_conftests_load_are_heard(project: Any) -> None:
    project.write(
        conftest="import logging\nlogging.getLogger('ssot').warning('SSOT WARNING: Found other classes')",
        test_a="def test_a(): pass",
    )
    (warning,) = project.run().loose
    assert (warning.origin, warning.message) == (Origin.WARNING, "SSOT WARNING: Found other classes")
    assert warning.places == ("conftest.py:2",)


@pytest.mark.parametrize("stream", ["stdout", "stderr"])
def test_warnings_that_a_conftest_or_a_module_prints_are_heard(project: Any, stream: str) -> None:
    project.write(
        conftest=f"import sys\nprint('SSOT WARNING: Found other classes', file=sys.{stream})",
        test_a=f"import sys\nprint('WARNING: old() is deprecated', file=sys.{stream})\ndef test_a(): assert 0",
        test_b="import missing",
    )
    run = project.run()
    heard = {(failure.message, failure.places) for failure in run.loose if failure.origin is Origin.WARNING}
    assert heard == {
        ("SSOT WARNING: Found other classes", ("conftest.py:0",)),
        ("old() is deprecated", ("test_a.py:0",)),
    }
    assert [case.node for case in run.cases] == ["test_b.py", "test_a.py::test_a"]


def test_a_log_line_that_is_printed_too_is_heard_once(project: Any) -> None:
    project.write(
        conftest="import logging\nlogging.basicConfig()\nlogging.getLogger('ssot').warning('old() is deprecated')",
        test_a="import logging\ndef test_a():\n    logging.warning('so is older()')\n    assert 0",
    )
    heard = [(failure.message, failure.places) for failure in project.run().loose]
    assert heard == [("old() is deprecated", ("conftest.py:3",)), ("so is older()", ("test_a.py:3",))]


def test_what_conftests_print_still_stands_with_the_first_file(project: Any) -> None:
    project.write(conftest="print('some hint')", test_a="import missing")
    (case,) = project.run().cases
    assert "some hint" in case.failures[0].captured


def test_a_warning_is_counted_once_for_every_time_and_place(project: Any) -> None:
    project.write(
        test_a="""
        import warnings, pytest
        @pytest.mark.parametrize("n", range(3))
        def test_a(n): warnings.warn("old api", DeprecationWarning)
        """
    )
    (warning,) = project.run().loose
    assert (warning.exception, warning.message, warning.count) == ("DeprecationWarning", "old api", 3)
    assert warning.places == ("test_a.py:4",)


def test_tests_that_patch_the_standard_library_do_not_silence_the_journal(project: Any) -> None:
    project.write(
        test_a="""
        import builtins, json, os, time
        def test_a(monkeypatch):
            for module, name in ((os, "write"), (os, "getpid"), (json, "dumps"), (builtins, "open"), (time, "time")):
                monkeypatch.setattr(module, name, None)
            assert 0
        def test_b(): pass
        """
    )
    run = project.run(environ=os.environ | {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"})
    assert run.counts == Counts(collected=2, passed=1, failed=1)


@pytest.mark.skipif(sys.platform == "win32", reason="descriptors are another matter there")
def test_a_test_that_closes_every_descriptor_does_not_silence_the_journal(project: Any) -> None:
    project.write(test_a="import os\ndef test_a(): os.closerange(3, 64)\ndef test_b(): assert 0")
    run = project.run(arguments=("--capture=no",))
    assert run.counts == Counts(collected=2, passed=1, failed=1)


def test_workers_of_xdist_give_one_record(project: Any) -> None:
    project.addopts("-x --tb=no")
    project.write(
        test_a="""
        import os, pytest
        @pytest.mark.parametrize("n", range(6))
        def test_a(n):
            if n == 3: os._exit(0)
            assert n != 1
        @pytest.mark.docker
        def test_blocked(): pass
        """,
        test_empty="",
        test_bad="import not_there",
    )
    environ = os.environ | {
        "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
        "PYTEST_PLUGINS": "xdist.plugin,pytest_jsonreport.plugin",
    }
    check = Check(id="engine", status=Status.BLOCK, blocks=("marker:docker",))
    run = project.run(environ=environ, arguments=("-n2",), preflight=Preflight(checks=(check,)))
    assert run.counts == Counts(collected=8, passed=4, failed=2, error=1, blocked=1)
    assert run.ending is Ending.FINISHED
    crashed = next(case for case in run.cases if case.node.endswith("[3]"))
    assert crashed.failures[0].origin is Origin.CRASH
    assert "crashed while running" in crashed.failures[0].message
    assert [failure.subject for failure in run.loose if failure.exception == "EmptyCollection"] == ["test_empty.py"]


def test_one_test_over_its_limit_fails_and_the_others_run(project: Any) -> None:
    project.write(test_a="import time\ndef test_a(): time.sleep(60)\ndef test_b(): pass")
    environ = os.environ | {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "PYTEST_PLUGINS": "pytest_timeout"}
    run = project.run(Focus(name="unit", test_timeout_s=1), environ=environ)
    assert "Timeout" in str(run.cases[0].failures[0].message)
    if sys.platform != "win32":
        assert run.counts == Counts(collected=2, passed=1, failed=1)


def test_without_pytest_timeout_it_is_said_that_single_tests_have_no_limit(project: Any) -> None:
    project.write(test_a="def test_a(): pass")
    run = project.run(Focus(name="unit", test_timeout_s=1))
    assert any("pytest-timeout is not there" in note for note in run.notes)


def test_an_interpreter_without_pytest_is_named_with_its_remedy(project: Any, tmp_path: Path) -> None:
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(tmp_path / "bare")], check=True)
    bare = next(path for path in (tmp_path / "bare").glob("*/python*") if path.stem == "python")
    with pytest.raises(NoTestRunner) as raised:
        project.run(python=str(bare))
    assert "has no pytest" in raised.value.message
    assert f"{bare} -m pip install pytest" in raised.value.hint


def test_an_interpreter_that_is_not_there_is_named(project: Any) -> None:
    with pytest.raises(NoTestRunner, match="no-such-python"):
        project.run(python="/no-such-python")


def test_progress_is_told_from_the_journal(project: Any) -> None:
    told = project.root / "told"
    waits = "import pathlib, time\n    while not pathlib.Path('told').exists(): time.sleep(0.01)"
    project.write(test_a=f"def test_a(): assert 0\ndef test_b():\n    {waits}")
    project.tell = lambda line: told.touch() if line.startswith("unit: 1 of 2 tests done, 1 failed") else None
    project.run(every_s=0.1)
    assert told.exists()


@pytest.mark.skipif(sys.platform == "win32", reason="modes are another matter there")
def test_raw_files_lie_in_a_private_folder_and_go(project: Any) -> None:
    project.write(test_a="def test_a(): pass")
    launched = project.start()
    folder = Path(launched.folder)
    assert folder.stat().st_mode & 0o777 == 0o700
    assert project.root not in folder.parents
    assert sorted(path.name for path in project.root.iterdir() if path.name != "__pycache__") == ["test_a.py"]
    remove(launched.folder)
    assert not folder.exists()


def test_left_over_folders_of_dead_runs_go_and_those_of_the_living_stay(project: Any) -> None:
    ours, dead, reused, strange = (Path(tempfile.mkdtemp(prefix=PREFIX)) for _ in range(4))
    (ours / "owner").write_text(str(os.getpid()), encoding="ascii")
    (dead / "owner").write_text("999999999", encoding="ascii")
    (reused / "owner").write_text(str(os.getpid()), encoding="ascii")
    os.utime(reused / "owner", (1.0, 1.0))  # written before this process was born
    (strange.parent / "other").mkdir()
    sweep()
    assert [folder.exists() for folder in (ours, dead, reused, strange)] == [True, False, False, True]
    assert (strange.parent / "other").exists()


def test_removing_takes_nothing_but_private_folders(tmp_path: Path) -> None:
    remove(str(tmp_path))
    assert tmp_path.exists()


FAMILY = """
    import pathlib, subprocess, sys, time
    def test_hang():
        child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
        pathlib.Path("pids").write_text(str(child.pid))
        pathlib.Path("hangs").touch()
        time.sleep(600)
"""


def test_the_children_of_tests_end_with_the_time_limit(hanging: Any) -> None:
    hanging.write(test_a=FAMILY)
    assert hanging.run(timeout_s=1800, every_s=0.1).ending is Ending.TIMED_OUT
    assert proc.ended(int((hanging.root / "pids").read_text(encoding="utf-8")), within_s=0)


@pytest.mark.skipif(sys.platform == "win32", reason="sends SIGKILL")
def test_tests_and_their_children_end_when_gardener_is_killed(project: Any, tmp_path: Path) -> None:
    project.write(test_a=FAMILY)
    script = textwrap.dedent(f"""
        import os, sys
        from pathlib import Path
        from gardener.model.focus import Focus
        from gardener.runs.launch import Order, launch
        launch(Order(root=Path({str(project.root)!r}), python=sys.executable, environ=dict(os.environ), every_s=0.1),
               Focus(name="unit"), lambda line: print(line, flush=True))
    """)
    environ = os.environ | {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "TMPDIR": tempfile.gettempdir()}
    gardener = subprocess.Popen([sys.executable, "-c", script], env=environ, stdout=subprocess.PIPE)
    assert gardener.stdout is not None
    with gardener.stdout as told:  # a line of progress every second, until the test has its child
        pids = project.root / "pids"
        assert next((line for line in told if pids.exists() and pids.read_text(encoding="utf-8")), None)
    child = int(pids.read_text(encoding="utf-8"))
    family = psutil.Process(gardener.pid).children(recursive=True)
    gardener.send_signal(signal.SIGKILL)
    gardener.wait()
    assert all(proc.ended(pid, within_s=math.inf) for pid in (child, *(process.pid for process in family)))
    assert list(Path(tempfile.gettempdir()).glob(f"{PREFIX}*"))
    sweep()
    assert not list(Path(tempfile.gettempdir()).glob(f"{PREFIX}*"))


def test_a_launch_that_fails_leaves_no_folder(project: Any) -> None:
    def refuse(line: str) -> None:
        raise KeyboardInterrupt

    project.write(test_a="import time\ndef test_a(): time.sleep(60)")
    order = Order(root=project.root, python=sys.executable, environ=dict(os.environ), every_s=0.1)
    with pytest.raises(KeyboardInterrupt):
        launch(order, Focus(name="unit"), refuse)
    assert not list(Path(tempfile.gettempdir()).glob(f"{PREFIX}*"))
