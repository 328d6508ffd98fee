"""What happens to the project at each commit: faults that come, heal and come back, flaky tests, moves. Pure."""

import random
from collections.abc import Sequence
from dataclasses import dataclass

from benchmarks.live_grouping.cases import Fault, first_apart
from benchmarks.live_grouping.faults import Edit

COMMITS = 64  # on top of the sdist
FAULTS = 12
RECURRING = (0, 3, 6, 9)  # these come back after they were mended
GAP = 4  # commits between two that come
SHIFTED = frozenset({13, 29, 47})  # a refactoring that moves every line below it
RENAMED = {21: 0, 39: 1}  # commit → which test file gets another name
FLAKY = {"coin": frozenset({5, 9, 16, 18, 24, 31, 35, 42, 46, 53, 58}), "dice": frozenset({7, 12, 26, 33, 44, 51, 60})}
FLAKY_TEST = """\
import pathlib

ROUND = int((pathlib.Path(__file__).parent / "round.txt").read_text())
{tests}"""
ONE_FLAKY = """

def test_{name}():
    mark = pathlib.Path(__file__).parent / f".{name}-{{ROUND}}"
    if ROUND in {rounds} and not mark.exists():
        mark.touch()
        assert False, "the {name} fell on the wrong side"
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cause:
    """Something that makes tests fail, and the commits at which it lives."""

    name: str
    tests: tuple[str, ...]
    lives: frozenset[int]
    edit: Edit | None = None  # None for a flaky test


def script(known: Sequence[Fault], folder: str, seed: int = 1) -> tuple[Cause, ...]:
    """Twelve faults that lie apart, each alive for four to six commits, four of them twice; and two flaky tests.

    Another seed draws others, in another order.
    """
    drawn = known if seed == 1 else random.Random(seed).sample(known, len(known))
    edits = first_apart((), [fault.edit for fault in drawn], FAULTS)
    chosen = [next(fault for fault in known if fault.edit is edit) for edit in edits]
    causes = [
        Cause(name=f"{each.edit.operator} in {each.edit.function}", tests=each.tests, edit=each.edit, lives=_lives(at))
        for at, each in enumerate(chosen)
    ]
    every = frozenset(range(1, COMMITS + 1))
    flaky = [Cause(name=name, tests=(f"{folder}/test_luck.py::test_{name}",), lives=every) for name in FLAKY]
    return (*causes, *flaky)


def _lives(number: int) -> frozenset[int]:
    first = 2 + GAP * number
    alive = set(range(first, first + 4 + number % 3))
    if number in RECURRING:
        alive |= set(range(first + 15, first + 19))
    return frozenset(alive)


def flaky_tests() -> str:
    """The test file of the two that come and go."""
    tests = [ONE_FLAKY.format(name=name, rounds=sorted(rounds)) for name, rounds in FLAKY.items()]
    return FLAKY_TEST.format(tests="".join(tests))


def headed(source: bytes, commit: int) -> bytes:
    """A source whose lines lie lower after each refactoring."""
    return b"# moved\n" * (4 * sum(at <= commit for at in SHIFTED)) + source
