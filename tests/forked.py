"""gardener as a process of its own that does not pay for its imports: forked from one that has them already.

Run as a script it answers requests, a line of JSON each, with the exit code: `words`, `cwd`, `env`, where `out` and
`err` go, and `first`, a function of this file that the new process calls before gardener begins. Where processes
do not fork well, it answers one and ends.
"""

import atexit
import functools
import gc
import importlib
import json
import os
import pkgutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

FORKS = sys.platform == "linux"  # frameworks of macOS do not bear it
UNASKED = ("gardener.runs.recorder", "gardener.runs.spectrum", "gardener.sessions")  # of pytest's process, and of nox


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """How one call of gardener ended."""

    code: int
    out: str
    err: str

    @property
    def data(self) -> Any:
        return json.loads(self.out)

    @property
    def run(self) -> Any:
        """The only run of a `gardener run --format json`."""
        (run,) = self.data["runs"]
        return run


def call(*words: str, cwd: Path, env: Mapping[str, str], first: str = "") -> Ended:
    """What a user's call of gardener in a folder brings."""
    with tempfile.TemporaryDirectory(prefix="gardener-call-") as folder:
        places = {name: f"{folder}/{name}" for name in ("out", "err")}
        asked = json.dumps({"words": words, "cwd": str(cwd), "env": dict(env), "first": first} | places)
        process = _server() if FORKS else _start()
        try:
            code = _answer(process, asked)
        except BaseException:  # the time limit of a test: what it still says is not for the next one
            process.kill()
            _server.cache_clear()
            raise
        finally:
            if not FORKS or process.poll() is not None:
                process.communicate()
        said = {name: Path(place).read_text(encoding="utf-8") for name, place in places.items()}
        return Ended(code=code, **said)


def _answer(process: "subprocess.Popen[str]", asked: str) -> int:
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(asked + "\n")
    process.stdin.flush()
    return int(process.stdout.readline())


@functools.cache
def _server() -> "subprocess.Popen[str]":
    process = _start()
    atexit.register(process.communicate)
    return process


def _start() -> "subprocess.Popen[str]":
    argv = [sys.executable, __file__]
    return subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8")


def retries_come_at_once() -> None:
    """How long they would have waited is tested by values."""
    import stamina

    stamina.set_testing(testing=True, attempts=5, cap=True)


def an_hour_is_over_once_a_test_hangs() -> None:
    """A file named `hangs` in the current folder tells; so no time limit comes before, however busy the machine."""
    hangs, clock = Path("hangs").absolute(), time.monotonic
    time.monotonic = lambda: clock() + 3600 * hangs.exists()


def _load() -> None:
    """All that a call may need, and what is read from the package itself."""
    import gardener
    from gardener.rulebook import load_rulebook

    for module in pkgutil.walk_packages(gardener.__path__, "gardener."):
        if module.name not in (*UNASKED, "gardener.__main__") and ".migrations" not in module.name:
            importlib.import_module(module.name)
    importlib.import_module("sqlalchemy.dialects.sqlite")
    load_rulebook()
    gc.freeze()  # a child that looked through all of it for garbage would copy it


def _become(asked: Mapping[str, Any]) -> Callable[[], object]:
    """This process as a shell would have begun it."""
    for number, (place, mode) in enumerate([(os.devnull, "r"), (asked["out"], "w"), (asked["err"], "w")]):
        with Path(place).open(mode, encoding="utf-8") as file:
            os.dup2(file.fileno(), number)
    os.chdir(asked["cwd"])
    os.environ.clear()
    os.environ.update(asked["env"])
    tempfile.tempdir = None
    sys.argv = ["gardener", *asked["words"]]
    if asked["first"]:
        globals()[asked["first"]]()
    from gardener.__main__ import main

    return main


def _serve() -> Callable[[], object]:
    """Answers until nobody asks any more; returns in the processes that are to become gardener."""
    _load()
    while line := sys.stdin.readline():
        child = os.fork()
        if not child:
            return _become(json.loads(line))
        print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
    return lambda: None


def _once() -> None:
    answers = os.dup(1)
    try:
        _become(json.loads(sys.stdin.readline()))()
    except SystemExit as ended:
        os.write(answers, f"{ended.code or 0}\n".encode())


if __name__ == "__main__":
    _serve()() if FORKS else _once()
