"""pytest-reportlog, as its own plugin really writes it."""

import subprocess
import sys
import textwrap

import pytest

from gardener.model.run import Origin, Outcome, Report
from gardener.model.text import Redactor
from gardener.readers import reportlog

pytestmark = pytest.mark.unit

TESTS = """
    import warnings
    import pytest

    def inner(value):
        raise KeyError(value)

    def test_chain():
        try:
            inner("root")
        except KeyError as error:
            raise ValueError("outer") from error

    def test_assert():
        print("said")
        assert [1, 2] == [1, 3]

    @pytest.mark.skip(reason="later")
    def test_skip(): pass

    @pytest.mark.xfail(reason="known")
    def test_xfail(): assert 0

    def test_warn(): warnings.warn("old api", DeprecationWarning)

    def test_fixture(not_there): pass
"""


@pytest.fixture(scope="module", params=["auto", "short", "native", "line"])
def log(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> bytes:
    root = tmp_path_factory.mktemp("repository")
    (root / "test_a.py").write_text(textwrap.dedent(TESTS), encoding="utf-8")
    (root / "test_bad.py").write_text("import not_there", encoding="utf-8")
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-p",
        "pytest_reportlog",
        "--report-log=log.jsonl",
        f"--tb={request.param}",
    ]
    environ = {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "PATH": ""}
    subprocess.run(
        [*command, "--continue-on-collection-errors", "-q"], cwd=root, env=environ, check=False, capture_output=True
    )
    return (root / "log.jsonl").read_bytes()


def read(data: bytes) -> Report:
    return reportlog.read(data, "log.jsonl", Redactor())


def test_every_test_and_file_is_there_with_its_outcome(log: bytes) -> None:
    report = read(log)
    assert {case.node.rpartition("::")[2]: case.outcome for case in report.cases} == {
        "test_bad.py": Outcome.ERROR,
        "test_chain": Outcome.FAILED,
        "test_assert": Outcome.FAILED,
        "test_skip": Outcome.SKIPPED,
        "test_xfail": Outcome.XFAILED,
        "test_warn": Outcome.PASSED,
        "test_fixture": Outcome.ERROR,
    }
    assert (report.complete, report.exit_code) == (True, 1)
    assert [(f.exception, f.message) for f in report.failures] == [("DeprecationWarning", "old api")]


def test_failures_are_read_in_every_style_of_traceback(log: bytes) -> None:
    failed = {failure.subject.rpartition("::")[2]: failure for case in read(log).cases for failure in case.failures}
    assert failed["test_chain"].exception == "ValueError"
    assert failed["test_chain"].message == "outer"
    assert failed["test_assert"].exception == "AssertionError"
    assert failed["test_assert"].message.startswith("assert [1, 2] == [1, 3]")
    assert "said" in failed["test_assert"].captured
    assert failed["test_bad.py"].message == "No module named 'not_there'"
    assert failed["test_fixture"].origin is Origin.SETUP


def test_the_root_of_a_chain_is_kept(log: bytes) -> None:
    chain = next(case.failures[0].chain for case in read(log).cases if case.node.endswith("test_chain"))
    if chain:  # one line alone has no chain
        assert [(link.exception, link.joint) for link in chain] == [("KeyError", "cause"), ("ValueError", None)]


def test_a_log_without_its_end_is_not_complete_and_keeps_what_it_has(log: bytes) -> None:
    lines = log.splitlines(keepends=True)
    report = read(b"".join(lines[:-1]) + lines[-1][:10])
    assert not report.complete
    assert len(report.cases) == 7


def test_lines_that_a_forked_child_wrote_again_count_once(log: bytes) -> None:
    assert read(log + log).cases == read(log).cases
