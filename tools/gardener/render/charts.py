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
    number: int  # of tests that it fails or blocks
    width: float


def pieces(counts: Counts) -> tuple[Piece, ...]:
    """The outcomes of all tests as one stacked bar, red first; outcomes that did not occur are left out."""
    numbers = {name: getattr(counts, name) for name in _ORDER if getattr(counts, name)}
    widths = [max(_LEAST, 100 * number / counts.collected) for number in numbers.values()]
    scale = 100 / sum(widths) if widths else 1
    return tuple(
        Piece(name=name, number=number, start=round(scale * sum(widths[:place]), 2), width=round(scale * width, 2))
        for place, ((name, number), width) in enumerate(zip(numbers.items(), widths, strict=True))
    )


def bars(findings: Sequence[Finding], most: int = 15) -> tuple[Bar, ...]:
    """One bar per finding, in the given order; none where it neither fails nor blocks a test."""
    numbers = [len(one.tests) + len(one.blocked) for one in findings[:most]]
    longest = max(numbers, default=0) or 1
    return tuple(
        Bar(finding=one, number=number, width=round(max(_LEAST, 100 * number / longest), 2) if number else 0.0)
        for one, number in zip(findings, numbers, strict=False)
    )
