"""Engines for the tests, and questions about them."""

import itertools
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest
from real_engine import Engine, start, stop

from gardener.model.focus import Docker, Focus
from gardener.preflight.question import Limits, Question

_SUBNETS = itertools.count(os.getpid() % 150)


@pytest.fixture
def short_folder() -> Iterator[Path]:
    """A folder with a short name: a socket's path may not be long."""
    folder = Path(tempfile.mkdtemp(prefix="gd-"))
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def engine() -> Iterator[Engine]:
    """One engine for all tests that leave it as it was."""
    folder = Path(tempfile.mkdtemp(prefix="gd-"))
    folder.chmod(0o755)
    started = start(folder)
    yield started
    stop(started)
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def new_engine(short_folder: Path) -> Iterator[Callable[..., Engine]]:
    """Starts engines that a test may break."""
    started: list[Engine] = []

    def begin(*options: str) -> Engine:
        started.append(start(short_folder, *options))
        return started[-1]

    yield begin
    for one in started:
        stop(one)


@pytest.fixture
def network(engine: Engine) -> Iterator[str]:
    """A network on which containers can publish ports."""
    number = next(_SUBNETS)
    name = f"gd{os.getpid() % 10000}n{number}"
    option = f"com.docker.network.bridge.name={name}"
    engine.docker("network", "create", "--opt", option, "--subnet", f"10.213.{number}.0/24", name)
    yield name
    engine.docker("network", "rm", name, check=False)


@pytest.fixture
def ask(tmp_path: Path) -> Callable[..., Question]:
    """A question about the test's own folder: every test with the marker `docker` needs Docker."""

    def make(environ: Mapping[str, str], *, limits: Limits | None = None, **docker: object) -> Question:
        declared = Docker(marker="docker", **docker)  # type: ignore[arg-type]
        focus = Focus(name="integration", paths=("tests/integration",), docker=declared)
        return Question(focus=focus, root=tmp_path, environ=environ, limits=limits or Limits())

    return make
