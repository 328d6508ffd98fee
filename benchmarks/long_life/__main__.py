"""Plays 64 commits of one project through `gardener run` and counts what it files: `python -m benchmarks.long_life`."""

import argparse
import json
import re
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from benchmarks.live_grouping import play
from benchmarks.live_grouping.__main__ import CACHE, ready
from benchmarks.live_grouping.faults import Edit, applied
from benchmarks.live_grouping.projects import PROJECTS
from benchmarks.long_life.policies import Simple
from benchmarks.long_life.script import COMMITS, RENAMED, Cause, flaky_tests, headed, script

ENVIRONMENT = play.ENVIRONMENT | {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}  # a second less for each of 200 pytests
CHANGES = ("create", "reopen", "close", "escalate", "deescalate")


class Life:
    """The project in a repository of its own, and what was done on its tracker."""

    def __init__(self, root: Path, base: Path, tests: str, calm: Sequence[Edit]) -> None:
        self._root, self._tests, self._calm = root, tests, calm
        shutil.rmtree(root, ignore_errors=True)
        shutil.copytree(base, root)
        self._sound = {path.relative_to(root).as_posix(): path.read_bytes() for path in root.rglob("*.py")}
        self._renamed: dict[str, str] = {}
        files = sorted(path for path in self._sound if re.fullmatch(rf"{tests}/test_\w+\.py", path))
        self._movable = files[:: max(1, len(files) - 1)]
        (root / tests / "test_luck.py").write_text(flaky_tests(), encoding="utf-8")
        with (root / ".gitignore").open("a", encoding="utf-8") as ignored:
            ignored.write(".coin-*\n.dice-*\n")
        shutil.rmtree(root / ".gardener", ignore_errors=True)

    def commit(self, number: int, causes: Sequence[Cause]) -> None:
        """The next commit: the faults that live now, an unrelated change, what moves."""
        if number in RENAMED:
            old = self._movable[RENAMED[number]]
            self._renamed[old] = old.replace("test_", "test_moved_", 1)
            (self._root / old).rename(self._root / self._renamed[old])
        edits = [cause.edit for cause in causes if cause.edit and number in cause.lives]
        edits += [edit for edit in self._calm[number % 7 :: 11] if all(_apart(edit, other) for other in edits)][:1]
        for path, source in self._sound.items():
            mine = [edit for edit in edits if edit.path == path]
            (self._root / self._renamed.get(path, path)).write_bytes(headed(applied(source, mine), number))
        (self._root / self._tests / "round.txt").write_text(str(number), encoding="utf-8")
        self._git("add", "--all")
        self._git("commit", "--quiet", "--message", f"Change {number}")

    def tend(self) -> dict[str, Any]:
        """What `gardener run` answers."""
        return self.gardener("run", "unit", "--python", sys.executable, "--no-preflight", "--rerun", "1")["runs"][0]

    def findings(self, answer: Mapping[str, Any]) -> list[dict[str, Any]]:
        """The findings of that run with every failure of theirs."""
        return json.loads((self._root / answer["directory"] / "findings.json").read_bytes())

    def gardener(self, *arguments: str) -> dict[str, Any]:
        command = [sys.executable, "-m", "gardener", *arguments, "--format", "json"]
        done = subprocess.run(command, cwd=self._root, env=ENVIRONMENT, capture_output=True, text=True, check=False)
        if not done.stdout:
            raise SystemExit(f"gardener said nothing: {done.stderr[-2000:]}")
        return json.loads(done.stdout)

    def first_name(self, test: str) -> str:
        """A test's id before its file got another name."""
        names = {new: old for old, new in self._renamed.items()}
        path, mark, rest = test.partition("::")
        return f"{names.get(path, path)}{mark}{rest}"

    def _git(self, *arguments: str) -> None:
        subprocess.run(["git", *arguments], cwd=self._root, env=ENVIRONMENT, check=True, capture_output=True)


def main() -> None:
    """Play the life and print the table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.long_life", description=__doc__)
    parser.add_argument("--project", default="h11", choices=[project.name for project in PROJECTS])
    parser.add_argument("--commits", type=int, default=COMMITS, help=f"the first of them ({COMMITS})")
    parser.add_argument("--seed", type=int, default=1, help="another seed draws other faults in another order (1)")
    wishes = parser.parse_args()
    project, known, calm = ready(next(project for project in PROJECTS if project.name == wishes.project))
    causes = script(known, project.tests, wishes.seed)
    life = Life(CACHE / "life" / f"{project.name}-{wishes.seed}", CACHE / "base" / project.name, project.tests, calm)
    by_test, by_title = Simple(), Simple()
    spent: Counter[str] = Counter()
    homes: dict[int, frozenset[str]] = {}
    for number in range(1, wishes.commits + 1):
        life.commit(number, causes)
        answer = life.tend()
        living = frozenset(cause.name for cause in causes if number in cause.lives)
        blamed = _blamed(life, answer, causes, number)
        _count(answer, blamed, living, homes, spent)
        by_test.meet({test: behind for test, (behind, _) in blamed.items()}, living)
        titles: dict[str, frozenset[str]] = {}
        for behind, title in blamed.values():
            titles[title] = titles.get(title, frozenset()) | behind
        by_title.meet(titles, living)
        done = " ".join(f"{a['kind']}:{a['issue']}" for a in answer["actions"] if a["outcome"] == "done")
        print(f"{number:3} {len(blamed):3} red  {', '.join(sorted(living))}  {done}", flush=True)
    issues = life.gardener("issues", "list", "--state", "all")["issues"]
    spent["comment"] = sum(len(issue["comments"]) for issue in issues)
    met = [cause for cause in causes if min(cause.lives) <= wishes.commits]
    _table(met, {"gardener": spent, "one per test": by_test.spent, "by title": by_title.spent}, wishes.commits)


def _blamed(
    life: Life, answer: Mapping[str, Any], causes: Sequence[Cause], number: int
) -> dict[str, tuple[frozenset[str], str]]:
    """Each failed test with the living causes that break it, and the title of its own error."""
    blamed = {}
    for finding in life.findings(answer):
        titles = {failure["subject"]: _title(failure) for failure in reversed(finding["failures"])}
        for test in finding["tests"]:
            old = life.first_name(test)
            behind = frozenset(cause.name for cause in causes if number in cause.lives and old in cause.tests)
            blamed[test] = (behind, titles.get(test) or _title(finding["failures"][0]))
    return blamed


def _title(failure: Mapping[str, Any]) -> str:
    return play.NOISE.sub("#", f"{failure['exception']}: {failure['message'].partition(chr(10))[0]}")


def _count(
    answer: Mapping[str, Any],
    blamed: Mapping[str, tuple[frozenset[str], str]],
    living: frozenset[str],
    homes: dict[int, frozenset[str]],
    spent: Counter[str],
) -> None:
    """What gardener did, and whether it was right: an issue belongs to the causes of the tests it was filed for."""
    tests = {finding["fingerprint"]: finding["tests"] for finding in answer["findings"]}
    for action in answer["actions"]:
        if action["outcome"] != "done":
            continue
        kind, issue = action["kind"], action["issue"]
        spent["write"] += 1
        spent[kind] += kind in CHANGES
        if kind == "create":
            behind = [blamed[test][0] for test in tests.get(action["fingerprint"], ())]  # the digest has none
            homes[issue] = frozenset[str]().union(*behind)
        spent["wrong close"] += kind == "close" and bool(homes[issue] & living)
        spent["wrong reopen"] += kind == "reopen" and not homes[issue] & living


def _table(causes: Sequence[Cause], policies: Mapping[str, Counter[str]], commits: int) -> None:
    print(f"\nafter {commits} commits with {len(causes)} causes\n")
    heads = ("create", "close", "reopen", "comment", "wrong close", "wrong reopen")
    print("| policy | issues ÷ causes | " + " | ".join(heads) + " | notifications per commit |")
    print("|---" * (len(heads) + 3) + "|")
    for name, spent in policies.items():
        told = sum(spent[kind] for kind in ("create", "close", "reopen", "comment")) / commits
        counts = " | ".join(str(spent[head]) for head in heads)
        print(f"| {name} | {spent['create'] / len(causes):.2f} | {counts} | {told:.2f} |")
    written = policies["gardener"]["write"] + policies["gardener"]["comment"]
    print(f"\nwrites of gardener per commit: {written / commits:.2f}")


def _apart(one: Edit, other: Edit) -> bool:
    return one.path != other.path or one.end <= other.start or other.end <= one.start


if __name__ == "__main__":
    main()
