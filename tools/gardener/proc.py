"""The one door to other processes: run a command, end its whole tree at a time limit."""

import contextlib
import os
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil


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
) -> Done:
    """Run a long command with its output in a file; `tick` is called about every second with the seconds gone.

    The whole process tree is ended at the time limit, and when this process is interrupted.
    """
    start = time.monotonic()
    with output.open("wb") as sink:
        child = subprocess.Popen(
            list(argv), cwd=cwd, env=dict(env), stdin=subprocess.DEVNULL, stdout=sink, stderr=subprocess.STDOUT
        )
        try:
            while True:
                gone = time.monotonic() - start
                if timeout_s is not None and gone >= timeout_s:
                    end_tree(child.pid)
                    child.wait()
                    return Done(code=None, seconds=gone)
                left = tick_every_s if timeout_s is None else min(tick_every_s, timeout_s - gone)
                try:
                    code = child.wait(timeout=max(left, 0.01))
                except subprocess.TimeoutExpired:
                    tick(time.monotonic() - start)
                else:
                    return Done(code=code, seconds=time.monotonic() - start)
        finally:
            if child.poll() is None:
                end_tree(child.pid)
                child.wait()


def end_tree(pid: int, grace_s: float = 3.0) -> None:
    """End a process and all its descendants: politely first, then for good."""
    try:
        parent = psutil.Process(pid)
        family = [*parent.children(recursive=True), parent]
    except psutil.NoSuchProcess:
        return
    for process in family:
        _quietly(process.terminate)
    _, alive = psutil.wait_procs(family, timeout=grace_s)
    for process in alive:
        _quietly(process.kill)
    psutil.wait_procs(alive, timeout=grace_s)


def _quietly(act: Callable[[], None]) -> None:
    with contextlib.suppress(psutil.NoSuchProcess):
        act()


def alive(pid: int) -> bool:
    """Whether a process with this id runs."""
    return psutil.pid_exists(pid) and pid != os.getpid()
