"""Every error that a user can cause, with its remedy and its exit code."""

import difflib
import enum
from collections.abc import Iterable


class Exit(enum.IntEnum):
    """The documented exit codes; `worst` picks one when several apply."""

    HEALTHY = 0
    FAILING = 1
    USAGE = 2
    BLOCKED = 3
    REFUSED = 4
    EMPTY = 5
    CRASHED = 6
    BUG = 70
    INTERRUPTED = 130


_WORST_FIRST = tuple(map(Exit, (130, 70, 2, 4, 6, 3, 5, 1, 0)))  # as docs/exit-codes.md has them


def worst(codes: list[Exit]) -> Exit:
    """The code that wins when several apply; HEALTHY for none."""
    return min(codes, key=_WORST_FIRST.index, default=Exit.HEALTHY)


def nearest(wanted: object, known: Iterable[str]) -> str:
    """A hint for a name that does not exist."""
    names = list(known)
    near = difflib.get_close_matches(str(wanted), names, n=1, cutoff=0.5)
    return f"Did you mean {near[0]}?" if near else f"Known here: {', '.join(names) or 'none'}."


class GardenerError(Exception):
    """Something the user can mend: what is wrong and where, and how to mend it."""

    exit = Exit.USAGE

    def __init__(self, message: str, hint: str) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class ConfigurationError(GardenerError):
    """Settings or arguments that cannot be obeyed."""


class UnreadableReport(GardenerError):
    """A report that no reader understands."""


class NoTestRunner(GardenerError):
    """The target environment has no usable pytest."""


class StoreError(GardenerError):
    """The store refused: locked, read-only, damaged, or not a gardener store."""

    exit = Exit.REFUSED


class TrackerError(GardenerError):
    """The tracker refused or could not be reached; nothing recorded is lost."""

    exit = Exit.REFUSED


class OutcomeUnknown(TrackerError):
    """A write was sent and its answer was lost: look before writing again."""


class IssueMoved(TrackerError):
    """The issue was written by somebody else since it was read: read it again, and decide what still holds."""


class TrackerUnreliable(TrackerError):
    """The tracker's list is empty, shorter than known, or not what a tracker returns."""


class TrackerReadOnly(TrackerError):
    """The token may read but not write: the report and its files are all there will be, the exit code stays."""
