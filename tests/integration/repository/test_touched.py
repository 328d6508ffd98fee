"""What changed since a commit, and the lines by which a test meets it, read from a real repository."""

from pathlib import Path

import pytest
from garden import Garden

from gardener.repository.touched import touched

pytestmark = pytest.mark.integration

BEFORE = '''\
LIMIT = 3


def total(prices):
    """What they cost."""
    if not prices:
        return 0
    return sum(
        prices
    )


class Cart:
    def __init__(self, owner):
        self.owner = owner

    def full(self, prices):
        return len(prices) > LIMIT
'''


def lines_of(tmp_path: Path, *changes: tuple[str, str]) -> dict[str, tuple[int, ...]]:
    """By name, the lines of each touched definition after the changes; the last of them is not committed."""
    garden = Garden(tmp_path).write({"shop.py": BEFORE})
    good = garden.commit("good")
    text = BEFORE
    for number, (old, new) in enumerate(changes):
        assert old in text
        text = text.replace(old, new)
        garden.write({"shop.py": text})
        if number < len(changes) - 1:
            garden.commit("change")
    return {each.name: each.lines for each in touched(tmp_path, good)}


def test_a_changed_statement_is_met_by_any_of_its_lines(tmp_path: Path) -> None:
    assert lines_of(tmp_path, ("        prices\n    )", "        prices[1:]\n    )")) == {"total": (8, 9, 10)}


def test_a_changed_condition_is_met_where_it_is_asked_not_in_what_depends_on_it(tmp_path: Path) -> None:
    assert lines_of(tmp_path, ("if not prices", "if prices")) == {"total": (6,)}


def test_commits_and_the_work_tree_count_together(tmp_path: Path) -> None:
    found = lines_of(tmp_path, ("return 0", "return 1"), ("self.owner = owner", "self.owner = owner.name"))
    assert found == {"total": (7,), "Cart.__init__": (15,)}


def test_a_changed_signature_is_met_by_entering_the_function(tmp_path: Path) -> None:
    assert lines_of(tmp_path, ("def full(self, prices)", "def full(self, prices, more=())")) == {"Cart.full": (17,)}


def test_a_changed_constant_is_met_where_a_function_names_it(tmp_path: Path) -> None:
    assert lines_of(tmp_path, ("LIMIT = 3", "LIMIT = 4")) == {"LIMIT": (18,)}


def test_what_was_taken_away_is_met_beside_it(tmp_path: Path) -> None:
    assert lines_of(tmp_path, ("    if not prices:\n        return 0\n", "")) == {"total": (5, 6, 7, 8)}


def test_what_has_another_name_now_is_gone_and_not_met_by_whoever_names_it(tmp_path: Path) -> None:
    garden = Garden(tmp_path).write({"shop.py": BEFORE + "\n\ndef look(cart):\n    return cart.full([])\n"})
    good = garden.commit("good")
    garden.write({"shop.py": (tmp_path / "shop.py").read_text(encoding="utf-8").replace("def full", "def filled")})
    found = {each.name: (each.lines, each.gone) for each in touched(tmp_path, good)}
    assert found == {"Cart.filled": ((17,), False), "Cart.full": ((), True)}


def test_comments_and_layout_are_no_change(tmp_path: Path) -> None:
    assert lines_of(tmp_path, ("        return 0\n", "        return 0  # nothing\n\n")) == {}


def test_what_does_not_parse_and_a_commit_that_is_not_there_tell_nothing(tmp_path: Path) -> None:
    assert lines_of(tmp_path, ("def total(prices):", "def total(prices:")) == {}
    assert touched(tmp_path, "0" * 40) == ()
