"""The projects whose suites are broken: pinned sdists, taken apart into a product folder and a test folder."""

import subprocess
import sys
import tarfile
from dataclasses import dataclass
from pathlib import Path

SETTINGS = """\
[tool.pytest.ini_options]
testpaths = ["{tests}"]
pythonpath = ["{source}"]

[tool.gardener.focus.unit]
paths = ["{tests}"]
timeout = 240
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Project:
    """A pinned sdist; folders are relative to its root."""

    name: str
    version: str
    source: str  # the folder to import from
    package: str  # the folder whose functions are broken
    tests: str


PROJECTS = (
    Project(name="cachetools", version="8.0.0", source="src", package="src/cachetools", tests="tests"),
    Project(name="h11", version="0.16.0", source=".", package="h11", tests="h11/tests"),
    Project(name="semver", version="3.1.1", source="src", package="src/semver", tests="tests"),
    Project(name="tabulate", version="0.10.0", source=".", package="tabulate", tests="test"),
    Project(name="toolz", version="1.2.0", source=".", package="toolz", tests="toolz/tests"),
)


def fetch(project: Project, cache: Path) -> Path:
    """The unpacked sdist with settings of ours in place of its own; fetched once."""
    home = cache / "sdists" / f"{project.name}-{project.version}"
    if not home.is_dir():
        wanted = f"{project.name}=={project.version}"
        pip = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--no-binary", project.name]
        subprocess.run([*pip, "--dest", str(cache / "sdists"), wanted], check=True)
        with tarfile.open(next((cache / "sdists").glob(f"{project.name}-{project.version}.tar*"))) as sdist:
            sdist.extractall(cache / "sdists", filter="data")
        for own in ("setup.cfg", "tox.ini", "pytest.ini", ".pytest.ini", "conftest.py"):
            (home / own).unlink(missing_ok=True)
    settings = SETTINGS.format(source=project.source, tests=project.tests)
    (home / "pyproject.toml").write_text(settings, encoding="utf-8")
    return home


def product_files(project: Project, home: Path) -> list[str]:
    """The product's Python files, relative to the root, without its tests."""
    found = (path.relative_to(home).as_posix() for path in (home / project.package).rglob("*.py"))
    return sorted(path for path in found if not {"test", "tests"} & set(path.split("/")))
