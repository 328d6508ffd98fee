"""The sieve says what looking for each word says."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gardener.sieve import Sieve

pytestmark = pytest.mark.unit

LETTERS = "ab.*(|\\[^$é \n"  # with all that means something else in a pattern
words = st.lists(st.text(LETTERS, min_size=1, max_size=4), min_size=1, max_size=6)


@given(words=words, text=st.text(LETTERS, max_size=30))
def test_a_text_passes_where_one_of_the_words_stands_in_it(words: list[str], text: str) -> None:
    assert Sieve.of(words)(text) == any(word in text for word in words)
