"""The suites of the benchmark break as they are said to: every break changes something, none hides another."""

import ast

import pytest
from benchmarks.broken_suites.application import sound
from benchmarks.broken_suites.decay import Break, applied, drawn
from benchmarks.broken_suites.play import truth
from benchmarks.broken_suites.sdists import NO_PACKAGE, candidates
from benchmarks.live_grouping.projects import Project

pytestmark = pytest.mark.unit


def test_the_sound_application_is_python() -> None:
    for path, text in sound().items():
        if path.endswith(".py"):
            ast.parse(text, path)


@pytest.mark.parametrize("number", [1, 2, 3])
def test_a_drawn_suite_holds_sixty_breaks_that_each_change_something(number: int) -> None:
    breaks = drawn(number)
    files = sound()
    assert len({each.name for each in breaks}) == 60
    assert all(applied(files, [each]) != files for each in breaks)
    changed = [path for each in breaks if " " in each.name for path in {edit[0] for edit in each.edits}]
    assert len(changed) == len(set(changed))
    assert applied(files, breaks) == applied(files, breaks[::-1])


def test_a_break_that_finds_nothing_to_change_says_so() -> None:
    with pytest.raises(ValueError, match="is not in"):
        applied(sound(), [Break(name="moot", edits=(("switchboard/core/bus.py", "no such text", "x"),))])


def test_a_test_that_breaks_of_two_roots_fail_has_no_truth() -> None:
    first, second, third = (Break(name=name, edits=(), root=root) for name, root in (("a", ""), ("b", "r"), ("c", "r")))
    by_break = {first: frozenset({"x", "y"}), second: frozenset({"y", "z"}), third: frozenset({"z"})}
    assert truth(["x", "y", "z", "w"], by_break) == {"x": "a", "z": "r"}


def test_files_that_ask_for_parts_of_one_module_have_one_root() -> None:
    files = {
        "src/shop/form.py": "class Form: ...\n",
        "src/shop/fields/__init__.py": "class Field: ...\n",
        "tests/test_first.py": "from shop.form import Form\n",
        "tests/test_second.py": "from shop.form import Form\n",
        "tests/test_third.py": "from shop.fields import Field\n",  # a package already: nothing to restore
    }
    project = Project(name="shop", version="1", source="src", package="src/shop", tests="tests")
    found = [each for each in candidates(files, project, 1) if each.name.startswith(NO_PACKAGE)]
    assert {(each.edits[0][2], each.root) for each in found} == {
        ("from shop.form.test_first import Form\n", "shop.form is no package"),
        ("from shop.form.test_second import Form\n", "shop.form is no package"),
    }
