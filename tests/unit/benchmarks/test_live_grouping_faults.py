"""Injected faults are small, stay Python, and do what they are called."""

import ast

import pytest
from benchmarks.live_grouping.cases import Fault, draw, truth
from benchmarks.live_grouping.faults import Edit, apart, applied, faults, harmless

pytestmark = pytest.mark.unit

SOURCE = '''\
import math

SMALL, LARGE = 1, 2


class Shelf:
    """Für Bücher."""

    def room(self, books, *, wide=False):
        """How much is left."""
        if len(books) > 3:
            return "voll"
        return self.size - len(books) * SMALL

    def label(self):
        return {"name": "shelf", "size": self.size}


def area(radius):
    return math.pi * radius ** 2
'''.encode()


def by(operator: str) -> list[Edit]:
    return [edit for edit in faults("shelf.py", SOURCE) if edit.operator == operator]


def mutant(operator: str, place: int = 0) -> str:
    return applied(SOURCE, [by(operator)[place]]).decode()


@pytest.mark.parametrize(
    ("operator", "line"),
    [
        ("off-by-one", "if len(books) > 4:"),
        ("flipped-comparison", "if len(books) >= 3:"),
        ("changed-constant", "return 'VOLL'"),
        ("return-none", "return None"),
        ("renamed-attribute", "return self.size_value - len(books) * SMALL"),
        ("added-parameter", "def room(self, books, *, wide=False, context):"),
        ("wrong-member", "return self.size - len(books) * LARGE"),
        ("dropped-key", "return {'size': self.size}"),
        ("unreachable", "raise ConnectionError('connection refused')"),
        ("missing-import", "pass"),
    ],
)
def test_an_operator_changes_this_line(operator: str, line: str) -> None:
    changed = set(mutant(operator).splitlines()) - set(SOURCE.decode().splitlines())
    assert line in {each.strip() for each in changed}


def test_every_fault_and_every_harmless_edit_is_still_python() -> None:
    for edit in [*faults("shelf.py", SOURCE), *harmless("shelf.py", SOURCE)]:
        ast.parse(applied(SOURCE, [edit]))


def test_docstrings_are_left_alone() -> None:
    assert all("How much" not in edit.text and "HOW MUCH" not in edit.text for edit in by("changed-constant"))


def test_faults_of_one_function_are_not_apart() -> None:
    assert not apart([by("off-by-one")[0], by("return-none")[1]])
    assert apart([by("off-by-one")[0], by("dropped-key")[0]])


def test_edits_that_are_apart_are_all_applied() -> None:
    both = applied(SOURCE, [by("off-by-one")[0], by("dropped-key")[0]]).decode()
    assert "> 4" in both
    assert "{'size': self.size}" in both


def test_a_harmless_edit_keeps_the_value() -> None:
    spaces: dict = {}
    exec(applied(SOURCE, harmless("shelf.py", SOURCE)[-1:]), spaces)
    assert spaces["area"](1) == pytest.approx(3.14159, abs=1e-4)


def test_a_test_that_two_faults_break_proves_neither() -> None:
    one, other = (Fault(edit=edit, tests=tests) for edit, tests in zip(by("off-by-one"), ["ab", "bc"], strict=False))
    assert truth([one, other], ["a", "b", "c", "d"]) == {"a": 0, "c": 1}


def test_the_same_seed_draws_the_same_case_and_commits_every_fault_once() -> None:
    edits = by("off-by-one") + by("dropped-key") + by("unreachable")
    known = [Fault(edit=edit, tests=(f"t{n}",)) for n, edit in enumerate(edits)]
    case = draw("shelves", 5, known, harmless("shelf.py", SOURCE), 1)
    assert case == draw("shelves", 5, known, harmless("shelf.py", SOURCE), 1)
    committed = [edit for commit in case.commits for edit in commit]
    assert all(committed.count(fault.edit) == 1 for fault in case.faults)
