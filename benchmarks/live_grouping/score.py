"""How well groups match faults: B-cubed, exactness, issues per fault. Pure."""

from collections import Counter
from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass, fields


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """Each from 0 to 1 but `ratio`, which is right at 1: above it splits, below it merges."""

    precision: float
    recall: float
    f1: float
    exact: float  # share of faults whose tests are one group, and nobody else's
    ratio: float  # groups per fault


def score(truth: Mapping[str, Hashable], groups: Mapping[str, Hashable]) -> Score:
    """Of the tests in `truth` only; one in no group counts as wrong both ways. `truth` is not empty."""
    cells = Counter((fault, groups[test]) for test, fault in truth.items() if test in groups)
    faults = Counter(truth.values())
    sizes = Counter(groups[test] for test in truth if test in groups)
    precision = sum(n * n / sizes[group] for (_, group), n in cells.items()) / len(truth)
    recall = sum(n * n / faults[fault] for (fault, _), n in cells.items()) / len(truth)
    exact = sum(n == sizes[group] == faults[fault] for (fault, group), n in cells.items())
    return Score(
        precision=precision,
        recall=recall,
        f1=2 * precision * recall / (precision + recall) if precision + recall else 0.0,
        exact=exact / len(faults),
        ratio=len(sizes) / len(faults),
    )


def mean(scores: Iterable[Score]) -> Score:
    """Every case alike, whatever its size."""
    rows = list(scores)
    return Score(**{f.name: sum(getattr(row, f.name) for row in rows) / len(rows) for f in fields(Score)})
