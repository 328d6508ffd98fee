"""Which tests a spectrum run takes, so that it stays cheap, and what it wrote. Choosing is pure."""

import contextlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from gardener.model.run import Case, Outcome

SHARE = 0.3  # of the time that the failing tests took in the main run
FLOOR_S = 3.0  # may always be spent: starting pytest takes about as long
EACH_S = 0.002  # what pytest itself does around a test
SLOWER = 1.5  # what watching may cost a test, as a factor on its time
NEIGHBOURS = 0.4  # of the time that there is, for tests that pass
MOST = 1000  # tests in all


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """Node ids to run, and how many seconds they may take before they are ended."""

    failing: tuple[str, ...]
    passing: tuple[str, ...]
    limit_s: float


def choose(cases: Sequence[Case], wanted: Iterable[str]) -> Sample:
    """The failing tests that are wanted and passing ones beside them, by the time that they took.

    First one failing test of each function, then its further parameters; of the passing tests those of the same files
    first. All of them together are expected to stay below SHARE of the time of the failing tests, or below FLOOR_S.
    """
    times = {case.node: (case.duration_s + EACH_S) * SLOWER for case in cases if case.attempt == 1}
    red = [node for node in dict.fromkeys(wanted) if node in times and "::" in node]
    files = {node.partition("::")[0] for node in red}
    green = [case.node for case in cases if case.outcome is Outcome.PASSED]
    spent_s = sum(case.duration_s for case in cases if case.failures)
    budget_s = max(SHARE * spent_s, FLOOR_S)
    failing = _within(_functions_first(red, times), times, budget_s * (1 - NEIGHBOURS), MOST // 2)
    near = [node for node in green if node.partition("::")[0] in files]
    far = [node for node in green if node.partition("::")[0] not in files]
    left_s = budget_s - sum(times[node] for node in failing)
    passing = _within(
        [*_functions_first(near, times), *_functions_first(far, times)], times, left_s, MOST - len(failing)
    )
    return Sample(failing=failing, passing=passing, limit_s=30.0 + 10 * budget_s)


def read(file: Path) -> dict[str, Mapping[str, Sequence[int]]]:
    """By node id, the wanted lines that each test ran, by path. A line that was cut off by a crash is left out."""
    ran: dict[str, Mapping[str, Sequence[int]]] = {}
    for line in file.read_text(encoding="utf-8", errors="replace").splitlines() if file.exists() else ():
        with contextlib.suppress(ValueError, KeyError):
            entry = json.loads(line)
            ran[entry["node"]] = entry["ran"]
    return ran


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
