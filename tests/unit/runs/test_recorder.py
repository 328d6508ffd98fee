"""The recorder has to load wherever tests run: old Pythons, no package but pytest."""

import ast
from pathlib import Path

import pytest

from gardener.runs import launch, recorder

pytestmark = pytest.mark.unit


def test_it_keeps_to_the_syntax_of_python_3_8() -> None:
    source = Path(launch.__file__).with_name("recorder.py").read_text(encoding="utf-8")
    ast.parse(source, feature_version=(3, 8))
    for newer in ("removeprefix", "removesuffix", "match_case", "dict[", "list[", " | None", "zip(strict"):
        assert newer not in source.replace("| os.", "")


def test_without_an_order_it_is_a_plugin_that_does_nothing() -> None:
    assert not [name for name in vars(recorder) if name.startswith("pytest_")]


@pytest.mark.parametrize("text", ["short", "x" * recorder.LIMIT])
def test_what_is_short_enough_is_kept_as_it_is(text: str) -> None:
    assert recorder.kept(text) == text


def test_a_long_text_is_cut_at_its_line_ends() -> None:
    kept = recorder.kept("first\n" + "0123456789\n" * 20_000 + "last")
    assert len(kept) <= recorder.LIMIT + 100
    assert set(kept.splitlines()) <= {"first", "0123456789", "last"} | {
        line for line in kept.splitlines() if "left out" in line
    }
    assert kept.startswith("first\n")
    assert kept.endswith("\nlast")


def test_a_long_line_is_cut_at_its_blanks_and_one_without_any_leaves_nothing() -> None:
    secret = "s3cret-" * 4
    assert set(recorder.kept(f"{secret} " * 10_000).replace("[", " [").replace("]", "] ").split()) >= {secret}
    assert "s3cret" not in recorder.kept(secret * 10_000)
