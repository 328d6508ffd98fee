"""Nox sessions for a repository's own noxfile: `garden-<focus>` for every focus, tagged `garden`."""

import os
import sys
from collections.abc import Sequence
from pathlib import Path

import nox
from nox.project import dependency_groups, load_toml

from gardener.adopt.detect import conventions, needs
from gardener.model.errors import GardenerError
from gardener.model.focus import Focus
from gardener.settings import focuses, load


def garden_sessions(root: Path | str | None = None, install: Sequence[str] | None = None) -> None:
    """Register a session for each focus of the repository at `root` (default: the noxfile's folder).

    A session makes its own environment, installs there what the tests need (`install`, as for pip; by default the
    repository with its test extras, groups or requirements files) and pytest-json-report. gardener itself stays beside
    nox and runs pytest in that environment. A bare `nox` runs none of them. Positional arguments go to pytest:
    `nox -s garden-unit -- -k login`.
    """
    home = Path.cwd() if root is None else Path(root).resolve()
    try:
        for focus in focuses(load(home, os.environ, {}, conventions(home))):
            _register(focus, home, install)
    except GardenerError as error:  # nox has no catcher of its own: a traceback would hide the remedy
        raise SystemExit(f"{error.message} {error.hint}") from None


def _register(focus: Focus, home: Path, install: Sequence[str] | None) -> None:
    def garden(session: nox.Session) -> None:
        session.chdir(home)
        session.install(*(_needs(home) if install is None else install), "pytest", "pytest-json-report")
        python = session.run("python", "-c", "import sys; print(sys.executable)", silent=True, log=False)
        command = [sys.executable, "-m", "gardener", "run", focus.name, "--python", str(python).strip()]
        session.run(*command, "--", *session.posargs, external=True)

    what = ", ".join([*focus.paths, *([f"-m {focus.markers}"] if focus.markers else [])]) or "all tests"
    garden.__doc__ = f"Tend the {focus.name} tests ({what}); the words after -- go to pytest."
    nox.session(name=f"garden-{focus.name}", tags=["garden"], default=False)(garden)


def _needs(home: Path) -> list[str]:
    """What pip is to install; groups are written out, since an older pip has no --group."""
    words: list[str] = []
    for option, value in needs(home):
        words += (
            dependency_groups(load_toml(home / "pyproject.toml"), value) if option == "--group" else (option, value)
        )
    return words
