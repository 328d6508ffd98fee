"""`gardener bisect` on real repositories: it finds what was planted, and touches nothing of the user's."""

import json
import os
import sys
import tempfile
from pathlib import Path
from typing import Any

import build
import pytest
import sample
from forked import Ended
from garden import Garden

from gardener import bisection
from gardener.grounds import open_grounds
from gardener.model.finding import Past
from gardener.repository import probe

pytestmark = pytest.mark.integration

GOOD = "def total(prices):\n    return sum(prices)\n"
BAD = "def total(prices):\n    return sum(prices) + 1\n"
TEST = "from shop.cart import total\n\ndef test_total():\n    assert total([1, 2]) == 3\n"
SUITE = {"shop/__init__.py": "", "shop/cart.py": GOOD, "tests/test_cart.py": TEST}


@pytest.fixture
def garden(tmp_path: Path) -> Garden:
    """One commit in which everything passes."""
    root = tmp_path / "repository"
    root.mkdir()
    garden = Garden(root).write(SUITE)
    garden.commit("the shop opens")
    return garden


def noise(garden: Garden, count: int) -> None:
    for _ in range(count):
        with (garden.root / "notes.txt").open("a", encoding="utf-8") as notes:
            notes.write("more\n")
        garden.commit("notes")


def finding(garden: Garden) -> str:
    ended = garden.tend()
    assert ended.code == 1, ended.err
    return str(ended.run["findings"][0]["fingerprint"])


def bisect(garden: Garden, *arguments: str) -> Any:
    ended = garden.gardener("bisect", *arguments, "--format", "json")
    assert ended.code == 0, ended.err
    return ended.data


def break_it(garden: Garden, message: str = "Round prices up") -> str:
    return garden.write({"shop/cart.py": BAD}).commit(message)


def test_the_planted_commit_is_found_and_verified_and_the_issue_is_told_once(garden: Garden) -> None:
    noise(garden, 3)
    parent = garden.git("rev-parse", "HEAD").strip()
    culprit = break_it(garden)
    noise(garden, 2)
    key = finding(garden)
    found = bisect(garden, "1")
    assert found["schema"] == "gardener.bisect/1"
    assert (found["verdict"], found["verified"], found["commit"]) == ("found", True, culprit)
    assert (found["first_bad"], found["last_good"]) == (culprit, parent)
    assert (found["author"], found["subject"]) == ("Ada", "Round prices up")
    assert bisect(garden, key[:12])["commit"] == culprit
    (issue,) = garden.gardener("issues", "show", "1", "--format", "json").data["issues"]
    assert sum("Bisection found" in json.dumps(comment) for comment in issue["comments"]) == 1
    assert culprit in json.dumps(issue["comments"])


def test_nothing_of_the_users_tree_changes_and_no_work_tree_is_left(garden: Garden) -> None:
    break_it(garden)
    noise(garden, 1)
    finding(garden)
    garden.write({"shop/cart.py": "this is being written", "draft.py": "mine"})
    before = garden.git("status", "--porcelain"), garden.git("rev-parse", "HEAD"), garden.git("stash", "list")
    assert bisect(garden, "1")["verdict"] == "found"
    assert before == (garden.git("status", "--porcelain"), garden.git("rev-parse", "HEAD"), garden.git("stash", "list"))
    assert garden.git("worktree", "list").count("\n") == 1
    assert (garden.root / "shop/cart.py").read_text(encoding="utf-8") == "this is being written"


@pytest.mark.slow  # a dozen runs of pytest each
def test_commits_that_cannot_be_built_and_those_without_the_test_are_skipped(garden: Garden) -> None:
    garden.write({"shop/cart.py": "import missing_part\n"}).commit("half a change")
    garden.write({"shop/cart.py": GOOD}).commit("the other half")
    (garden.root / "tests/test_cart.py").unlink()
    garden.commit("The test goes")
    garden.write({"tests/test_cart.py": TEST}).commit("and is back")
    culprit = break_it(garden)
    noise(garden, 1)
    finding(garden)
    found = bisect(garden, "1", "--good", "HEAD~6")
    assert found["commit"] == culprit


@pytest.mark.slow  # a bisection of its own
def test_the_commit_of_a_merged_branch_is_found_not_the_merge(garden: Garden) -> None:
    garden.git("checkout", "--quiet", "-b", "topic")
    noise(garden, 1)
    culprit = break_it(garden, "Work on a branch")
    noise(garden, 1)
    garden.git("checkout", "--quiet", "main")
    garden.write({"other.txt": "other"}).commit("main goes on")
    garden.git("merge", "--quiet", "--no-ff", "topic", "-m", "Merge topic")
    garden.write({"other.txt": "more"}).commit("and on")
    finding(garden)
    assert bisect(garden, "1")["commit"] == culprit


@pytest.mark.slow  # a bisection of its own
def test_a_merge_whose_parents_both_pass_is_itself_the_culprit(garden: Garden) -> None:
    garden.write({"shop/rate.py": "RATE = 1\n", "shop/cart.py": GOOD}).commit("rates")
    garden.git("checkout", "--quiet", "-b", "topic")
    uses = "from shop.rate import RATE\n\ndef total(prices):\n    return sum(prices) * RATE\n"
    garden.write({"shop/cart.py": uses}).commit("use the rate")
    garden.git("checkout", "--quiet", "main")
    garden.write({"shop/rate.py": "RATE = 2\n"}).commit("another rate")
    garden.git("merge", "--quiet", "--no-ff", "topic", "-m", "Merge topic")
    merge = garden.git("rev-parse", "HEAD").strip()
    finding(garden)
    found = bisect(garden, "1")
    assert (found["commit"], found["verdict"]) == (merge, "found")
    assert "each of its parents passes" in found["why"]


@pytest.mark.slow  # a dozen runs of pytest each
def test_the_newest_break_after_a_revert_is_found_from_the_last_pass_that_is_remembered(garden: Garden) -> None:
    break_it(garden, "first break")
    garden.write({"shop/cart.py": GOOD}).commit("Revert")
    assert garden.tend().code == 0
    culprit = break_it(garden, "second break")
    noise(garden, 2)
    finding(garden)
    assert bisect(garden, "1")["commit"] == culprit


@pytest.mark.slow  # a dozen runs of pytest each
def test_a_function_that_moved_to_another_file_is_followed_by_what_the_test_says(garden: Garden) -> None:
    garden.git("mv", "shop/cart.py", "shop/basket.py")
    garden.write({"shop/cart.py": "from shop.basket import total\n"}).commit("Move the cart")
    culprit = garden.write({"shop/basket.py": BAD}).commit("Round up")
    noise(garden, 1)
    finding(garden)
    assert bisect(garden, "1", "--good", "HEAD~3")["commit"] == culprit


@pytest.mark.slow  # a dozen runs of pytest each
def test_a_test_that_was_touched_after_the_break_still_leads_to_it(garden: Garden) -> None:
    culprit = break_it(garden)
    garden.write({"tests/test_cart.py": f"# reviewed\n{TEST}"}).commit("Review the test")
    noise(garden, 1)
    finding(garden)
    assert bisect(garden, "1")["commit"] == culprit


@pytest.mark.slow  # a bisection of its own
def test_a_file_that_cannot_be_collected_is_bisected_by_its_collection(garden: Garden) -> None:
    noise(garden, 1)
    culprit = garden.write({"shop/cart.py": "def total(:\n"}).commit("Type in a hurry")
    noise(garden, 1)
    finding(garden)
    assert bisect(garden, "1")["commit"] == culprit


@pytest.mark.slow  # a bisection of its own
def test_a_source_folder_that_an_editable_install_puts_on_the_path_is_taken_from_the_commit(
    garden: Garden, tmp_path: Path
) -> None:
    for name in ("__init__.py", "cart.py"):
        (garden.root / "src/shop").mkdir(parents=True, exist_ok=True)
        garden.git("mv", f"shop/{name}", f"src/shop/{name}")
    garden.commit("a source folder")
    culprit = garden.write({"src/shop/cart.py": BAD}).commit("Round up")
    noise(garden, 1)
    path = {"PYTHONPATH": str(garden.root / "src")}
    assert garden.tend(env=path).code == 1
    ended = garden.gardener("bisect", "1", "--good", "HEAD~2", "--format", "json", env=path)
    assert ended.data["commit"] == culprit, ended.err


def test_a_flaky_finding_is_refused_with_the_reason(garden: Garden) -> None:
    counter = garden.root.parent / "count"
    counter.write_text("0", encoding="utf-8")
    flaky = (
        f"from pathlib import Path\n\ndef test_total():\n    counter = Path({str(counter)!r})\n"
        "    turn = int(counter.read_text()) + 1\n    counter.write_text(str(turn))\n    assert turn % 2 == 0\n"
    )
    garden.write({"tests/test_cart.py": flaky}).commit("a test that counts")
    garden.tend("--rerun", "1")
    found = bisect(garden, "1")
    assert (found["verdict"], found["probes"]) == ("flaky", 0)
    assert "same commit" in found["why"]


def test_what_only_shows_in_a_changed_tree_is_not_reproduced(garden: Garden) -> None:
    noise(garden, 1)
    garden.write({"shop/cart.py": BAD})
    finding(garden)
    found = bisect(garden, "1", "--good", "HEAD~1")
    assert (found["verdict"], found["commit"]) == ("not-reproduced", None)
    assert "not committed" in found["why"]


@pytest.mark.slow  # a bisection of its own
def test_a_bisection_whose_time_is_up_goes_on_where_it_stopped(garden: Garden) -> None:
    noise(garden, 2)
    culprit = break_it(garden)
    noise(garden, 2)
    finding(garden)
    first = bisect(garden, "1", "--timeout", "1")
    assert first["verdict"] == "inconclusive"
    assert "goes on" in first["why"]
    (state,) = (garden.root / ".gardener/bisect").iterdir()
    answered = len(json.loads(state.read_text(encoding="utf-8"))["seen"])
    assert answered
    again = garden.gardener("bisect", "1", "--format", "json")
    assert again.data["commit"] == culprit
    assert again.err.count(" is bad (") + again.err.count(" is good (") <= 11 - answered


def refusal(ended: Ended) -> str:
    assert ended.code == 2, ended.err
    return ended.err


def test_what_cannot_be_bisected_is_refused_with_a_hint(garden: Garden) -> None:
    break_it(garden)
    finding(garden)
    assert "no finding" in refusal(garden.gardener("bisect", "nothing")).lower()
    assert "no commit" in refusal(garden.gardener("bisect", "1", "--good", "nowhere"))
    assert "--good" in refusal(garden.gardener("bisect", "1", "--good", "HEAD"))


def test_a_shallow_clone_says_that_its_history_is_missing(garden: Garden, tmp_path: Path) -> None:
    break_it(garden)
    garden.git("clone", "--quiet", "--depth", "1", garden.root.as_uri(), str(tmp_path / "clone"))
    clone = object.__new__(Garden)
    clone.root = tmp_path / "clone"
    finding(clone)
    assert "--unshallow" in refusal(clone.gardener("bisect", "1"))


def test_without_git_it_says_so(tmp_path: Path, garden: Garden) -> None:
    break_it(garden)
    finding(garden)
    (garden.root / ".git").rename(tmp_path / "away")
    assert "not in a git repository" in refusal(garden.gardener("bisect", "1"))


def test_the_tree_of_a_killed_bisection_is_removed_and_other_peoples_trees_stay(garden: Garden, tmp_path: Path) -> None:
    private = Path(tempfile.mkdtemp(prefix=probe.PREFIX))
    garden.git("worktree", "add", "--quiet", "--detach", str(private / "tree"))
    (private / "owner").write_text("999999999", encoding="ascii")
    elsewhere = Path(tempfile.mkdtemp(prefix=probe.PREFIX))
    (elsewhere / "owner").write_text("999999999", encoding="ascii")
    garden.git("worktree", "add", "--quiet", "-b", "other", str(tmp_path / "mine"))
    garden.git("worktree", "add", "--quiet", "-b", "gone", str(tmp_path / "unplugged"))
    (tmp_path / "unplugged").rename(tmp_path / "elsewhere")
    with probe.open_tree(garden.root) as tree:
        assert not private.exists()
        assert not elsewhere.exists()
        assert tree.at("HEAD") == ""
        assert (tree.root / "shop/cart.py").read_text(encoding="utf-8") == SUITE["shop/cart.py"]
    assert not tree.folder.parent.exists()
    listed = garden.git("worktree", "list", "--porcelain")
    assert probe.PREFIX not in listed
    assert str(tmp_path / "mine") in listed
    assert str(tmp_path / "unplugged") in listed


FINDER = """
import importlib.machinery, importlib.util, sys

class Editable:
    def find_spec(self, name, path=None, target=None):
        if name == "shop":
            return importlib.util.spec_from_file_location(name, {init!r}, submodule_search_locations=[{folder!r}])

sys.meta_path.insert(0, Editable())
"""


def test_an_editable_install_that_goes_before_the_path_is_seen_and_refused(garden: Garden, tmp_path: Path) -> None:
    shop = garden.root / "shop"
    (tmp_path / "site").mkdir()
    finder = FINDER.format(init=str(shop / "__init__.py"), folder=str(shop))
    (tmp_path / "site" / "sitecustomize.py").write_text(finder, encoding="utf-8")
    environ = {**os.environ, "PYTHONPATH": str(tmp_path / "site")}
    with probe.open_tree(garden.root) as tree:
        assert tree.at("HEAD") == ""
        with pytest.raises(probe.Shadowed) as shadowed:
            probe.environment(garden.root, tree, sys.executable, environ)
    assert str(shop / "__init__.py") in shadowed.value.message


def test_the_search_ends_at_the_first_failure_that_is_remembered(garden: Garden) -> None:
    culprit = break_it(garden)
    noise(garden, 2)
    grounds, run = open_grounds(garden.root, {}), build.run(commit=garden.git("rev-parse", "HEAD").strip())
    for first, bad in ((culprit, culprit), ("f" * 40, run.commit), ("", run.commit)):
        found = build.finding(past=Past(last_pass_commit=f"{culprit}^", first_fail_commit=first))
        asked = bisection.ask(grounds, sample.story(run=run), found, sys.executable, good="", bad="", box_s=60)
        assert asked.bad == bad
