"""Which frames of a traceback lie in the repository's own code, and which of them in its tests."""

import re
from collections.abc import Sequence

from gardener.model.run import Frame

_OUTSIDE = re.compile(r"^(?:\.\.|/|<|[A-Za-z]:)")
_INSTALLED = re.compile(r"^<|(?:^|/)(?:site-packages|dist-packages|\.?v?env|\.tox|\.nox|[Ll]ib/python3[^/]*)/")
_TEST_FOLDERS = frozenset({"test", "tests"})


def is_own(path: str) -> bool:
    """Whether a path lies in the repository: relative to its root, and not in an environment below it."""
    return not (_OUTSIDE.search(path) or _INSTALLED.search(path))


def is_installed(path: str) -> bool:
    """Whether a path lies in an environment or an interpreter, wherever the repository may be."""
    return bool(_INSTALLED.search(path))


def is_test(path: str) -> bool:
    """Whether a path is test code by pytest's conventions."""
    *folders, name = path.split("/")
    conventional = name.startswith("test_") or name.endswith("_test.py") or name in ("conftest.py", "tests.py")
    return conventional or not _TEST_FOLDERS.isdisjoint(folders)


def deepest(frames: Sequence[Frame], *, tests: bool = False) -> Frame | None:
    """The innermost frame of product code (or, with `tests`, of any own code); one with a named function first."""
    own = [frame for frame in frames if is_own(frame.path) and (tests or not is_test(frame.path))]
    return next(reversed([frame for frame in own if named(frame)] or own), None)


def named(frame: Frame) -> bool:
    """Whether the frame is of a function that a person named: no lambda, comprehension or module."""
    return bool(frame.function) and not str(frame.function).startswith("<")


def site(frame: Frame) -> str:
    """A place that survives line shifts: path and function."""
    return f"{frame.path}::{frame.function}" if named(frame) else frame.path
