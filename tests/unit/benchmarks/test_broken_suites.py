"""The suites of the benchmark break as they are said to: every break changes something, none hides another."""

import ast

import pytest
from benchmarks.broken_suites.application import sound
from benchmarks.broken_suites.decay import Break, applied, drawn

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
