"""Guards for every test: no network but loopback, nobody's home, a fixed zone, nothing of the machine's CI.

The network guard is pytest-socket with the options in pyproject.toml: connecting to anything but loopback and unix
sockets raises. It reaches Python's own sockets in this process; what a test starts is the test's own business.
The rest is the environment, set once per process and before any test module is imported, so that it costs no test
anything and holds for subprocesses too.
"""

import os
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import hypothesis
import psutil
import pytest

if TYPE_CHECKING:
    from gardener.store.runs import SqlStore

# what a developer's shell or a CI job would otherwise decide: tokens, CI mode, colours, plugins of an outer pytest
FOREIGN = ("GITHUB_", "GH_", "GARDENER_", "PYTEST_XDIST_", "GIT_", "XDG_")
ALONE = ("CI", "VIRTUAL_ENV", "NO_COLOR", "FORCE_COLOR", "COLUMNS", "PYTEST_ADDOPTS", "PYTHONWARNINGS")
ALONE += ("MAKEFLAGS", "MAKELEVEL", "MFLAGS")  # `make test` itself: a make below it would talk as a part of it
ALONE += ("PYTHONDONTWRITEBYTECODE",)  # some images set it: every process would compile all that it imports
OURS = {
    "GARDENER_REQUIRE",
    "GARDENER_BUDGET",
    "GARDENER_TEST_POSTGRES",
}  # how a machine says what the tests must find and how much they may do

GIT_CONFIG = """\
[user]
    name = Test
    email = test@example.invalid
[init]
    defaultBranch = main
[commit]
    gpgsign = false
[safe]
    directory = *
"""


def pytest_configure(config: pytest.Config) -> None:
    if config.getoption("numprocesses", None) and not hasattr(config, "workerinput"):
        return  # xdist's controller runs no test itself, and its workers still have to read PYTEST_ADDOPTS
    kept = {name: Path.home() / place for name, place in (("PYENV_ROOT", ".pyenv"), ("PIP_CACHE_DIR", ".cache/pip"))}
    for name in [name for name in os.environ if name not in OURS and (name in ALONE or name.startswith(FOREIGN))]:
        del os.environ[name]
    for name, place in kept.items():  # other Pythons and the download cache are of the machine, not of the person
        if place.is_dir():
            os.environ.setdefault(name, str(place))
    for left in Path(tempfile.gettempdir()).glob("gardener-home-*-*"):  # by a run that was killed
        if not psutil.pid_exists(int(left.name.split("-")[2])):
            shutil.rmtree(left, ignore_errors=True)
    sys.dont_write_bytecode = False  # nor are test files rewritten for every run
    home = Path(tempfile.mkdtemp(prefix=f"gardener-home-{os.getpid()}-"))
    config.add_cleanup(lambda: shutil.rmtree(home, ignore_errors=True))
    (home / ".gitconfig").write_text(GIT_CONFIG, encoding="utf-8")
    os.environ |= {"HOME": str(home), "USERPROFILE": str(home), "GIT_CONFIG_NOSYSTEM": "1"}
    # far from UTC and by no whole hour: a local time that slips into a record is seen at once
    os.environ["TZ"] = "NPT-5:45"
    if hasattr(time, "tzset"):
        time.tzset()


@pytest.fixture
def store(tmp_path: Path) -> "Iterator[SqlStore]":
    """A memory of the test's own, in which it is always the same noon."""
    from gardener.store.runs import open_store

    opened = open_store("sqlite:///memory.db", tmp_path, lambda: datetime(2025, 9, 14, 12, tzinfo=UTC))
    yield opened
    opened.close()


# two busy cores make any deadline a coin toss; the same examples every time make a red run repeatable
hypothesis.settings.register_profile("steady", deadline=None, derandomize=True)
hypothesis.settings.load_profile("steady")
