"""One living cause has one open issue, whatever happens to gardener while it writes."""

import os
import random
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
from budget import count
from garden import LEAN, RED, Garden

pytestmark = pytest.mark.critical

SETTINGS = {name: value for name, value in os.environ.items() if not name.startswith(("GARDENER_", "GITHUB_"))} | LEAN


@pytest.fixture
def garden(tmp_path: Path) -> Garden:
    root = tmp_path / "repository"
    root.mkdir()
    garden = Garden(root).write(RED)
    garden.commit()
    return garden


def started(garden: Garden) -> "subprocess.Popen[bytes]":
    argv = [sys.executable, "-m", "gardener", "run", "unit", "--python", sys.executable]
    return subprocess.Popen(argv, cwd=garden.root, env=SETTINGS, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def one_issue_for_each_key(garden: Garden) -> None:
    keys = Counter(key for issue in garden.issues() for key in issue["keys"])
    assert set(keys.values()) == {1}
    assert len(garden.issues()) == 2


@pytest.mark.slow
def test_a_gardener_that_is_killed_at_any_moment_leaves_a_tracker_that_the_next_run_makes_true(garden: Garden) -> None:
    """The moments are drawn over a whole run's length; what must hold afterwards does not depend on them."""
    moments = random.Random(7)
    whole = 4.0  # seconds: longer than a run takes, so that some are not killed at all
    for _ in range(count("kills")):
        process = started(garden)
        try:
            process.wait(timeout=moments.uniform(0.2, whole))
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
    assert garden.tend().code == 1
    one_issue_for_each_key(garden)


def test_gardeners_that_run_side_by_side_file_each_cause_once(garden: Garden) -> None:
    processes = [started(garden) for _ in range(4)]
    assert {process.wait(timeout=240) for process in processes} == {1}
    one_issue_for_each_key(garden)


def test_the_same_causes_under_other_ids_ports_and_places_are_recognised(garden: Garden) -> None:
    garden.tend()
    moved = RED["tests/test_cart.py"].replace("def test_fine", "# a line\n\n\ndef test_fine")
    garden.write({"tests/test_cart.py": "# shifted\n\n\n" + moved}).commit("shifted")
    assert {action["kind"] for action in garden.tend().run["actions"]} == {"update"}
    one_issue_for_each_key(garden)
