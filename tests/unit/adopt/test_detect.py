"""A repository without settings: what folders, markers and pytest's own settings say about its tests."""

import os
from pathlib import Path

import pytest

from gardener.adopt.detect import conventions, needs, own_code, pythons
from gardener.model.focus import Docker

pytestmark = pytest.mark.unit


@pytest.fixture
def repository(tmp_path: Path):
    def make(*empty: str, **files: str) -> Path:
        texts = dict.fromkeys(empty, "") | files
        for name, text in texts.items():
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        return tmp_path

    return make


def paths(root: Path) -> dict[str, tuple[str, ...]]:
    return {name: focus.paths for name, focus in conventions(root).items()}


@pytest.mark.parametrize(
    ("files", "where"),
    [
        (["tests/test_a.py", "pkg/__init__.py"], ("tests",)),
        (["test/test_a.py"], ("test",)),
        (["testing/a_test.py"], ("testing",)),
        (["pkg/tests/test_a.py", "pkg/sub/tests/test_b.py"], ("pkg/sub/tests", "pkg/tests")),
        (["src/pkg/tests/deep/test_a.py"], ("src/pkg/tests",)),
        (["test_alone.py", "module.py"], ("test_alone.py",)),
        (["pkg/test_beside.py", "pkg/code.py"], ("pkg",)),
        (["tests/readme.txt", "spec/test_a.py"], ("spec",)),
        (["module.py"], ()),
    ],
)
def test_without_folders_for_a_focus_all_tests_are_the_unit_focus(repository, files, where) -> None:
    root = repository(*files)
    assert paths(root) == {"unit": where}
    assert conventions(root)["unit"].assumed[0].startswith("unit: all tests in ")


def test_environments_and_builds_are_not_searched(repository) -> None:
    root = repository(
        ".venv/lib/test_x.py", "node_modules/test_y.py", "env2/pyvenv.cfg", "env2/lib/test_z.py", "build/test_b.py"
    )
    assert paths(root) == {"unit": ()}


def test_folders_make_focuses_in_stage_order(repository) -> None:
    root = repository("tests/mission_critical/test_c.py", "tests/e2e/test_e.py", "tests/unit/test_u.py")
    found = conventions(root)
    assert list(found) == ["unit", "goldenpath", "critical"]
    assert found["goldenpath"].paths == ("tests/e2e",)
    assert found["critical"].assumed == ("critical: the folder tests/mission_critical",)


def test_a_folder_without_tests_makes_no_focus(repository) -> None:
    assert paths(repository("tests/unit/test_u.py", "tests/integration/__init__.py")) == {"unit": ("tests/unit",)}


def test_what_lies_beside_the_other_focuses_is_unit(repository) -> None:
    root = repository("tests/test_a.py", "tests/parts/test_b.py", "tests/data/x.txt", "tests/integration/test_i.py")
    assert paths(root) == {"unit": ("tests/parts", "tests/test_a.py"), "integration": ("tests/integration",)}


@pytest.mark.parametrize(
    ("file", "text"),
    [
        ("pytest.ini", "[pytest]\ntestpaths = spec more\nmarkers =\n    integration: slow parts\n    other(x): y\n"),
        ("pyproject.toml", '[tool.pytest.ini_options]\ntestpaths = ["spec", "more"]\nmarkers = ["integration: it"]\n'),
        ("pyproject.toml", '[tool.pytest]\ntestpaths = ["spec", "more"]\nmarkers = ["integration"]\n'),
        ("tox.ini", "[pytest]\ntestpaths = spec\n    more\nmarkers = integration\n"),
        ("setup.cfg", "[tool:pytest]\ntestpaths = spec more\nmarkers = integration\n"),
    ],
)
def test_pytests_own_settings_say_where_and_which(repository, file: str, text: str) -> None:
    root = repository("spec/test_a.py", "more/test_b.py", "tests/test_left_out.py", **{file: text})
    found = conventions(root)
    assert found["unit"].paths == ("spec", "more")
    assert found["unit"].markers == "not integration"
    assert (found["integration"].paths, found["integration"].markers) == (("spec", "more"), "integration")
    assert found["integration"].assumed == (f"integration: the marker integration of {file}",)


def test_other_names_of_test_files_and_globs_in_testpaths_are_understood(repository) -> None:
    ini = '[tool.pytest.ini_options]\ntestpaths = ["packages/*/checks"]\npython_files = "check_*.py"\n'
    root = repository("packages/b/checks/check_b.py", "packages/a/checks/check_a.py", **{"pyproject.toml": ini})
    assert paths(root) == {"unit": ("packages/a/checks", "packages/b/checks")}


def test_a_docker_marker_tells_which_tests_need_docker(repository) -> None:
    root = repository("tests/test_a.py", **{"pytest.ini": "[pytest]\nmarkers = docker: needs it\n"})
    assert conventions(root)["unit"].docker == Docker(marker="docker")


def test_settings_that_cannot_be_read_are_left_to_pytest(repository) -> None:
    root = repository("tests/test_a.py", **{"pyproject.toml": "[tool.pytest", "setup.cfg": "no section"})
    assert paths(root) == {"unit": ("tests",)}


def test_an_active_environment_comes_before_the_repositorys_own(repository, tmp_path: Path) -> None:
    inside = "Scripts/python.exe" if os.name == "nt" else "bin/python"
    root = repository(f".venv/{inside}", f"elsewhere/{inside}")
    found = pythons(root, {"VIRTUAL_ENV": str(root / "elsewhere")})
    assert [(python.parent.parent.name, why) for python, why in found] == [
        ("elsewhere", "the active VIRTUAL_ENV"),
        (".venv", "the repository's .venv"),
    ]
    assert [why for _, why in pythons(root, {"VIRTUAL_ENV": str(root / "gone")})] == ["the repository's .venv"]


@pytest.mark.parametrize(
    ("files", "own"),
    [
        (["src/pkg/__init__.py", "tests/__init__.py"], ("src",)),
        (["pkg/__init__.py", "other/__init__.py", "tests/__init__.py", "setup.py"], ("other", "pkg")),
        (["module.py", "setup.py", "test_module.py", "tests/test_a.py"], ("module.py",)),
        (["backend/app.py"], (".",)),
    ],
)
def test_own_code_is_found_beside_the_tests(repository, files, own) -> None:
    assert own_code(repository(*files)) == own


@pytest.mark.parametrize(
    ("files", "words"),
    [
        (
            {"pyproject.toml": '[project]\nname="x"\n[project.optional-dependencies]\ntest=["a"]\ndocs=["b"]\n'},
            (("-e", ".[test]"),),
        ),
        (
            {"pyproject.toml": '[build-system]\nrequires=[]\n[dependency-groups]\ndev=["a"]\ntest=["b"]\n'},
            (("-e", "."), ("--group", "test")),
        ),
        ({"setup.py": "", "requirements-dev.txt": ""}, (("-e", "."), ("-r", "requirements-dev.txt"))),
        (
            {"setup.py": "", "requirements/test.txt": "", "requirements-dev.txt": ""},
            (("-e", "."), ("-r", "requirements/test.txt")),
        ),
        (
            {"requirements.txt": "", "dev-requirements.txt": ""},
            (("-r", "requirements.txt"), ("-r", "dev-requirements.txt")),
        ),
        ({"pyproject.toml": "[tool.black]\n"}, ()),
        ({}, ()),
    ],
)
def test_what_pip_is_to_install_follows_from_the_files(repository, files, words) -> None:
    assert needs(repository(**files)) == words
