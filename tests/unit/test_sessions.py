"""Nox sessions: one per focus, and what each would install and run."""

import sys
from pathlib import Path

import nox
import nox.registry
import pytest

from gardener.sessions import garden_sessions

pytestmark = pytest.mark.unit

SETTINGS = """
[project]
name = "shop"
[project.optional-dependencies]
test = ["freezegun"]
[dependency-groups]
test = ["responses", {include-group = "more"}]
more = ["faker"]
[tool.gardener.focus.unit]
paths = ["tests/unit"]
[tool.gardener.focus.critical]
markers = "critical"
needs = ["unit"]
"""


class Recorded:
    """Stands in for nox.Session: a real one would need an environment and an index."""

    def __init__(self, *posargs: str) -> None:
        self.posargs = list(posargs)
        self.folders: list[Path] = []
        self.installed: list[tuple[str, ...]] = []
        self.commands: list[tuple[str, ...]] = []

    def chdir(self, folder: Path) -> None:
        self.folders.append(folder)

    def install(self, *words: str) -> None:
        self.installed.append(words)

    def run(self, *words: str, **how: object) -> str | None:
        if how.get("silent"):
            return "/envs/garden/bin/python\n"
        assert how == {"external": True}
        self.commands.append(words)
        return None


@pytest.fixture
def register(tmp_path: Path):
    def sessions(settings: str, **given) -> dict[str, nox.registry.Func]:
        (tmp_path / "pyproject.toml").write_text(settings, encoding="utf-8")
        garden_sessions(tmp_path, **given)
        return dict(nox.registry.get())

    before = dict(nox.registry._REGISTRY)
    nox.registry.reset()
    yield sessions
    nox.registry.reset()
    nox.registry._REGISTRY.update(before)


def test_every_focus_is_a_session_with_a_text_and_the_tag(register) -> None:
    found = register(SETTINGS)
    assert list(found) == ["garden-unit", "garden-critical"]
    assert found["garden-unit"].__doc__ == "Tend the unit tests (tests/unit); the words after -- go to pytest."
    assert found["garden-critical"].__doc__ == "Tend the critical tests (-m critical); the words after -- go to pytest."
    assert {tag for session in found.values() for tag in session.tags} == {"garden"}


def test_gardener_stays_beside_nox_and_the_tests_run_in_the_sessions_python(register, tmp_path: Path) -> None:
    session = Recorded("-k", "login now")
    register(SETTINGS)["garden-unit"].func(session)
    assert session.folders == [tmp_path]
    needs = ("-e", ".[test]", "responses", "faker", "pytest", "pytest-json-report")
    assert session.installed == [needs]
    run = (sys.executable, "-m", "gardener", "run", "unit", "--python", "/envs/garden/bin/python")
    assert session.commands == [(*run, "--", "-k", "login now")]


def test_what_a_noxfile_wants_installed_replaces_the_guess(register) -> None:
    session = Recorded()
    register(SETTINGS, install=["-r", "ci/needs.txt"])["garden-critical"].func(session)
    assert session.installed == [("-r", "ci/needs.txt", "pytest", "pytest-json-report")]


def test_a_repository_without_settings_gets_the_sessions_its_folders_suggest(register, tmp_path: Path) -> None:
    (tmp_path / "tests" / "integration").mkdir(parents=True)
    (tmp_path / "tests" / "integration" / "test_a.py").touch()
    (tmp_path / "tests" / "test_b.py").touch()
    assert list(register("")) == ["garden-unit", "garden-integration"]


def test_a_mistake_in_the_settings_ends_nox_with_the_remedy_and_no_traceback(register) -> None:
    with pytest.raises(SystemExit, match=r"tool\.gardener\.traker is not a setting\. Did you mean tracker\?"):
        register('[tool.gardener]\ntraker = "x"')
