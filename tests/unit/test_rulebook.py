"""The reviewed rule files: loaded once, compiled to linear patterns, refused when a rule is wrong."""

import re

import pytest
from growth import is_steep

from gardener.model.cause import Cause
from gardener.model.focus import Severity
from gardener.rulebook import compile_pattern, load_rulebook, read_rules

pytestmark = pytest.mark.unit


def test_every_cause_has_a_rule_and_a_usual_severity() -> None:
    book = load_rulebook()
    assert {rule.cause for rule in book.causes} == set(Cause)
    assert set(book.severities) == set(Cause)


def test_rule_names_are_unique_and_begin_with_their_cause() -> None:
    names = [rule.id for rule in load_rulebook().causes]
    assert len(set(names)) == len(names)
    assert all(re.fullmatch(r"[a-z-]+\.[a-z-]+", name) for name in names)


def test_every_rule_can_be_reached_by_something_and_shows_an_example() -> None:
    for rule in load_rulebook().causes:
        assert rule.any or rule.exceptions or rule.where, rule.id
        assert rule.examples, rule.id


def test_the_rulebook_is_loaded_once() -> None:
    assert load_rulebook() is load_rulebook()


def test_a_rule_says_where_it_is_wrong() -> None:
    with pytest.raises(ValueError, match=r"mine.toml: import.x: unknown patterns"):
        read_rules('[[rule]]\nid = "import.x"\npatterns = ["a"]\nexamples = ["a"]', "mine.toml")
    with pytest.raises(ValueError, match=r"mine.toml: nonsense.x: 'nonsense' is not a valid Cause"):
        read_rules('[[rule]]\nid = "nonsense.x"\nany = ["a"]\nexamples = ["a"]', "mine.toml")


def test_a_rule_may_fix_the_severity() -> None:
    toml = '[[rule]]\nid = "import.x"\nany = ["a"]\nseverity = "P0"\nexamples = ["a"]'
    assert read_rules(toml, "mine.toml")[0].severity is Severity.P0


@pytest.mark.parametrize(
    ("source", "literal"),
    [
        ("no such image", "no such image"),
        (r"exit(ed)? code \d+", " code "),
        (r"docker\.sock", "docker.sock"),
        ("colou?r of it", "r of it"),
        ("either|or", ""),
        (r"^killed$", "killed"),
        ("[abc]def", "def"),
        ("ab{2}cd", "cd"),
        ("failed ~~ denied", "failed "),
    ],
)
def test_a_pattern_knows_what_every_match_contains(source: str, literal: str) -> None:
    assert compile_pattern(source).literal == literal


def test_a_gap_stays_within_its_line() -> None:
    pattern = compile_pattern("pull ~~ denied")
    assert pattern.find("pull of the image was denied")
    assert not pattern.find("pull of the image\nwas denied")


def test_no_pattern_takes_longer_than_its_text() -> None:
    patterns = [pattern for rule in load_rulebook().causes for pattern in (*rule.any, *rule.context, *rule.unless)]
    assert [pattern.source for pattern in patterns if is_steep(pattern.find, pattern.literal or "a ")] == []


@pytest.mark.parametrize(
    ("regex", "words"),
    [
        ("pull access denied", ("access",)),
        ("(unauthorized|forbidden) ~~40[13]", ("forbidden", "unauthorized")),
        ("colou?r (?!blind)", ("colo",)),
        ("assert (denied)+", ("denied",)),
        ("gone(never)? (?:away|home)", ("gone",)),
        ("e1120|e1121", ()),
    ],
)
def test_a_pattern_knows_words_of_which_every_match_contains_one(regex: str, words: tuple[str, ...]) -> None:
    assert compile_pattern(regex).words == words
