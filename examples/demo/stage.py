"""The stage: a copy of the example with its history, and gardener run on it as a user would."""

import contextlib
import json
import os
import shutil
import socket
import stat
import subprocess
import sys
import tomllib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import history

Json = dict[str, Any]

HERE = Path(__file__).parent
NOWHERE = "npipe:////./pipe/no-engine-in-the-demo" if os.name == "nt" else "unix:///nonexistent/engine.sock"
MARK = "made-by-the-demo.txt"
OWN = ("GARDENER_", "PYTEST_", "GITHUB_", "DOCKER_", "COMPOSE_")  # settings of the machine that would show


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """One run of gardener in the play."""

    id: str
    day: str
    scenario: str
    say: str
    run: tuple[str, ...]
    before: tuple[str, ...] = ()
    taken_ports: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Played:
    """What came of an act: gardener's own JSON, and how the tracker stands afterwards."""

    act: Act
    result: Json
    issues: dict[int, Json]  # by number
    commits: dict[str, str]  # hash to first line
    repository: Path

    @property
    def runs(self) -> list[Json]:
        """One entry per focus."""
        return self.result["runs"]


def acts() -> tuple[Act, ...]:
    """The play, in order."""
    table = tomllib.loads((HERE / "acts.toml").read_text(encoding="utf-8"))
    return tuple(
        Act(**{name: tuple(value) if isinstance(value, list) else value for name, value in entry.items()})
        for entry in table["act"]
    )


class Stage:
    """A folder of its own: the repository, and the log of each act."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.repository = folder / "repository"
        self._steps = {step.slug: step for step in history.steps()}

    def build(self) -> int:
        """Start from nothing; the number of commits in the history. Raises Broken for a folder of somebody else."""
        if self.folder.exists() and any(self.folder.iterdir()) and not (self.folder / MARK).is_file():
            raise history.Broken(f"{self.folder} holds something that the demo did not make; move it away first")
        _remove(self.folder)
        self.folder.mkdir(parents=True)
        (self.folder / MARK).write_text("`make demo` removes this folder and makes it anew.\n", encoding="utf-8")
        history.replay(self.repository)
        return int(history.git(self.repository, "rev-list", "--count", "HEAD"))

    def remember(self) -> dict[int, Json]:
        """The issues that people had filed before gardener came, in its tracker."""
        self._gardener("issues", "import", str(HERE / "issues.json"), log="import")
        return self.issues()

    def play(self, act: Act) -> Played:
        """Bring the tree to where the act begins, run gardener, look at the tracker."""
        for slug in act.before:
            history.advance(self.repository, self._steps[slug])
        with _taken(act.taken_ports):
            done = self._gardener("run", *act.run, "--python", sys.executable, "--format", "json", log=act.id)
        commits = history.git(self.repository, "log", "--format=%H %s").splitlines()
        return Played(
            act=act,
            result=done,
            issues=self.issues(),
            commits=dict(line.split(" ", 1) for line in commits),
            repository=self.repository,
        )

    def issues(self) -> dict[int, Json]:
        """Every issue of the tracker."""
        listed = self._gardener("issues", "list", "--state", "all", "--format", "json", log="issues")
        return {issue["number"]: issue for issue in listed["issues"]}

    def _gardener(self, *arguments: str, log: str) -> Json:
        """What gardener prints as JSON; what it says to people goes to a log. Raises Broken where there is none."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith(OWN) and name != "CI"}
        done = subprocess.run(
            [sys.executable, "-m", "gardener", *arguments],
            cwd=self.repository,
            env={**kept, "DOCKER_HOST": NOWHERE, "PYTHONUTF8": "1"},
            capture_output=True,
            encoding="utf-8",
            check=False,
        )
        path = self.folder / f"{log}.log"
        path.write_text(done.stderr, encoding="utf-8")
        if done.returncode not in (0, 1, 3, 5, 6):
            last = done.stderr.strip().splitlines()[-12:]
            raise history.Broken(f"gardener {' '.join(arguments)} ended with {done.returncode}\n" + "\n".join(last))
        return json.loads(done.stdout) if "--format" in arguments else {}


@contextlib.contextmanager
def _taken(ports: tuple[int, ...]) -> Iterator[None]:
    """Somebody else listens on these ports meanwhile; where one is taken already, that serves as well."""
    with contextlib.ExitStack() as held:
        for port in ports:
            with contextlib.suppress(OSError):
                held.enter_context(socket.create_server(("127.0.0.1", port)))
        yield


def _remove(folder: Path) -> None:
    def writable(remove: Callable[[str], object], path: str, _: object) -> None:
        Path(path).chmod(stat.S_IWRITE)  # git keeps its objects read-only, and Windows will not remove such
        remove(path)

    if folder.exists():
        word = "onexc" if sys.version_info >= (3, 12) else "onerror"
        shutil.rmtree(folder, **{word: writable})
