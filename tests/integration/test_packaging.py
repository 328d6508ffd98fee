"""What is shipped: the wheel holds all that a user needs, works from where it was unpacked, and starts quickly."""

import os
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

pytestmark = pytest.mark.integration

ROOT = Path(__file__).parents[2]
HEAVY = {"alembic", "docker", "github", "jinja2", "msgspec", "nox", "psutil", "pydantic", "pytest", "rapidfuzz"}
HEAVY |= {"sqlalchemy", "stamina", "tomlkit", "yaml", "gardener.flow", "gardener.settings", "gardener.wiring"}


@pytest.fixture(scope="session")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> zipfile.ZipFile:
    folder = tmp_path_factory.mktemp("wheel")
    hatchling = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(folder)]
    done = subprocess.run(hatchling, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    (built,) = folder.glob("failing_test_gardener-*.whl")
    return zipfile.ZipFile(built)


@pytest.fixture(scope="session")
def unpacked(wheel: zipfile.ZipFile, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("unpacked")
    wheel.extractall(folder)
    return folder


def gardener(unpacked: Path, *words: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    """The unpacked wheel's gardener; PYTHONPATH comes before an editable install."""
    env = {**os.environ, "PYTHONPATH": str(unpacked), "PYTHONDONTWRITEBYTECODE": "1"}
    return subprocess.run(
        [sys.executable, "-m", "gardener", *words],
        cwd=cwd,
        env=env,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_the_wheel_holds_every_file_of_the_package(wheel: zipfile.ZipFile) -> None:
    house = ROOT / "tools" / "gardener"
    ours = {
        path.relative_to(house.parent).as_posix()
        for path in house.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert ours - set(wheel.namelist()) == set()


def test_the_wheel_holds_the_templates(wheel: zipfile.ZipFile) -> None:
    ours = {f"gardener/{path.relative_to(ROOT).as_posix()}" for path in (ROOT / "templates").rglob("*.j2")}
    assert ours, "there are templates"
    assert ours - set(wheel.namelist()) == set()


def test_the_wheel_holds_nothing_else(wheel: zipfile.ZipFile) -> None:
    tops = {name.split("/")[0].split("-")[0] for name in wheel.namelist()}
    assert tops == {"gardener", "failing_test_gardener"}


def test_the_wheel_names_its_command_and_its_licence(wheel: zipfile.ZipFile) -> None:
    (info,) = {name.split("/")[0] for name in wheel.namelist() if ".dist-info/" in name}
    assert "gardener = gardener.__main__:main" in wheel.read(f"{info}/entry_points.txt").decode()
    metadata = wheel.read(f"{info}/METADATA").decode()
    assert "License-Expression: MIT" in metadata
    assert "Requires-Python: >=3.11" in metadata


def test_the_unpacked_wheel_works_far_from_the_checkout(unpacked: Path, tmp_path: Path) -> None:
    done = gardener(unpacked, "--help", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "run" in done.stdout + done.stderr
    where = [sys.executable, "-c", "import gardener; print(gardener.__file__)"]
    env = {**os.environ, "PYTHONPATH": str(unpacked)}
    printed = subprocess.run(where, env=env, cwd=tmp_path, capture_output=True, text=True, timeout=30, check=True)
    assert Path(printed.stdout.strip()).is_relative_to(unpacked)


def test_the_sdist_holds_what_builds_and_tests_need(tmp_path: Path) -> None:
    hatchling = [sys.executable, "-m", "hatchling", "build", "--target", "sdist", "--directory", str(tmp_path)]
    subprocess.run(hatchling, cwd=ROOT, capture_output=True, timeout=120, check=True)
    (built,) = tmp_path.glob("*.tar.gz")
    with tarfile.open(built) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    assert {"pyproject.toml", "noxfile.py", "Makefile", "README.md", "LICENSE", "tests/conftest.py"} <= names
    assert not [name for name in names if name.startswith((".venv", ".cache", ".demo", ".gardener"))]


def test_help_loads_nothing_but_what_prints_it(tmp_path: Path) -> None:
    """So it starts quickly; how quickly is measured in benchmarks/speed."""
    listed = "import sys; from gardener.cli import run; run(['--help']); sys.stderr.write(' '.join(sys.modules))"
    done = subprocess.run([sys.executable, "-c", listed], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert "rich" in done.stderr.split()
    assert HEAVY.isdisjoint(done.stderr.split())
