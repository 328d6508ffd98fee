"""The measure that tests of hostile texts use tells what is linear from what is not."""

import pytest
from growth import is_steep

pytestmark = pytest.mark.unit


def test_work_by_the_square_of_a_text_is_steep() -> None:
    assert is_steep(lambda text: sum(range(len(text) ** 2 // 1024)), "a")


def test_work_by_the_length_of_a_text_is_not() -> None:
    assert not is_steep(lambda text: sum(range(len(text))), "a")
