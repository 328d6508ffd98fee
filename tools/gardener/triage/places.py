"""Which of the repository's own frames of a traceback are of its tests, and which is the deepest."""

import functools
from collections.abc import Sequence

from gardener.model.run import Frame, is_own

_TEST_FOLDERS = frozenset({"test", "tests"})


@functools.lru_cache(maxsize=4096)  # the frames of a run lie in few files
def is_test(path: str) -> bool:
    """Whether a path is test code by pytest's conventions."""
    *folders, name = path.split("/")
    conventional = name.startswith("test_") or name.endswith("_test.py") or name in ("conftest.py", "tests.py")
    return conventional or not _TEST_FOLDERS.isdisjoint(folders)


def deepest(frames: Sequence[Frame], *, tests: bool = False) -> Frame | None:
    """The innermost frame of product code (or, with `tests`, of any own code); one with a named function first."""
    own = [frame for frame in frames if is_own(frame.path) and (tests or not is_test(frame.path))]
    return next(reversed([frame for frame in own if named(frame)] or own), None)


def circling(frames: Sequence[Frame]) -> Frame | None:
    """Of the product's functions that call each other without end the first by name: where the stack ends is chance."""
    own = [frame for frame in frames if is_own(frame.path) and not is_test(frame.path) and named(frame)]
    seen: dict[str, int] = {}
    for at, frame in enumerate(own):
        first = seen.setdefault(site(frame), at)
        if first != at:
            return min(own[first:at], key=site)
    return None


def named(frame: Frame) -> bool:
    """Whether the frame is of a function that a person named: no lambda, comprehension or module."""
    return bool(frame.function) and not str(frame.function).startswith("<")


def site(frame: Frame) -> str:
    """A place that survives line shifts: path and function."""
    return f"{frame.path}::{frame.function}" if named(frame) else frame.path
