"""How the work on a text grows with it: the only thing about time that a test may ask; figures are for benchmarks."""

import time
from collections.abc import Callable

SMALL, LARGE = 4096, 65536  # characters
MOST = 64  # of 16 times as much text: what is quadratic takes 256 times as long
LEAST_S = 0.0005  # what is quicker counts as this, for clocks are coarse


def is_steep(act: Callable[[str], object], unit: str) -> bool:
    """Whether the work on a text of so many `unit`s grows much faster than the text."""
    small, large = (_seconds(act, (unit * (size // len(unit) + 1))[:size]) for size in (SMALL, LARGE))
    return large > MOST * max(small, LEAST_S)


def _seconds(act: Callable[[str], object], text: str) -> float:
    return min(_once(act, text) for _ in range(3))


def _once(act: Callable[[str], object], text: str) -> float:
    start = time.thread_time()
    act(text)
    return time.thread_time() - start
