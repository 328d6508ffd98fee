"""Puts faults into a project, commits them, lets gardener run the suite, and groups what failed in several ways."""

import ast
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import fields, replace
from pathlib import Path

from benchmarks.live_grouping.cases import Case, on_path
from benchmarks.live_grouping.faults import Edit, applied
from benchmarks.live_grouping.projects import Project

from gardener.grounds import open_grounds
from gardener.model.finding import Evidence
from gardener.model.run import Run
from gardener.repository import evidence
from gardener.rulebook import load_rulebook
from gardener.settings import policy
from gardener.triage.group import group
from gardener.wiring import harvested

Grouping = Mapping[str, Hashable]
GIT = ("changed_now", "changed_on_branch", "changes", "files", "on_default_branch")
SOURCES = ("own", "definitions", "unawaited_setups", "imports")
ENVIRONMENT = {
    **{name: value for name, value in os.environ.items() if name not in {"CI", "VIRTUAL_ENV", "PYTHONPATH"}},
    "PYTHONHASHSEED": "0",
    "PYTHONDONTWRITEBYTECODE": "1",
    **{f"GIT_{who}_{what}": "bench@example.org" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")},
}
HANGS_S = 30
QUICK = {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
NOISE = re.compile(r"0x[0-9a-f]+|\d+|(['\"]).*?\1")


def prepare(home: Path, project: Project, base: Path) -> None:
    """The sound project as a git repository with a recorded green run."""
    if (base / ".green").exists():
        return
    shutil.rmtree(base, ignore_errors=True)
    shutil.copytree(home, base)
    (base / ".gitignore").write_text("__pycache__/\n.green\n", encoding="utf-8")
    _git(base, "init", "--quiet", "--initial-branch=main")
    _commit(base, f"{project.name} {project.version}")
    answer = tend(base)
    if answer["verdict"] != "healthy":
        raise SystemExit(f"{project.name}: its own suite is not green here: {answer['sentence']}")
    (base / ".green").touch()


class Scratch:
    """A copy of a project in which edits are tried by pytest alone."""

    def __init__(self, home: Path, root: Path, project: Project) -> None:
        self._home, self._root, self._tests = home, root, project.tests
        shutil.rmtree(root, ignore_errors=True)
        shutil.copytree(home, root)

    def failing(self, edits: Sequence[Edit]) -> tuple[str, ...] | None:
        """The tests that fail under the edits; None when the suite hangs, or the edit is no Python."""
        sound = {path: (self._home / path).read_bytes() for path in {edit.path for edit in edits}}
        report = self._root / ".probe.json"
        report.unlink(missing_ok=True)
        plain = ["-q", "--tb=no", "-p", "no:cacheprovider", "--continue-on-collection-errors", self._tests]
        keep = ["-p", "pytest_jsonreport.plugin", "--json-report", f"--json-report-file={report}"]
        pytest = [sys.executable, "-m", "pytest", *plain, *keep]
        write(self._root, sound, edits)
        try:
            for path in sound:
                ast.parse((self._root / path).read_bytes())
            subprocess.run(
                pytest, cwd=self._root, env=ENVIRONMENT | QUICK, timeout=HANGS_S, capture_output=True, check=False
            )
            return failed_in(json.loads(report.read_bytes()))
        except (SyntaxError, subprocess.TimeoutExpired, FileNotFoundError):
            return None
        finally:
            write(self._root, sound, ())


def failed_in(report: Mapping) -> tuple[str, ...]:
    """What failed in a json report: tests, and files that cannot be collected."""
    tests = [test["nodeid"] for test in report["tests"] if test["outcome"] in ("failed", "error")]
    files = [each["nodeid"] for each in report["collectors"] if each["outcome"] == "failed"]
    return tuple(sorted({*tests, *files}))


def write(root: Path, sound: Mapping[str, bytes], edits: Iterable[Edit]) -> None:
    """The sound files with edits."""
    edits = list(edits)
    for path, source in sound.items():
        (root / path).write_bytes(applied(source, on_path(edits, path)))


def stage(base: Path, case: Case, root: Path) -> dict:
    """The case's commits on top of the green one, and the answer of `gardener run` to them."""
    shutil.rmtree(root, ignore_errors=True)
    shutil.copytree(base, root)
    sound = {edit.path: (root / edit.path).read_bytes() for commit in case.commits for edit in commit}
    done: list[Edit] = []
    for number, commit in enumerate(case.commits):
        done += commit
        write(root, sound, done)
        _commit(root, f"Change {number + 1}")
    return tend(root)


def tend(root: Path) -> dict:
    """What `gardener run unit` answers; its report is in the folder it names."""
    gardener = [sys.executable, "-m", "gardener", "run", "unit", "--python", sys.executable]
    command = [*gardener, "--no-preflight", "--format", "json"]
    done = subprocess.run(command, cwd=root, env=ENVIRONMENT, capture_output=True, text=True, check=False)
    if not done.stdout:
        raise SystemExit(f"gardener said nothing in {root.name}: {done.stderr[-2000:]}")
    return json.loads(done.stdout)["runs"][0]


def groupings(root: Path, answer: Mapping) -> dict[str, Grouping]:
    """The failing tests of a staged case, grouped by gardener with all it knows and with less, and by two policies."""
    report = root / answer["directory"] / "report.json"
    bare = [sys.executable, "-m", "gardener", "harvest", str(report), "--format", "json"]
    outside = root.parent
    harvest = json.loads(subprocess.run(bare, cwd=outside, env=ENVIRONMENT, capture_output=True, check=True).stdout)
    grounds = open_grounds(root, {})
    rules = policy(grounds.settings, load_rulebook())
    run = harvested(grounds, [report])
    known = replace(evidence.gather(root, run, grounds.checkout, ()), passed=run.passed())
    no_git = _without(known, GIT)
    messages = {failure.subject: failure.message for failure in reversed(run.failures())}
    return {
        "gardener run": _listed(answer["findings"]),
        "gardener harvest": _listed(harvest["findings"]),
        "text": _grouped(run, _without(no_git, SOURCES), rules),
        "text + sources": _grouped(run, no_git, rules),
        "text + sources + git": _grouped(run, known, rules),
        "one issue per test": {test: test for test in messages},
        "masked message": {test: NOISE.sub("#", message) for test, message in messages.items()},
    }


def _without(known: Evidence, names: Iterable[str]) -> Evidence:
    empty = Evidence()
    there = {each.name for each in fields(Evidence)}
    return replace(known, **{name: getattr(empty, name) for name in names if name in there})


def _grouped(run: Run, known: Evidence, rules) -> Grouping:
    found = group(run.failures(), known, rules)
    return {test: str(finding.fingerprint) for finding in reversed(found) for test in finding.tests}


def _listed(findings: Sequence[Mapping]) -> Grouping:
    return {test: finding["fingerprint"] for finding in reversed(findings) for test in finding["tests"]}


def _commit(root: Path, message: str) -> None:
    _git(root, "add", "--all")
    _git(root, "commit", "--quiet", "--allow-empty", "-m", message)


def _git(root: Path, *arguments: str) -> None:
    subprocess.run(["git", *arguments], cwd=root, env=ENVIRONMENT, check=True, capture_output=True)
