"""Whatever becomes of pytest, a run that proved nothing is never healthy: the exit code says what happened."""

import os
import sys
import textwrap
from pathlib import Path
from typing import Any

import pytest
from forked import call
from garden import LEAN

pytestmark = pytest.mark.critical

TWELVE = """
    import os, sys, time
    import pytest

    @pytest.mark.parametrize("number", range(12))
    def test_step(number):
        if number == 6:
            {event}
"""


def gardener(root: Path) -> tuple[int, dict[str, Any]]:
    (root / "pyproject.toml").write_text('[tool.gardener.focus.unit]\npaths = ["tests"]\n', encoding="utf-8")
    words = ("run", "unit", "--format", "json", "--python", sys.executable, "--timeout", "1800")
    ended = call(*words, cwd=root, env=os.environ | LEAN, first="an_hour_is_over_once_a_test_hangs")
    return ended.code, ended.run


@pytest.mark.parametrize(
    ("event", "verdict"),
    [
        ("os._exit(0)", "crashed"),
        ("pytest.exit('enough', returncode=0)", "crashed"),
        ("open('hangs', 'w').close(); time.sleep(600)", "timed-out"),
    ],
)
def test_a_process_that_stops_in_the_middle_is_no_pass(tmp_path: Path, event: str, verdict: str) -> None:
    (tmp_path / "tests").mkdir()
    (tmp_path / "tests" / "test_a.py").write_text(textwrap.dedent(TWELVE).format(event=event), encoding="utf-8")
    code, run = gardener(tmp_path)
    assert (code, run["verdict"]) == (6, verdict)
    counts = {name: number for name, number in run["counts"].items() if number}
    assert {name: counts.get(name) for name in ("collected", "passed", "lost", "not_run")} == {
        "collected": 12,
        "passed": 6,
        "lost": 1,
        "not_run": 5,
    }


@pytest.mark.parametrize(
    ("text", "code", "verdict"),
    [
        ("import pytest\npytestmark = pytest.mark.skip(reason='later')\ndef test_a(): pass", 5, "empty"),
        ("# def test_a(): pass", 5, "empty"),
        ("import os; os._exit(0)", 6, "crashed"),
        ("def test_a(): pass", 0, "healthy"),
    ],
)
def test_only_tests_that_ran_and_passed_are_healthy(tmp_path: Path, text: str, code: int, verdict: str) -> None:
    (tmp_path / "tests").mkdir()
    (tmp_path / "tests" / "test_a.py").write_text(text, encoding="utf-8")
    found, run = gardener(tmp_path)
    assert (found, run["verdict"]) == (code, verdict)
