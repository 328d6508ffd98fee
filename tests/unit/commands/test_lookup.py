"""What a person means by a word: an issue's number before the beginning of a fingerprint."""

import pytest
import sample

from gardener.commands.lookup import called

pytestmark = pytest.mark.unit


@pytest.mark.parametrize("word", ["12", "#12", "1111", "v1:1111", sample.SIGNATURE.slug])
def test_a_finding_is_called_by_its_issue_the_beginning_of_its_key_or_its_slug(word: str) -> None:
    assert called(word, sample.story()) == (sample.SIGNATURE,)


@pytest.mark.parametrize("word", ["1", "111", "v1:1", "99", "nothing"])
def test_a_number_is_no_beginning_of_a_key(word: str) -> None:
    assert called(word, sample.story()) == ()
