"""Which tests a spectrum run takes, so that it stays cheap, and what it wrote. Choosing is pure."""

import contextlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from gardener.model.finding import Touched
from gardener.model.run import Case, Outcome, Run

SHARE = 0.3  # of the time that the failing tests need
EACH_S = 0.002  # what pytest itself does around a test
START_S = 1.0  # a new start of pytest, at least
SLOWER = 1.5  # what watching may cost a test, as a factor on its time
NEIGHBOURS = 0.4  # of the time that there is, for tests that pass
MOST = 1000  # tests in all


@dataclass(frozen=True, slots=True, kw_only=True)
class Costs:
    """What the failing tests need when a user runs them alone, from the start of pytest; of it, what starts anew."""

    needed_s: float
    start_s: float = 0.0

    @classmethod
    def anew(cls, run: Run) -> "Costs":
        """Where a new start has to be paid too: it takes what the run took besides its tests."""
        start_s = max(START_S, run.duration_s - sum(case.duration_s for case in run.cases if case.attempt == 1))
        return cls(needed_s=start_s + sum(case.duration_s for case in red(run.cases)), start_s=start_s)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """Node ids to run, the seconds after which no further one begins, and those after which all is ended."""

    failing: tuple[str, ...] = ()
    passing: tuple[str, ...] = ()
    budget_s: float = 0.0
    limit_s: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """The wanted lines that a test ran, by path, and the phases in which it failed, with the type of the exception.

    `tried`: by changed definition, whether it passed while that was what it had been before.
    """

    ran: Mapping[str, Sequence[int]]
    failed: Sequence[Sequence[str]] = field(default_factory=tuple)
    tried: Mapping[str, bool] = field(default_factory=dict)


def choose(cases: Sequence[Case], wanted: Iterable[str], costs: Costs) -> Sample:
    """The failing tests that are wanted and passing ones beside them, by the time that they took.

    First one failing test of each function, then its further parameters; of the passing tests those of the same files
    first. All of them together, with a new start, are expected to stay below SHARE of what the failing tests need.
    """
    times = {case.node: (case.duration_s + EACH_S) * SLOWER for case in cases if case.attempt == 1}
    wanted = [node for node in dict.fromkeys(wanted) if node in times and "::" in node]
    files = {file_of(node) for node in wanted}
    green = [case.node for case in cases if case.outcome is Outcome.PASSED]
    budget_s = SHARE * costs.needed_s - costs.start_s
    failing = _within(_functions_first(wanted, times), times, budget_s * (1 - NEIGHBOURS), MOST // 2)
    if not failing:
        return Sample()
    near = [node for node in green if file_of(node) in files]
    far = [node for node in green if file_of(node) not in files]
    left_s = budget_s - sum(times[node] for node in failing)
    passing = _within(
        [*_functions_first(near, times), *_functions_first(far, times)], times, left_s, MOST - len(failing)
    )
    return Sample(failing=failing, passing=passing, budget_s=budget_s, limit_s=costs.start_s + budget_s)


def read(file: Path) -> dict[str, Seen]:
    """What was seen of each test, by node id. A line that was cut off by a crash is left out."""
    seen: dict[str, Seen] = {}
    for line in file.read_text(encoding="utf-8", errors="replace").splitlines() if file.exists() else ():
        with contextlib.suppress(ValueError, KeyError):
            entry = json.loads(line)
            if "without" in entry:
                known = seen[entry["node"]]
                tried = {**known.tried, entry["without"]: entry["passed"]}
                seen[entry["node"]] = replace(known, tried=tried)
            else:
                seen[entry["node"]] = Seen(ran=entry["ran"], failed=entry["failed"])
    return seen


def lines_of(changes: Iterable[Touched]) -> dict[str, list[int]]:
    """By path, the lines by which tests meet the changes."""
    lines: dict[str, list[int]] = {}
    for each in changes:
        lines.setdefault(each.path, []).extend(each.lines)
    return lines


def alike(cases: Sequence[Case], seen: Mapping[str, Seen]) -> Iterator[str]:
    """The tests that failed once more in the same phase and by the same type of exception as in the run."""
    for case in red(cases):
        if case.node in seen and seen[case.node].failed:
            phase, exception = seen[case.node].failed[0]
            known = case.failures[0]
            if phase == known.origin and (known.exception or exception).rpartition(".")[2] == exception:
                yield case.node


def red(cases: Sequence[Case]) -> list[Case]:
    """What failed at the first attempt."""
    return [case for case in cases if case.attempt == 1 and case.failures]


def file_of(node: str) -> str:
    """The file of a test."""
    return node.partition("::")[0]


def _functions_first(nodes: Sequence[str], times: Mapping[str, float]) -> list[str]:
    """The quickest of each test function before its other parameters; the functions of all files in turn."""
    order: dict[str, list[str]] = {}
    for node in nodes:
        order.setdefault(node.partition("[")[0], []).append(node)
    placed = []
    for number, same in enumerate(order.values()):
        placed += [(turn, number, node) for turn, node in enumerate(sorted(same, key=lambda each: times[each]))]
    return [node for *_, node in sorted(placed)]


def _within(nodes: Iterable[str], times: Mapping[str, float], budget_s: float, most: int) -> tuple[str, ...]:
    taken: list[str] = []
    for node in nodes:
        if len(taken) < most and times[node] <= budget_s:
            budget_s -= times[node]
            taken.append(node)
    return tuple(taken)
