"""`gardener bisect` on generated histories of 200 commits: unbuildable ones among them, and a flaky test."""

import random
from math import ceil, log2
from pathlib import Path

import pytest
from budget import count
from garden import SETTINGS, Garden

pytestmark = [pytest.mark.integration, pytest.mark.slow]

COMMITS = 200
FLAKY = "import os\n\ndef test_now_and_then():\n    assert os.getpid() % 3\n"
TEST = "from shop.cart import total\n\ndef test_total():\n    assert total([1, 2]) == 3\n"


def source(place: int, culprit: int, *, broken: bool) -> str:
    """The product at a place in the history: it grows, and from the culprit on it adds wrongly."""
    head = "import a_part_that_is_not_there\n" if broken else ""
    wrong = " + 1" if place >= culprit else ""
    return f"{head}STEP = {place}\n\ndef total(prices):\n    return sum(prices){wrong}\n"


def grow(garden: Garden, choose: random.Random) -> str:
    """A linear history; the planted commit's hash. A fifth at most cannot be built, alone or in a stretch."""
    culprit = choose.randrange(1, COMMITS)
    broken = {choose.randrange(1, COMMITS - 1) for _ in range(20)}
    start = choose.randrange(1, COMMITS - 30)
    broken |= set(range(start, start + choose.randrange(20)))
    broken -= {culprit, culprit - 1, COMMITS - 1}
    files = {
        "pyproject.toml": SETTINGS,
        ".gitignore": "__pycache__/\ntests/FAILING-TEST/\n.gardener/\n",
        "conftest.py": "",
        "shop/__init__.py": "",
        "tests/test_total.py": TEST,
        "tests/test_flaky.py": FLAKY,
    }
    for place in range(COMMITS):
        files["shop/cart.py"] = source(place, culprit, broken=place in broken)
        garden.write(files).git("add", "--all")
        garden.git("commit", "--quiet", "--message", f"step {place}")
    return garden.git("rev-parse", f"HEAD~{COMMITS - 1 - culprit}").strip()


@pytest.mark.parametrize("seed", range(count("histories")))
def test_the_planted_commit_is_found_among_two_hundred(tmp_path: Path, seed: int) -> None:
    root = tmp_path / "repository"
    root.mkdir()
    garden = Garden(root)
    planted = grow(garden, random.Random(seed))
    (wanted,) = [f for f in garden.tend().run["findings"] if "tests/test_total.py::test_total" in f["tests"]]
    first = garden.git("rev-list", "--max-parents=0", "HEAD").strip()
    ended = garden.gardener("bisect", wanted["fingerprint"], "--good", first, "--format", "json")
    assert (ended.data["verdict"], ended.data["commit"]) == ("found", planted), ended.err
    assert ended.data["verified"]
    assert ended.data["probes"] <= ceil(log2(COMMITS - 1)) + 3
