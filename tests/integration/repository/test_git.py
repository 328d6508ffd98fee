"""What git tells, from real repositories."""

from pathlib import Path

import pytest
from garden import RED, Garden

from gardener.repository import git
from gardener.repository.owners import owners

pytestmark = pytest.mark.integration


@pytest.fixture
def garden(tmp_path: Path) -> Garden:
    root = tmp_path / "repository"
    root.mkdir()
    return Garden(root).write(RED)


def test_a_clean_checkout_knows_commit_and_branch(garden: Garden) -> None:
    commit = garden.commit()
    found = git.look(garden.root)
    assert (found.commit, found.branch, found.default_branch, found.dirty) == (commit, "main", "main", False)


def test_untracked_files_never_make_a_tree_dirty_and_changed_ones_do(garden: Garden) -> None:
    garden.commit()
    garden.write({"new file.py": ""})
    assert git.look(garden.root).untracked == ("new file.py",)
    assert not git.look(garden.root).dirty
    garden.write({"shop/cart.py": "# changed\n"})
    assert git.look(garden.root).changed == ("shop/cart.py",)


def test_a_folder_below_the_root_of_the_repository_speaks_of_its_own_paths(garden: Garden) -> None:
    garden.commit()
    garden.write({"shop/cart.py": "# changed\n"})
    assert git.look(garden.root / "shop").changed == ("cart.py",)


def test_no_repository_and_no_commit_are_told_apart(tmp_path: Path, garden: Garden) -> None:
    assert "not in a git repository" in git.look(tmp_path).why_not
    assert "no commit" in git.look(garden.root).why_not


def test_a_detached_head_has_no_branch(garden: Garden) -> None:
    commit = garden.commit()
    garden.git("checkout", "--quiet", "--detach")
    assert (git.look(garden.root).commit, git.look(garden.root).branch) == (commit, None)


def test_ancestors_are_the_commits_in_the_history_of_head_and_unknown_ones_are_not(garden: Garden) -> None:
    first, second = garden.commit("one"), garden.commit("two")
    garden.git("checkout", "--quiet", first)
    assert git.ancestors(garden.root, [first, second, "f" * 40]) == {first}


def test_the_timeline_begins_with_the_work_tree_and_follows_renames(garden: Garden) -> None:
    garden.commit("first")
    garden.git("mv", "shop/cart.py", "shop/basket é.py")
    moved = garden.commit("Call it a basket")
    garden.write({"shop/basket é.py": "# changed\n"})
    now, newest, first = git.timeline(garden.root)
    assert (now.commit, [(edit.old, edit.new) for edit in now.edits]) == ("", [("shop/basket é.py",) * 2])
    assert (newest.commit, newest.author, newest.subject) == (moved, "Ada", "Call it a basket")
    assert [(edit.old, edit.new) for edit in newest.edits] == [("shop/cart.py", "shop/basket é.py")]
    assert ("", "tests/test_cart.py") in [(edit.old, edit.new) for edit in first.edits]
    (edit,) = newest.edits
    assert git.blobs(garden.root, [edit.before]) == {edit.before: RED["shop/cart.py"]}


def test_a_merge_is_one_step_of_the_timeline(garden: Garden) -> None:
    garden.commit("first")
    garden.git("checkout", "--quiet", "-b", "topic")
    for text in ("1", "2"):
        garden.write({"shop/cart.py": f"# {text}\n"}).commit(text)
    garden.git("checkout", "--quiet", "main")
    garden.git("merge", "--quiet", "--no-ff", "topic", "-m", "Merge topic")
    assert [step.subject for step in git.timeline(garden.root)] == ["", "Merge topic", "first"]


def test_what_a_branch_changed_is_what_the_default_branch_lacks(garden: Garden) -> None:
    garden.commit()
    garden.git("checkout", "--quiet", "-b", "topic")
    garden.write({"shop/cart.py": "# changed\n"}).commit()
    assert git.changed_on_branch(garden.root, "main") == ("shop/cart.py",)


def test_a_worklog_is_committed_alone(garden: Garden) -> None:
    garden.commit()
    garden.write({"log.md": "text", "other.md": "mine"})
    assert git.unsafe_to_commit(garden.root) == ""
    assert "committed" in git.commit(garden.root, ["log.md"], "a worklog")
    assert garden.git("show", "--name-only", "--format=%s").split("\n\n") == ["a worklog", "log.md\n"]
    assert git.look(garden.root).untracked == ("other.md",)


def test_nothing_is_committed_beside_what_somebody_staged(garden: Garden) -> None:
    garden.commit()
    garden.write({"shop/cart.py": "# staged\n"}).git("add", "shop/cart.py")
    assert "index" in git.unsafe_to_commit(garden.root)


def test_nothing_is_committed_in_the_middle_of_a_merge(garden: Garden) -> None:
    garden.commit()
    (garden.root / ".git" / "MERGE_HEAD").write_text(garden.git("rev-parse", "HEAD"), encoding="utf-8")
    assert "merge" in git.unsafe_to_commit(garden.root)


def test_owners_come_from_the_last_matching_line_of_codeowners(garden: Garden) -> None:
    garden.write({".github/CODEOWNERS": "* @everybody\n/shop/ @ada @org/shop\n"})
    find = owners(garden.root)
    assert find("shop/cart.py") == ("@ada", "@org/shop")
    assert find("tests/test_cart.py") == ("@everybody",)


def test_without_codeowners_nobody_owns_anything(garden: Garden) -> None:
    assert owners(garden.root)("shop/cart.py") == ()
