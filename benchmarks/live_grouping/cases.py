"""Cases of one to six faults, drawn by a seed from faults that each make tests fail when they are alone."""

import random
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from benchmarks.live_grouping.faults import VALUES, Edit, apart

POOL = 24  # proven faults per project
PER_OPERATOR = 4  # of them by one operator


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """An edit, and the tests that fail under it alone (a file that cannot be collected is one test)."""

    edit: Edit
    tests: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """Faults that meet, the harmless edits among them, and the commits in which they came."""

    project: str
    number: int
    flavour: str  # any, values, twins
    faults: tuple[Fault, ...]
    commits: tuple[tuple[Edit, ...], ...]


def pool(edits: Sequence[Edit], probe: Callable[[Sequence[Edit]], tuple[str, ...] | None], seed: str) -> list[Fault]:
    """Proven faults, the operators in turn. `probe` gives the tests that fail, None when the suite hangs."""
    found: list[Fault] = []
    made: Counter[str] = Counter()
    for edit in _in_turn(random.Random(seed).sample(edits, len(edits))):
        if len(found) < POOL and made[edit.operator] < PER_OPERATOR and (tests := probe([edit])):
            found.append(Fault(edit=edit, tests=tests))
            made[edit.operator] += 1
    return found


def draw(project: str, number: int, known: Sequence[Fault], harmless: Sequence[Edit], seed: int) -> Case:
    """Case `number` of a project; the same for the same seed."""
    chance = random.Random(f"{seed}:{project}:{number}")
    flavour = ("values", "twins", "any")[number % 3]
    faults = _compatible(_preferred(known, flavour, chance), 1 + (number + len(project)) % 6)
    cover = first_apart([fault.edit for fault in faults], chance.sample(harmless, len(harmless)), len(faults) + 1)
    return Case(project=project, number=number, flavour=flavour, faults=faults, commits=_commits(faults, cover, chance))


def truth(faults: Iterable[Fault], failed: Iterable[str]) -> dict[str, int]:
    """The fault of each failed test that fails under exactly one of them alone."""
    blamed: dict[str, list[int]] = {}
    for number, fault in enumerate(faults):
        for test in fault.tests:
            blamed.setdefault(test, []).append(number)
    return {test: blamed[test][0] for test in failed if len(blamed.get(test, ())) == 1}


def _in_turn(edits: Sequence[Edit]) -> list[Edit]:
    """One of each operator after another, each function once for an operator."""
    seen: Counter[str] = Counter()
    placed: dict[tuple[str, str, str], Edit] = {}
    for edit in edits:
        placed.setdefault((edit.operator, edit.path, edit.function or edit.text), edit)
    turns: list[tuple[int, Edit]] = []
    for edit in placed.values():
        turns.append((seen[edit.operator], edit))
        seen[edit.operator] += 1
    return [edit for _, edit in sorted(turns, key=lambda turn: turn[0])]


def _preferred(known: Sequence[Fault], flavour: str, chance: random.Random) -> list[Fault]:
    """All faults, those that the flavour asks for first."""
    mixed = chance.sample(known, len(known))
    if flavour == "values":
        return sorted(mixed, key=lambda fault: fault.edit.operator not in VALUES)
    if flavour == "twins":
        one = mixed[0].edit.operator
        return sorted(mixed, key=lambda fault: fault.edit.operator != one)
    return mixed


def _compatible(candidates: Sequence[Fault], wanted: int) -> tuple[Fault, ...]:
    """The first that lie apart and leave each other tests of their own."""
    chosen: list[Fault] = []
    for fault in candidates:
        more = [*chosen, fault]
        blamed = truth(more, {test for each in more for test in each.tests})
        if len(chosen) < wanted and apart([each.edit for each in more]) and len(set(blamed.values())) == len(more):
            chosen = more
    return tuple(chosen)


def first_apart(taken: Sequence[Edit], candidates: Sequence[Edit], wanted: int) -> list[Edit]:
    """The first that touch neither each other nor what is taken."""
    chosen: list[Edit] = []
    for edit in candidates:
        if len(chosen) < wanted and apart([*taken, *chosen, edit]):
            chosen.append(edit)
    return chosen


def _commits(faults: Sequence[Fault], cover: list[Edit], chance: random.Random) -> tuple[tuple[Edit, ...], ...]:
    """Now and then two faults in one commit; a harmless edit in each, and one commit of only that."""
    commits: list[tuple[Edit, ...]] = [tuple(cover[:1])]
    waiting, cover = [fault.edit for fault in faults], cover[1:]
    while waiting:
        size = 2 if chance.random() < 0.3 else 1
        commits.append((*waiting[:size], *cover[:1]))
        waiting, cover = waiting[size:], cover[1:]
    return tuple(chance.sample(commits, len(commits)))
