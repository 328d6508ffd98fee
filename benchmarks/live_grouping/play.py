"""Puts faults into a project, commits them, and lets gardener run the suite."""

import ast
import contextlib
import ctypes
import json
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Hashable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from benchmarks.live_grouping import keeping
from benchmarks.live_grouping.cases import Case
from benchmarks.live_grouping.faults import Edit, applied
from benchmarks.live_grouping.projects import Project

Grouping = Mapping[str, Hashable]  # by test
HANGS_S = 30
NOISE = re.compile(r"0x[0-9a-f]+|\d+|(['\"]).*?\1")
WATCHED = re.compile(r"^- spectrum: .* in ([\d.]+) s", re.MULTILINE)
ENVIRONMENT = {
    **{name: value for name, value in os.environ.items() if name not in {"CI", "VIRTUAL_ENV", "PYTHONPATH"}},
    "PYTHONHASHSEED": "0",
    "PYTHONDONTWRITEBYTECODE": "1",
    **{f"GIT_{who}_{what}": "bench@example.org" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")},
}


class Scratch:
    """A copy of a project in which edits are tried by pytest alone."""

    def __init__(self, home: Path, root: Path, project: Project) -> None:
        self._home, self._root, self._report = home, root, root / ".probe.json"
        pytest = [sys.executable, "-m", "pytest", "-q", "--tb=no", "-p", "no:cacheprovider", project.tests]
        report = ["-p", "pytest_jsonreport.plugin", "--json-report", f"--json-report-file={self._report}"]
        self._command = [*pytest, *report, "--continue-on-collection-errors"]
        shutil.rmtree(root, ignore_errors=True)
        shutil.copytree(home, root)

    def failing(self, edits: Sequence[Edit]) -> tuple[str, ...] | None:
        """The tests that fail under the edits; None when the suite hangs, or the edit is no Python."""
        sound = {edit.path: (self._home / edit.path).read_bytes() for edit in edits}
        self._report.unlink(missing_ok=True)
        write(self._root, sound, edits)
        quick = ENVIRONMENT | {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
        try:
            for path in sound:
                ast.parse((self._root / path).read_bytes())
            subprocess.run(self._command, cwd=self._root, env=quick, timeout=HANGS_S, capture_output=True, check=False)
            report = json.loads(self._report.read_bytes())
        except (SyntaxError, subprocess.TimeoutExpired, FileNotFoundError):
            return None
        finally:
            write(self._root, sound, ())
        everything = [*report["tests"], *report["collectors"]]
        return tuple(sorted({each["nodeid"] for each in everything if each["outcome"] in ("failed", "error")}))


def write(root: Path, sound: Mapping[str, bytes], edits: Iterable[Edit]) -> None:
    """The sound files with edits."""
    edits = list(edits)
    for path, source in sound.items():
        (root / path).write_bytes(applied(source, [edit for edit in edits if edit.path == path]))


def prepare(home: Path, project: Project, base: Path) -> None:
    """The sound project as a git repository with a recorded green run."""
    if (base / ".green").exists():
        return
    shutil.rmtree(base, ignore_errors=True)
    shutil.copytree(home, base)
    (base / ".gitignore").write_text("__pycache__/\n.green\n", encoding="utf-8")
    git(base, "init", "--quiet", "--initial-branch=main")
    commit(base, f"{project.name} {project.version}")
    answer = tend(base)
    if answer["verdict"] != "healthy":
        raise SystemExit(f"{project.name}: its own suite is not green here: {answer['sentence']}")
    (base / ".green").touch()


def stage(base: Path, case: Case, root: Path) -> dict[str, Any]:
    """The case's commits on top of the green one, and the answer of `gardener run` to them."""
    shutil.rmtree(root, ignore_errors=True)
    shutil.copytree(base, root)
    sound = {edit.path: (root / edit.path).read_bytes() for commit in case.commits for edit in commit}
    done: list[Edit] = []
    for number, edits in enumerate(case.commits):
        done += edits
        write(root, sound, done)
        commit(root, f"Change {number + 1}")
    return tend(root)


def tend(root: Path, environ: Mapping[str, str] = ENVIRONMENT) -> dict[str, Any]:
    """What `gardener run unit` answers; its report is in the folder it names."""
    answer = _gardener(root, "run", "unit", "--python", sys.executable, "--no-preflight", environ=environ)
    return answer["runs"][0]


def adopt_orphans() -> None:
    """From now on processes whose parents are gone become children of this one, so that `spent` knows their CPU."""
    ctypes.CDLL(None).prctl(36, 1, 0, 0, 0)  # PR_SET_CHILD_SUBREAPER


def spent(root: Path, answer: Mapping[str, Any]) -> Mapping[str, float]:
    """Seconds of the spectrum and of the failing tests, run alone as a user would: by the clock, and of CPU.

    The spectrum is the only process that outlives `gardener run`'s own; without one, both of its figures are 0.
    """
    said = WATCHED.search((root / answer["worklog"]).read_text(encoding="utf-8"))
    figures = {"spectrum": float(said[1]) if said else 0.0, "spectrum, CPU": _reaped() if said else 0.0}
    nodes = sorted({test for finding in answer["findings"] for test in finding["tests"]})
    before, start = os.times(), time.monotonic()
    pytest = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--continue-on-collection-errors"]
    subprocess.run([*pytest, *nodes], cwd=root, env=ENVIRONMENT, capture_output=True, check=False)
    after = os.times()
    cpu = after.children_user + after.children_system - before.children_user - before.children_system
    return figures | {"failing tests alone": time.monotonic() - start, "failing tests alone, CPU": cpu}


def _reaped() -> float:
    """The CPU of the processes that became our children and ended since."""
    seconds = 0.0
    with contextlib.suppress(ChildProcessError):
        while (ended := os.wait4(-1, os.WNOHANG))[0]:
            seconds += ended[2].ru_utime + ended[2].ru_stime
    return seconds


def _gardener(root: Path, *arguments: str, environ: Mapping[str, str] = ENVIRONMENT) -> dict[str, Any]:
    command = [sys.executable, keeping.__file__, *arguments, "--format", "json"]
    done = subprocess.run(command, cwd=root, env=environ, capture_output=True, text=True, check=False)
    if not done.stdout:
        raise SystemExit(f"gardener said nothing in {root.name}: {done.stderr[-2000:]}")
    return json.loads(done.stdout)


def listed(findings: Sequence[Mapping[str, Any]]) -> Grouping:
    return {test: finding["fingerprint"] for finding in reversed(findings) for test in finding["tests"]}


def commit(root: Path, message: str) -> None:
    git(root, "add", "--all")
    git(root, "commit", "--quiet", "--allow-empty", "-m", message)


def git(root: Path, *arguments: str) -> None:
    subprocess.run(["git", *arguments], cwd=root, env=ENVIRONMENT, check=True, capture_output=True)
