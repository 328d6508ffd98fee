"""Look at a repository that says nothing: where its tests, its Python, its own code and its needs are."""

import configparser
import os
import shlex
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

from gardener.model.focus import Docker, Focus

# what people call the folder or the marker of each focus, in the order of stages
NAMES: Mapping[str, frozenset[str]] = {
    "unit": frozenset({"unit", "units", "unit_tests", "unittests"}),
    "integration": frozenset({"integration", "integration_tests", "functional", "functional_tests"}),
    "goldenpath": frozenset({"goldenpath", "golden_path", "e2e", "end_to_end", "acceptance"}),
    "critical": frozenset({"critical", "mission_critical", "smoke"}),
}
_TEST_FOLDERS = ("tests", "test", "testing")
_GROUPS = ("test", "tests", "testing", "dev")
_REQUIREMENTS = (
    "requirements*test*.txt",
    "test*requirements*.txt",
    "requirements/test*.txt",
    "tests/requirements*.txt",
    "test/requirements*.txt",
    "requirements*dev*.txt",
    "dev*requirements*.txt",
    "requirements/dev*.txt",
)
_NO_CODE = ("setup.py", "conftest.py", "noxfile.py")
_SKIPPED = {"node_modules", "build", "dist", "venv", "env", "site-packages", "__pycache__"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Ini:
    """What pytest's own settings say about where tests are."""

    file: str = ""  # where they stand; "" where there are none
    testpaths: tuple[str, ...] = ()
    python_files: tuple[str, ...] = ("test_*.py", "*_test.py")
    markers: tuple[str, ...] = ()

    def is_test(self, name: str) -> bool:
        """Whether pytest would look for tests in a file of this name."""
        return any(fnmatch(name, pattern) for pattern in self.python_files)


def conventions(root: Path) -> Mapping[str, Focus]:
    """The focuses that folders and markers suggest, in stage order; `assumed` says why. There is always a `unit`."""
    ini = read_ini(root)
    homes = _test_homes(root, ini)
    found = dict(_by_folder(root, homes, ini))
    for name, words in NAMES.items():
        for marker in (marker for marker in ini.markers if marker in words and name not in found):
            found[name] = Focus(
                name=name, paths=homes, markers=marker, assumed=(f"{name}: the marker {marker} of {ini.file}",)
            )
    if "unit" not in found:
        found["unit"] = _the_rest(root, homes, ini, found)
    docker = Docker(marker="docker") if "docker" in ini.markers else None
    return {name: replace(found[name], docker=docker) for name in NAMES if name in found}


def _by_folder(root: Path, homes: tuple[str, ...], ini: Ini) -> Iterator[tuple[str, Focus]]:
    for name, words in NAMES.items():
        folders = tuple(
            path.relative_to(root).as_posix()
            for home in homes
            if (root / home).is_dir()
            for path in sorted((root / home).iterdir())
            if path.name in words and next(_tests_below(path, ini), None)
        )
        if folders:
            yield name, Focus(name=name, paths=folders, assumed=(f"{name}: the folder {', '.join(folders)}",))


def _the_rest(root: Path, homes: tuple[str, ...], ini: Ini, others: Mapping[str, Focus]) -> Focus:
    """Everything that belongs to no other focus."""
    taken = {path for focus in others.values() if not focus.markers for path in focus.paths}
    markers = [focus.markers for focus in others.values() if focus.markers]
    paths: list[str] = []
    for home in homes:
        if not any(path.startswith(f"{home}/") for path in taken):
            paths.append(home)
            continue
        for path in sorted((root / home).iterdir()):
            place = path.relative_to(root).as_posix()
            if place not in taken and next(_tests_below(path, ini), None):
                paths.append(place)
    where = ", ".join(homes) if homes else "whatever pytest finds in the whole folder"
    but = f", without {', '.join([*sorted(taken), *markers])}" if others else ""
    return Focus(
        name="unit",
        paths=tuple(paths),
        markers=" and ".join(f"not {marker}" for marker in markers) or None,
        assumed=(f"unit: all tests in {where}{but}",),
    )


def read_ini(root: Path) -> Ini:
    """What pytest is told, from the file that pytest itself would take."""
    for name in ("pytest.toml", ".pytest.toml", "pytest.ini", ".pytest.ini", "pyproject.toml", "tox.ini", "setup.cfg"):
        table = _ini_table(root / name)
        if table is not None:
            return Ini(
                file=name,
                testpaths=tuple(_words(table.get("testpaths", ()))),
                python_files=tuple(_words(table.get("python_files", ()))) or Ini().python_files,
                markers=tuple(line.split(":")[0].split("(")[0].strip() for line in _lines(table.get("markers", ()))),
            )
    return Ini()


def _ini_table(path: Path) -> Mapping[str, Any] | None:
    """The table that makes this file pytest's; None where it is missing or cannot be read: pytest will say so."""
    try:
        text = path.read_text(encoding="utf-8-sig")
        if path.suffix == ".toml":
            content = tomllib.loads(text)
            if path.name != "pyproject.toml":
                return dict(content.get("pytest", {}))
            table = content.get("tool", {}).get("pytest")
            return {**table, **table.get("ini_options", {})} if table is not None else None
        parser = configparser.ConfigParser(interpolation=None, strict=False)
        parser.read_string(text)
    except (OSError, ValueError, configparser.Error):
        return None
    section = "tool:pytest" if path.name == "setup.cfg" else "pytest"
    return parser[section] if section in parser else ({} if path.name.endswith("pytest.ini") else None)


def _words(value: Any) -> list[str]:  # noqa: ANN401 - a list or a text, as the file has it
    return shlex.split(value, comments=True) if isinstance(value, str) else [str(word) for word in value]


def _lines(value: Any) -> list[str]:  # noqa: ANN401 - a list or a text, as the file has it
    lines = value.splitlines() if isinstance(value, str) else [str(line) for line in value]
    return [line for line in lines if line.strip()]


def _test_homes(root: Path, ini: Ini) -> tuple[str, ...]:
    """The folders and files that hold the tests: pytest's testpaths, usual folders, else wherever there are some."""
    named = [path for pattern in ini.testpaths for path in sorted(root.glob(pattern.rstrip("/")))]
    usual = [path for path in (root / name for name in _TEST_FOLDERS) if next(_tests_below(path, ini), None)]
    homes = named or usual
    if not homes:
        homes = sorted({_home_of(path, root) for path in _tests_below(root, ini)})
    return tuple(dict.fromkeys(path.relative_to(root).as_posix() for path in homes))


def _home_of(test: Path, root: Path) -> Path:
    """The folder of tests inside a package that a test file lies in, else its own folder; at the root the file."""
    for folder in reversed(test.relative_to(root).parents):
        if folder.name in _TEST_FOLDERS:
            return root / folder
    return test if test.parent == root else test.parent


def _tests_below(path: Path, ini: Ini) -> Iterator[Path]:
    """The test files in a folder, or the file itself."""
    if path.is_file():
        if ini.is_test(path.name):
            yield path
        return
    for folder, inner, files in os.walk(path):
        inner[:] = sorted(name for name in inner if not name.startswith(".") and name not in _SKIPPED)
        if "pyvenv.cfg" in files:
            inner.clear()
            continue
        yield from (Path(folder, name) for name in sorted(files) if ini.is_test(name))


def pythons(root: Path, environ: Mapping[str, str]) -> tuple[tuple[Path, str], ...]:
    """Interpreters that may hold the tests' needs, best first, each with why."""
    python = "Scripts/python.exe" if os.name == "nt" else "bin/python"
    places = [(Path(environ["VIRTUAL_ENV"]), "the active VIRTUAL_ENV")] if environ.get("VIRTUAL_ENV") else []
    places += [(root / name, f"the repository's {name}") for name in (".venv", "venv")]
    return tuple((folder / python, why) for folder, why in places if (folder / python).is_file())


def own_code(root: Path) -> tuple[str, ...]:
    """Folders and modules that hold the repository's own code, tests left out; the root where none stands out."""
    source = root / "src"
    home = source if source.is_dir() else root
    packages = [path.parent for path in sorted(home.glob("*/__init__.py")) if path.parent.name not in _TEST_FOLDERS]
    ini = read_ini(root)
    modules = [path for path in sorted(home.glob("*.py")) if path.name not in _NO_CODE and not ini.is_test(path.name)]
    found = [source] if source.is_dir() else packages or modules
    return tuple(path.relative_to(root).as_posix() for path in found) or (".",)


def needs(root: Path) -> tuple[tuple[str, str], ...]:
    """What `pip install` is to be called with so that the tests can run: (option, value) pairs."""
    try:
        project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8-sig"))
    except (OSError, ValueError):
        project = {}
    words: list[tuple[str, str]] = []
    extras = [name for name in project.get("project", {}).get("optional-dependencies", {}) if name in _GROUPS]
    if "build-system" in project or "project" in project or (root / "setup.py").is_file():
        words.append(("-e", f".[{','.join(extras)}]" if extras else "."))
    elif (root / "requirements.txt").is_file():
        words.append(("-r", "requirements.txt"))
    groups = [("--group", name) for name in _GROUPS if name in project.get("dependency-groups", {})][:1]
    words += groups
    if not extras and not groups:
        words += [("-r", path) for path in _requirements(root)]
    return tuple(words)


def _requirements(root: Path) -> list[str]:
    for pattern in _REQUIREMENTS:
        if found := sorted(root.glob(pattern)):
            return [path.relative_to(root).as_posix() for path in found]
    return []
