"""make and its environment script, as far as they go without installing anything."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = [
    pytest.mark.integration,
    pytest.mark.skipif(shutil.which("make") is None or sys.platform == "win32", reason="there is no make here"),
]

ROOT = Path(__file__).parents[2]


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """Only what make needs, in a folder with a space in its name."""
    place = tmp_path / "a checkout"
    (place / ".ci").mkdir(parents=True)
    for name in ("Makefile", "pyproject.toml", ".ci/environment"):
        shutil.copy2(ROOT / name, place / name)
    return place


def with_tools(tmp_path: Path, **stubs: str) -> dict[str, str]:
    """An environment whose PATH has the shell's own tools and these stubs: no Python, no uv of this machine."""
    tools = tmp_path / "tools"
    tools.mkdir()
    for name in ("sh", "dirname", "grep", "pwd", "touch", "make"):
        found = shutil.which(name)
        assert found, name
        (tools / name).symlink_to(found)
    for name, text in stubs.items():
        (tools / name).write_text(f"#!/bin/sh\n{text}\n", encoding="utf-8")
        (tools / name).chmod(0o755)
    return {"PATH": str(tools), "HOME": str(tmp_path)}


def make(checkout: Path, *words: str, env: dict[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["make", *words],
        cwd=checkout,
        env=env or dict(os.environ),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_a_bare_make_only_lists_every_target(checkout: Path) -> None:
    done = make(checkout)
    assert done.returncode == 0
    for target in ("demo", "garden", "test", "test-full", "lint"):
        assert f"make {target} " in done.stdout
    assert not (checkout / ".venv").exists()


def test_without_a_python_one_line_says_what_to_install(checkout: Path, tmp_path: Path) -> None:
    done = make(checkout, "garden", env=with_tools(tmp_path, python3="exit 1"))
    assert done.returncode != 0
    said = [line for line in done.stderr.splitlines() if "install" in line]
    assert len(said) == 1
    assert "Python 3.11" in said[0]


def test_without_venv_one_line_names_the_package(checkout: Path, tmp_path: Path) -> None:
    # a Python that is new enough and has neither ensurepip nor venv
    stub = 'case "$2" in *ensurepip*) exit 1;; *) exit 0;; esac'
    done = make(checkout, "garden", env=with_tools(tmp_path, python3=stub))
    assert done.returncode != 0
    said = [line for line in done.stderr.splitlines() if "install" in line]
    assert len(said) == 1
    assert "python3-venv" in said[0]


def test_uv_is_used_where_it_is(checkout: Path, tmp_path: Path) -> None:
    log = tmp_path / "uv.log"
    python = checkout / ".venv/bin/python"
    mkdir, ln = shutil.which("mkdir"), shutil.which("ln")
    made = f'{mkdir} -p .venv/bin; {ln} -s "{sys.executable}" .venv/bin/python'
    uv = f'echo "$1" >> "{log}"\nif [ "$1" = venv ]; then {made}; fi'
    done = make(checkout, ".venv/.ready-test", env=with_tools(tmp_path, uv=uv))
    assert done.returncode == 0, done.stderr
    assert python.exists()
    assert set(log.read_text(encoding="utf-8").split()) == {"venv", "pip"}


def test_a_second_call_installs_nothing_until_pyproject_changes(checkout: Path) -> None:
    ready = checkout / ".venv" / ".ready-test"
    ready.parent.mkdir()
    ready.touch()
    os.utime(checkout / "pyproject.toml", (1, 1))
    os.utime(checkout / ".ci/environment", (1, 1))
    assert make(checkout, "--question", ".venv/.ready-test").returncode == 0
    os.utime(checkout / "pyproject.toml")
    os.utime(ready, (1, 1))
    assert make(checkout, "--question", ".venv/.ready-test").returncode == 1


@pytest.mark.parametrize("repository", ["plain", "with a space", "with'quote", "with$dollar"])
def test_garden_goes_to_the_repository_whatever_its_name(checkout: Path, tmp_path: Path, repository: str) -> None:
    binaries = checkout / ".venv/bin"
    binaries.mkdir(parents=True)
    (binaries / "gardener").write_text('#!/bin/sh\npwd\necho "$*"\n', encoding="utf-8")
    (binaries / "gardener").chmod(0o755)
    (checkout / ".venv/.ready-test").touch()
    os.utime(checkout / "pyproject.toml", (1, 1))
    os.utime(checkout / ".ci/environment", (1, 1))
    (tmp_path / repository).mkdir()
    escaped = str(tmp_path / repository).replace("$", "$$")
    done = make(checkout, "garden", f"REPO={escaped}", "FOCUS=critical")
    assert done.stdout.splitlines() == [str(tmp_path / repository), "run critical"]
