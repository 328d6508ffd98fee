"""A work tree of one's own for trying commits: the user's tree is never touched, and nothing is left behind."""

import contextlib
import json
import os
import shutil
import tempfile
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from gardener import proc
from gardener.model.errors import GardenerError
from gardener.model.finding import Finding
from gardener.model.key import Key
from gardener.model.run import BAD, Origin, Outcome, Run
from gardener.repository import git
from gardener.repository.bisect import Answer, Sighting

PREFIX = "gardener-bisect-"
# hooks of the repository are the user's own business, and so is what they would do to another tree
_QUIET = ("-c", f"core.hooksPath={os.devnull}", "-c", "advice.detachedHead=false")
_WHERE = """
import importlib.util, json, sys
found = {}
for name in json.loads(sys.argv[1]):
    try:
        spec = importlib.util.find_spec(name)
    except (ImportError, ValueError):
        continue
    found[name] = (spec.origin or next(iter(spec.submodule_search_locations or []), "")) if spec else ""
print(json.dumps([sys.path, found]))
"""


class Shadowed(GardenerError):
    """The tests would not import the package from the commit that is tried."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tree:
    """A detached work tree. `root` is the place in it that corresponds to the repository's root that is tended."""

    folder: Path
    root: Path

    def at(self, commit: str) -> str:
        """Put it at a commit, without anything that an earlier one left; "" or why that was not possible."""
        for words in (("checkout", "--quiet", "--force", "--detach", commit, "--"), ("clean", "-ffdxq")):
            done = proc.run(["git", *_QUIET, *words], cwd=self.folder, timeout_s=git.TIMEOUT_S)
            if not done.ok:
                return f"it cannot be checked out: {(done.err.strip().splitlines() or ['git does not answer'])[-1]}"
        return ""


@contextlib.contextmanager
def open_tree(root: Path) -> Iterator[Tree]:
    """A tree beside the user's own, in a private folder; removed at the end, those of killed processes now."""
    sweep(root)
    private = Path(tempfile.mkdtemp(prefix=PREFIX)).resolve()  # mode 0700
    (private / "owner").write_text(str(os.getpid()), encoding="ascii")
    folder = private / "tree"
    try:
        words = ("worktree", "add", "--quiet", "--detach", "--no-checkout", str(folder), "HEAD")
        done = proc.run(["git", *_QUIET, *words], cwd=root, timeout_s=git.TIMEOUT_S)
        if not done.ok:
            raise GardenerError(f"git gives no second work tree: {done.err.strip()}", "See git worktree list.")
        yield Tree(folder=folder, root=folder / git.prefix(root))
    finally:
        _remove(root, folder)


def sweep(root: Path) -> None:
    """Remove the trees whose process is gone. Other people's work trees are never touched, not even stale ones."""
    for folder in git.worktrees(root):
        if folder.parent.name.startswith(PREFIX) and _is_abandoned(folder.parent):
            _remove(root, folder)
    for private in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):  # those of other repositories
        if (private / "owner").is_file() and not private.is_symlink() and _is_abandoned(private):
            shutil.rmtree(private, ignore_errors=True)


def environment(root: Path, tree: Tree, python: str, environ: Mapping[str, str]) -> dict[str, str]:
    """The environment in which the tests import the repository's code from the tree.

    What the interpreter finds below `root` by .pth files (editable installs) or PYTHONPATH, it finds below the tree
    first. Raises Shadowed where that is not enough: some editable installs put a finder before the path.
    """
    given = [Path(part) for part in environ.get("PYTHONPATH", "").split(os.pathsep) if part]
    packages = _packages(tree.root)
    paths, origins = _ask(python, tree, environ, packages)
    moved = [place for path in (*given, *map(Path, paths)) if (place := _moved(path, root, tree))]
    moved += [packages[name] for name, origin in origins.items() if origin and not _is_inside(origin, tree.root)]
    ahead = dict.fromkeys(map(str, [*moved, tree.root, *given]))
    # no bytecode: two commits within a second look the same to the cache
    found = {**environ, "PYTHONPATH": os.pathsep.join(ahead), "PYTHONDONTWRITEBYTECODE": "1"}
    for name, origin in _ask(python, tree, found, packages)[1].items():
        if origin and not _is_inside(origin, tree.root):
            raise Shadowed(
                f"The tests would import {name} from {origin}, whatever commit is tried.",
                "An editable install takes precedence over the path: give an environment without it with --python.",
            )
    return found


def judge(finding: Finding, run: Run, keys: frozenset[Key], commit: str) -> Sighting:
    """What a run of the finding's tests at a commit says. `keys` are those of the run's own findings.

    BAD: one of the finding's keys is there again, or a test fails with the very same words. GOOD: it is not there, and
    at least one of the tests passes. Everything else cannot tell.
    """
    said = {(failure.subject, failure.exception, failure.message) for failure in finding.failures}
    failures = [failure for failure in run.failures() if failure.origin is not Origin.WARNING]
    again = [failure for failure in failures if (failure.subject, failure.exception, failure.message) in said]
    if again or keys.intersection(finding.keys):
        return Sighting(commit=commit, answer=Answer.BAD, why="the same failure")
    passed = [case.node for case in run.cases if case.outcome is Outcome.PASSED and case.node in finding.tests]
    blamed = {failure.subject for failure in failures}
    collected = [
        node for node in finding.tests if "::" not in node and node not in blamed and run.exit_code in (0, 1, 5)
    ]
    if passed or collected:
        return Sighting(commit=commit, answer=Answer.GOOD, why=f"{len(passed or collected)} of its tests pass")
    if failures:
        why = f"another failure: {failures[0].exception or ''} {failures[0].message}".replace("\n", " ")[:160]
    elif any(case.outcome not in BAD for case in run.cases):
        why = f"its tests do not pass: {run.cases[0].outcome}"
    else:
        why = "its tests do not exist there"
    return Sighting(commit=commit, answer=Answer.SKIP, why=why)


def _ask(
    python: str, tree: Tree, environ: Mapping[str, str], names: Collection[str]
) -> tuple[list[str], dict[str, str]]:
    """The interpreter's search path, and where it would import each name from."""
    done = proc.run([python, "-c", _WHERE, json.dumps(list(names))], cwd=tree.root, env=environ)
    if not done.ok:
        raise GardenerError(f"{python} does not answer: {done.err.strip()}", "Name another one with --python.")
    paths, found = json.loads(done.out.splitlines()[-1])
    return paths, found


def _packages(root: Path) -> dict[str, Path]:
    """Top-level packages of the tree, and the folder that must be on the path for each."""
    homes = [root, root / "src", root / "lib"]
    return {init.parent.name: home for home in homes for init in sorted(home.glob("*/__init__.py"))}


def _moved(path: Path, root: Path, tree: Tree) -> Path | None:
    """The place in the tree that corresponds to one below the root, where there is one."""
    if not path.is_absolute() or not _is_inside(path, root):
        return None
    place = tree.root / path.resolve().relative_to(root.resolve())
    return place if place.exists() else None


def _is_inside(path: Path | str, folder: Path) -> bool:
    return Path(path).resolve().is_relative_to(folder.resolve())


def _is_abandoned(private: Path) -> bool:
    """Whether the process that made it is gone; one that is born later only got its number."""
    owner = private / "owner"
    try:
        born = proc.born(int(owner.read_text(encoding="ascii")))
    except (OSError, ValueError):
        return True
    return born is None or born > owner.stat().st_mtime + 60


def _remove(root: Path, folder: Path) -> None:
    proc.run(["git", *_QUIET, "worktree", "remove", "--force", str(folder)], cwd=root, timeout_s=git.TIMEOUT_S)
    shutil.rmtree(folder.parent, ignore_errors=True)
