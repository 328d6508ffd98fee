"""The one door to other processes: run a command, end its whole tree at a time limit."""

import contextlib
import math
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

_LOOK_S = 0.01  # between two looks at a process that is no child
# beside a process, what reads its standard input; only where the words are missing at its end it loads this file
_GUARD = "import runpy, sys; sys.stdin.buffer.read() or runpy.run_path(sys.argv[1], run_name='__main__')"
# a group of its own: Ctrl-C reaches gardener alone, and what a test leaves behind is found by its group
_APART: dict[str, Any] = (
    {"process_group": 0}
    if os.name == "posix"
    else {"creationflags": getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0)}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """How a command ended. `code` is None when the time limit ended it, negative for a signal."""

    code: int | None
    out: str = ""
    err: str = ""
    seconds: float = 0.0

    @property
    def ok(self) -> bool:
        """Whether it ended by itself with code 0."""
        return self.code == 0


def run(
    argv: Sequence[str],
    *,
    cwd: Path | str | None = None,
    env: Mapping[str, str] | None = None,
    timeout_s: float = 60.0,
    stdin: str = "",
) -> Done:
    """Run a short command and take its output. A missing program is code 127, with the words in `err`."""
    start = time.monotonic()
    try:
        child = subprocess.Popen(
            list(argv),
            cwd=cwd,
            env=dict(env) if env is not None else None,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            encoding="utf-8",
            errors="replace",
        )
    except OSError as error:
        return Done(code=127, err=str(error))
    try:
        out, err = child.communicate(stdin, timeout=timeout_s)
    except subprocess.TimeoutExpired:
        end_tree(child.pid)
        out, err = child.communicate()
        return Done(code=None, out=out, err=err, seconds=time.monotonic() - start)
    return Done(code=child.returncode, out=out, err=err, seconds=time.monotonic() - start)


def watch(
    argv: Sequence[str],
    *,
    cwd: Path,
    env: Mapping[str, str],
    output: Path,
    timeout_s: float | None,
    tick: Callable[[float], None],
    tick_every_s: float = 1.0,
    last_words: int | None = None,
) -> Done:
    """Run a long command with its output in a file; `tick` is called about every second with the seconds gone.

    The whole process tree is ended at the time limit, when this process is interrupted, and when it dies.
    `last_words` is a signal that the command takes before the time limit ends it.
    """
    start = time.monotonic()
    with output.open("wb") as sink, _interruptible():
        child = subprocess.Popen(
            list(argv),
            cwd=cwd,
            env=dict(env),
            stdin=subprocess.DEVNULL,
            stdout=sink,
            stderr=subprocess.STDOUT,
            **_APART,
        )
    try:
        with _guarded(child.pid):
            while (gone := time.monotonic() - start) < (timeout_s or math.inf):
                if _wait(child, max(0.01, min(tick_every_s, (timeout_s or math.inf) - gone))):
                    return Done(code=child.returncode, seconds=time.monotonic() - start)
                tick(time.monotonic() - start)
        if last_words is not None:
            child.send_signal(last_words)
            _wait(child, 0.5)
        return Done(code=None, seconds=gone)
    finally:
        if child.poll() is None:
            end_tree(child.pid)
            child.wait()


def end_tree(pid: int, grace_s: float = 3.0) -> None:
    """End a process and all its descendants: politely first, then for good; and what was left of its group."""
    try:
        parent = psutil.Process(pid)
        family = [*parent.children(recursive=True), parent]
    except psutil.NoSuchProcess:
        return
    grouped = os.name == "posix" and os.getpgid(pid) == pid
    for process in family:
        _quietly(process.terminate)
    _, alive = psutil.wait_procs(family, timeout=grace_s)
    for process in alive:
        _quietly(process.kill)
    psutil.wait_procs(alive, timeout=grace_s)
    if grouped:
        _quietly(lambda: os.killpg(pid, signal.SIGKILL))


def born(pid: int) -> float | None:
    """When a process with this id began, in seconds of the epoch; None where there is none."""
    try:
        return psutil.Process(pid).create_time()
    except psutil.Error:
        return None


def ended(pid: int, within_s: float) -> bool:
    """Wait for the end of a process that need not be a child; one that nobody asked after has ended too."""
    until = time.monotonic() + within_s
    with contextlib.suppress(psutil.NoSuchProcess):
        process = psutil.Process(pid)
        while process.status() != psutil.STATUS_ZOMBIE:
            if time.monotonic() > until:
                return False
            time.sleep(_LOOK_S)
    return True


@contextlib.contextmanager
def _interruptible() -> Iterator[None]:
    """What starts meanwhile can be interrupted, also where a shell in the background lets this process ignore it.

    A process inherits that a signal is ignored, but not a handler of it.
    """
    main = threading.current_thread() is threading.main_thread()  # no other thread may set a handler
    ignored = main and signal.getsignal(signal.SIGINT) is signal.SIG_IGN
    if ignored:
        signal.signal(signal.SIGINT, lambda *_: None)
    try:
        yield
    finally:
        if ignored:
            signal.signal(signal.SIGINT, signal.SIG_IGN)


@contextlib.contextmanager
def _guarded(pid: int) -> Iterator[None]:
    """Beside it, a process that ends the tree of `pid` when this one dies: its standard input closes without a word."""
    guardian = subprocess.Popen(
        [sys.executable, "-P", "-c", _GUARD, __file__, str(pid)],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        yield
    finally:
        guardian.communicate(b"done")


def _wait(child: "subprocess.Popen[bytes]", seconds: float) -> bool:
    try:
        child.wait(timeout=seconds)
    except subprocess.TimeoutExpired:
        return False
    return True


def _quietly(act: Callable[[], None]) -> None:
    with contextlib.suppress(psutil.Error, ProcessLookupError, PermissionError):
        act()


if __name__ == "__main__":
    end_tree(int(sys.argv[2]))
