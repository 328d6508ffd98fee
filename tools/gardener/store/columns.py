"""The marks of many runs turned round: for each name a number with one bit for each run, bit 0 for the newest."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

T = TypeVar("T")

_DIGITS = tuple(bytes(48 + (byte >> place & 1) for byte in range(256)) for place in range(8))


@dataclass(frozen=True, slots=True, kw_only=True)
class Columns:
    """Rows of equal width, a run each, the oldest first: bit n of a row is name n."""

    rows: bytes
    width: int  # bytes

    def of(self, number: int) -> int:
        """The runs that marked a name: taking one bit of every row costs less than asking run by run."""
        if number >> 3 >= self.width:
            return 0
        return int(self.rows[number >> 3 :: self.width].translate(_DIGITS[number & 7]), 2)


def turned(masks: Sequence[int]) -> Columns:
    """The columns of bits over names; `masks` are those of the runs, the newest first."""
    width = (max((mask.bit_length() for mask in masks), default=0) + 7) // 8
    return Columns(rows=b"".join(mask.to_bytes(width, "little") for mask in reversed(masks)), width=width)


def which(runs: Sequence[T], holds: Callable[[T], bool]) -> int:
    """A bit for each run, the newest first, of which it holds."""
    return sum(1 << place for place, run in enumerate(runs) if holds(run))


def newest(runs: int) -> int:
    """The place of the newest run of some; -1 where there is none."""
    return (runs & -runs).bit_length() - 1


def newer(runs: int, than: int) -> int:
    """Those of the runs that are newer than the newest of `than`; all where that is none."""
    return runs & ((than & -than) - 1) if than else runs
