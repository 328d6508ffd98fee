"""Settings written into a repository's file: what stood there stays, a second time changes nothing."""

import tomllib
from pathlib import Path

import pytest

from gardener.adopt.edit import settled
from gardener.model.errors import ConfigurationError
from gardener.model.focus import Docker, Focus
from gardener.settings import focuses, load

pytestmark = pytest.mark.unit

FOCUSES = (
    Focus(name="unit", paths=("tests/unit",)),
    Focus(name="integration", paths=("tests",), markers="integration", docker=Docker(marker="docker")),
)
BEFORE = """\
# our project
[project]
name = "shop"   # the name

[tool.ruff]
line-length = 99

[build-system]
requires = ["setuptools"]
"""


def test_every_line_that_stood_there_stays() -> None:
    after = settled(BEFORE, FOCUSES)
    lines = iter(after.splitlines())
    assert all(line in lines for line in BEFORE.splitlines()), "a line is gone or out of order"
    focus = tomllib.loads(after)["tool"]["gardener"]["focus"]
    assert focus == {
        "unit": {"paths": ["tests/unit"]},
        "integration": {"paths": ["tests"], "markers": "integration", "docker": {"marker": "docker"}},
    }


@pytest.mark.parametrize("file", ["pyproject.toml", "gardener.toml"])
@pytest.mark.parametrize("before", ["", "# only words\n", "[tool.gardener]\nrerun = 1\n", BEFORE])
def test_a_second_time_changes_nothing(before: str, file: str) -> None:
    once = settled(before, FOCUSES, file=file)
    tomllib.loads(once)
    assert settled(once, FOCUSES, file=file) == once


def test_a_gardener_table_that_is_there_is_completed_and_its_values_kept() -> None:
    after = tomllib.loads(settled('[tool.gardener]\ntracker = "github:a/b"\n', FOCUSES))["tool"]["gardener"]
    assert after["tracker"] == "github:a/b"
    assert set(after["focus"]) == {"unit", "integration"}


def test_focuses_that_a_person_wrote_are_left_alone() -> None:
    mine = '[tool.gardener.focus.mine]\npaths = ["x"]\n'
    assert settled(mine, FOCUSES) == mine


def test_gardener_toml_has_the_keys_at_the_top() -> None:
    assert set(tomllib.loads(settled("", FOCUSES, file="gardener.toml"))) == {"tracker", "focus"}


def test_a_file_with_windows_line_ends_keeps_them() -> None:
    after = settled(BEFORE.replace("\n", "\r\n"), FOCUSES)
    assert after.count("\n") == after.count("\r\n")


@pytest.mark.parametrize("file", ["pyproject.toml", "gardener.toml"])
def test_what_is_written_is_what_the_settings_read(tmp_path: Path, file: str) -> None:
    (tmp_path / file).write_text(settled("", FOCUSES, file=file), encoding="utf-8")
    assert focuses(load(tmp_path, {}, {})) == FOCUSES


def test_a_file_that_is_no_toml_is_refused_with_its_name() -> None:
    with pytest.raises(ConfigurationError, match=r"pyproject\.toml cannot be read"):
        settled("[tool", FOCUSES)
