"""Variables in compose files."""

import pytest

from gardener.preflight.interpolate import MissingVariable, fill, fill_text, read_env

pytestmark = pytest.mark.unit
KNOWN = {"A": "a", "E": ""}


@pytest.mark.parametrize(
    ("text", "filled"),
    [
        ("x", "x"),
        ("$A-${A}", "a-a"),
        ("$NO${NO}", ""),
        ("${E-else}|${E:-else}", "|else"),
        ("${NO-else}|${A:-else}", "else|a"),
        ("${A+set}|${E+set}|${E:+set}|${NO+set}", "set|set||"),
        ("${NO:-${E:-${A}}}", "a"),
        ("${NO:-a}b}", "ab}"),
        ("$$A $${A}", "$A ${A}"),
        ("${A:?must}", "a"),
        ("5$", "5$"),
    ],
)
def test_a_variable_is_filled_in_as_compose_does(text: str, filled: str) -> None:
    assert fill_text(text, KNOWN) == filled


@pytest.mark.parametrize("text", ["${NO?give it}", "${NO:?give it}", "${E:?give it}"])
def test_a_variable_that_must_be_set_says_its_words(text: str) -> None:
    with pytest.raises(MissingVariable, match="give it"):
        fill_text(text, KNOWN)


def test_a_brace_that_does_not_close_is_refused() -> None:
    with pytest.raises(MissingVariable):
        fill_text("${A", KNOWN)


def test_only_the_strings_of_a_tree_are_filled_in() -> None:
    assert fill({"$A": ["$A", 1, None, {"k": "$A"}]}, KNOWN) == {"$A": ["a", 1, None, {"k": "a"}]}


def test_an_env_file_is_read_without_quotes_and_comments() -> None:
    text = "# A=no\nA=1\nexport B = two \nC='x # y'\nD=\"z\" # w\nE=u # v\nF=\nnonsense\n"
    assert read_env(text) == {"A": "1", "B": "two", "C": "x # y", "D": "z", "E": "u", "F": ""}
