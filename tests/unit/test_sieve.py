"""The sieve says what looking for each word says, and passes whatever a regex of Python's matches."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gardener.model.policy import Look
from gardener.rulebook import load_rulebook
from gardener.sieve import Sieve

pytestmark = pytest.mark.unit

LETTERS = "ab.*(|\\[^$é \n"  # with all that means something else in a pattern
words = st.lists(st.text(LETTERS, min_size=1, max_size=4), min_size=1, max_size=6)


@given(words=words, text=st.text(LETTERS, max_size=30))
def test_a_text_passes_where_one_of_the_words_stands_in_it(words: list[str], text: str) -> None:
    assert Sieve.of(words)(text) == any(word in text for word in words)


ASCII = st.characters(max_codepoint=127)
COMPARED = [pattern.source for rule in load_rulebook().causes if rule.look is Look.DATA for pattern in rule.any]
HARD = [r"(?<![\w.])a(?=b[)])b\)", r"(['\"])a{2,30}\1", r"(?:^|\b)(?P<x>a{0,9})\\1(?!\(|[)])", r"a(?<=\ba)b(?i:c)"]
PASSING = Sieve.over([*COMPARED, *HARD])


@given(st.sampled_from([*COMPARED, *HARD]).flatmap(lambda pattern: st.from_regex(pattern, alphabet=ASCII)))
@settings(max_examples=200, deadline=None, derandomize=True)
def test_an_ascii_text_passes_that_one_of_the_regexes_matches(text: str) -> None:
    assert PASSING(text)
    assert all(Sieve.over([pattern])(text) or not re.search(pattern, text) for pattern in HARD)
