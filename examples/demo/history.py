"""Replays the scripted git history of the example: a good start, then the commits that broke it."""

import os
import shutil
import subprocess
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
EXAMPLE = HERE.parent / "chat_service"
LITTER = shutil.ignore_patterns("__pycache__", ".*_cache", ".gardener", ".venv", "FAILING-TEST", "run")


class Broken(Exception):
    """The play cannot go on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    """One place in one file, before and after."""

    path: str
    old: str
    new: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One commit, or changes that are not committed yet. `redo` and `undo` change files only."""

    slug: str
    when: str  # before, open, later
    date: str = ""
    author: str = ""
    message: str = ""
    edits: tuple[Edit, ...] = ()
    moved: tuple[str, str] | None = None  # a folder: from, to
    commented: tuple[str, str] | None = None  # a file that is commented out line by line, and the mark

    def redo(self, root: Path) -> None:
        """Change the tree as this step did."""
        if self.moved:
            (root / self.moved[0]).rename(root / self.moved[1])
        for edit in self.edits:
            _replace(root / edit.path, edit.old, edit.new)
        if self.commented:
            path, mark = root / self.commented[0], self.commented[1]
            lines = path.read_text(encoding="utf-8").splitlines()
            _write(path, "".join(f"{mark} {line}".rstrip() + "\n" for line in lines))

    def undo(self, root: Path) -> None:
        """Change the tree back to what it was before this step."""
        if self.commented:
            path, mark = root / self.commented[0], self.commented[1]
            lines = path.read_text(encoding="utf-8").splitlines()
            _write(path, "".join(line.removeprefix(mark).removeprefix(" ") + "\n" for line in lines))
        for edit in reversed(self.edits):
            _replace(root / edit.path, edit.new, edit.old)
        if self.moved:
            (root / self.moved[1]).rename(root / self.moved[0])


def steps() -> tuple[Step, ...]:
    """The history in order, as `history.toml` tells it."""
    table = tomllib.loads((HERE / "history.toml").read_text(encoding="utf-8"))
    return tuple(_step(entry) for entry in table["step"])


def replay(target: Path, *, until: str | None = None) -> None:
    """Make `target` a git repository with the history up to Monday morning, work in progress in its tree.

    With `until`, the history ends with that step, and the tree is clean.
    """
    shutil.copytree(EXAMPLE, target, ignore=LITTER)
    past = [step for step in steps() if step.when == "before"]
    for step in reversed(past):
        step.undo(target)
    git(target, "init", "--quiet")
    git(target, "symbolic-ref", "HEAD", "refs/heads/main")
    for step in past:
        advance(target, step)
        if step.slug == until:
            return
    for step in steps():
        if step.when == "open":
            step.redo(target)


def advance(target: Path, step: Step) -> None:
    """Commit one step, with all that lies changed in the tree."""
    step.redo(target)
    git(target, "add", "--all")
    name, _, address = step.author.partition(" <")
    who = {"NAME": name, "EMAIL": address.rstrip(">"), "DATE": step.date}
    given = {f"GIT_{role}_{key}": value for role in ("AUTHOR", "COMMITTER") for key, value in who.items()}
    git(target, "commit", "--quiet", "--no-gpg-sign", "--message", step.message, **given)


def git(target: Path, *arguments: str, **environment: str) -> str:
    """What git prints; the machine's own git settings do not count."""
    lonely = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    return subprocess.run(
        ["git", "-c", "core.autocrlf=false", "-c", "core.hooksPath=", *arguments],
        cwd=target,
        env={**inherited, **lonely, **environment},
        check=True,
        capture_output=True,
        encoding="utf-8",
    ).stdout


def _step(entry: dict[str, Any]) -> Step:
    moved, commented = entry.get("moved"), entry.get("commented")
    return Step(
        slug=entry["slug"],
        when=entry["when"],
        date=entry.get("date", ""),
        author=entry.get("author", ""),
        message=entry.get("message", ""),
        edits=tuple(Edit(**edit) for edit in entry.get("edit", ())),
        moved=(moved["from"], moved["to"]) if moved else None,
        commented=(commented["path"], commented["mark"]) if commented else None,
    )


def _replace(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    if text.count(old) != 1:
        raise Broken(f"{path} is not as the history left it: {old!r} is there {text.count(old)} times, not once")
    _write(path, text.replace(old, new))


def _write(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8", newline="\n")
