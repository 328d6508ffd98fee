"""Nox itself: a bare call lists, the CI matrix is data, and a session runs the tests in its own environment."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.integration

ROOT = Path(__file__).parents[2]
NOXFILE = "from gardener.sessions import garden_sessions\n\ngarden_sessions()\n"


def nox(folder: Path, *words: str, timeout: int = 60) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "nox", *words],
        cwd=folder,
        env={**os.environ, "NO_COLOR": "1"},
        capture_output=True,
        text=True,
        timeout=timeout,
        check=False,
    )


def test_a_bare_nox_of_this_repository_only_lists() -> None:
    done = nox(ROOT)
    assert done.returncode == 0
    for name in ("garden-unit", "garden-integration", "garden-goldenpath", "garden-critical", "lint", "types"):
        assert f"- {name} " in done.stdout
    assert "Running session" not in done.stdout + done.stderr


def test_the_listing_as_json_is_the_matrix_of_the_workflow() -> None:
    rows = json.loads(nox(ROOT, "--list", "--json", "--tags", "garden").stdout)
    names = [row["session"] for row in rows]
    assert names == ["garden-unit", "garden-integration", "garden-goldenpath", "garden-critical"]
    assert all(row["tags"] == ["garden"] and row["description"] for row in rows)


def test_another_repositorys_noxfile_needs_two_lines(tmp_path: Path) -> None:
    (tmp_path / "noxfile.py").write_text(NOXFILE, encoding="utf-8")
    (tmp_path / "tests").mkdir()
    (tmp_path / "tests" / "test_a.py").touch()
    done = nox(tmp_path, "--list")
    line = "- garden-unit [garden] -> Tend the unit tests (tests); the words after -- go to pytest."
    assert line in done.stdout.splitlines(), done.stderr


@pytest.mark.slow
def test_a_session_runs_the_tests_in_an_environment_of_its_own(tmp_path: Path) -> None:
    """Installs pytest from the index that this machine uses."""
    (tmp_path / "noxfile.py").write_text(NOXFILE, encoding="utf-8")
    (tmp_path / "tests").mkdir()
    test = "import importlib.util\ndef test_alone(): assert importlib.util.find_spec('gardener') is None\n"
    (tmp_path / "tests" / "test_a.py").write_text(test + "def test_left_out(): assert False\n", encoding="utf-8")
    done = nox(tmp_path, "-s", "garden-unit", "--", "-k", "alone", timeout=240)
    assert done.returncode == 0, done.stdout + done.stderr
    (result,) = (tmp_path / ".gardener" / "runs").glob("*/result.json")
    counts = json.loads(result.read_text(encoding="utf-8"))["runs"][0]["counts"]
    assert (counts["passed"], counts["failed"]) == (1, 0)
