"""Geometry of the report's charts: shares as numbers between 0 and 100, that a template draws."""

from collections.abc import Sequence
from dataclasses import dataclass

from gardener.model.finding import Finding
from gardener.model.run import Counts

_ORDER = ("failed", "error", "lost", "blocked", "not_run", "xpassed", "xfailed", "skipped", "passed")
_LEAST = 0.8  # the narrowest piece that can still be seen


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """One part of a stacked bar."""

    name: str
    number: int
    start: float
    width: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """One finding's bar, as long as its share of the longest."""

    finding: Finding
    number: int
    unit: str  # what is counted
    width: float


def pieces(counts: Counts) -> tuple[Piece, ...]:
    """The outcomes of all tests as one stacked bar, red first; outcomes that did not occur are left out."""
    numbers = [(name, getattr(counts, name)) for name in _ORDER if getattr(counts, name)]
    widths = [max(_LEAST, 100 * number / counts.collected) for _, number in numbers]
    scale = 100 / sum(widths) if widths else 1.0
    made, start = [], 0.0
    for (name, number), width in zip(numbers, widths, strict=True):
        made.append(Piece(name=name, number=number, start=round(start, 2), width=round(width * scale, 2)))
        start += width * scale
    return tuple(made)


def bars(findings: Sequence[Finding], most: int = 15) -> tuple[Bar, ...]:
    """One bar per finding, in the given order: the tests that it fails and blocks, else how often it was seen."""
    numbered = []
    for finding in findings[:most]:
        tests = len(finding.tests) + len(finding.blocked)
        unit = "test" if finding.tests else "blocked" if finding.blocked else "time"
        numbered.append((finding, tests or finding.count, unit))
    longest = max((number for _, number, _ in numbered), default=1)
    return tuple(
        Bar(finding=finding, number=number, unit=unit, width=round(max(_LEAST, 100 * number / longest), 2))
        for finding, number, unit in numbered
    )
