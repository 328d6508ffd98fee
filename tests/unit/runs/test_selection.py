"""A focus as pytest arguments."""

import pytest

from gardener.model.focus import Focus
from gardener.runs.selection import Selection, select

pytestmark = pytest.mark.unit


@pytest.mark.parametrize(
    ("focus", "selection"),
    [
        (Focus(name="unit"), Selection(arguments=())),
        (Focus(name="unit", paths=("tests/unit", "a b")), Selection(arguments=("tests/unit", "a b"))),
        (Focus(name="unit", markers="unit and not slow"), Selection(arguments=("-m", "unit and not slow"))),
        (Focus(name="unit", match=("*ws*", "auth")), Selection(arguments=(), match=("*ws*", "auth"))),
        (Focus(name="unit", match=("event and not slow",)), Selection(arguments=("-k", "(event and not slow)"))),
    ],
)
def test_a_focus_becomes_arguments_and_what_only_the_recorder_can_judge(focus: Focus, selection: Selection) -> None:
    assert select(focus) == selection


def test_named_tests_are_found_through_their_files() -> None:
    nodes = ("t/a.py::x", "t/a.py::y[1::2]", "t/b.py::z")
    assert select(Focus(name="unit", paths=("t",), markers="slow"), nodes).arguments == ("t/a.py", "t/b.py")


def test_a_selection_is_shown_as_a_shell_would_take_it() -> None:
    assert select(Focus(name="unit", paths=("a b",), markers="not slow")).line == "'a b' -m 'not slow'"
