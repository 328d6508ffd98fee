"""The charts' geometry: shares that add up, and nothing too small to see."""

from dataclasses import replace

import pytest
import sample
from hypothesis import given
from hypothesis import strategies as st

from gardener.model.run import Counts
from gardener.render.charts import bars, pieces

pytestmark = pytest.mark.unit

numbers = st.integers(min_value=0, max_value=100_000)


@given(numbers, numbers, numbers, numbers)
def test_the_pieces_fill_the_bar_without_gap(passed: int, failed: int, blocked: int, lost: int) -> None:
    total = passed + failed + blocked + lost
    made = pieces(Counts(collected=total, passed=passed, failed=failed, blocked=blocked, lost=lost))
    assert sum(piece.number for piece in made) == total
    if made:
        assert sum(piece.width for piece in made) == pytest.approx(100, abs=0.1)
        assert [piece.start for piece in made] == sorted(piece.start for piece in made)
        assert min(piece.width for piece in made) > 0.5


def test_red_comes_first_and_what_did_not_occur_is_left_out() -> None:
    made = pieces(Counts(collected=10, passed=7, failed=1, error=2))
    assert [(piece.name, piece.number) for piece in made] == [("failed", 1), ("error", 2), ("passed", 7)]


def test_no_tests_make_no_bar() -> None:
    assert pieces(Counts()) == ()


def test_a_bar_is_as_long_as_its_share_of_the_longest() -> None:
    made = bars((sample.SIGNATURE, sample.REFUSED))
    assert [(bar.number, bar.width) for bar in made] == [(4, 100), (2, 50)]


def test_blocked_tests_count_for_the_finding_that_blocks_them() -> None:
    both = replace(sample.SIGNATURE, blocked=("tests/a.py::test_b",))
    assert [(bar.number, bar.width) for bar in bars((sample.DOCKER, both))] == [(3, 60), (5, 100)]


def test_a_finding_that_stops_no_test_has_no_bar() -> None:
    assert [(bar.number, bar.width) for bar in bars((sample.DEPRECATED,))] == [(0, 0)]


def test_a_tiny_finding_beside_a_huge_one_can_be_seen() -> None:
    huge = replace(sample.SIGNATURE, tests=tuple(f"tests/a.py::test_{n}" for n in range(5000)))
    assert bars((huge, sample.FLAKY))[1].width > 0.5
