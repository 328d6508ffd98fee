"""The scores say what they claim to say."""

import pytest
from benchmarks.live_grouping.score import mean, score

pytestmark = pytest.mark.unit

TRUTH = {"a": 0, "b": 0, "c": 1, "d": 1}


def test_groups_that_are_the_faults_score_one_in_everything() -> None:
    found = score(TRUTH, {"a": "x", "b": "x", "c": "y", "d": "y"})
    assert (found.precision, found.recall, found.f1, found.exact, found.ratio) == (1, 1, 1, 1, 1)


def test_one_issue_per_test_is_precise_and_recalls_little() -> None:
    found = score(TRUTH, {test: test for test in TRUTH})
    assert (found.precision, found.recall, found.exact, found.ratio) == (1, 0.5, 0, 2)


def test_everything_in_one_issue_recalls_all_and_is_not_precise() -> None:
    found = score(TRUTH, dict.fromkeys(TRUTH, "x"))
    assert (found.precision, found.recall, found.exact, found.ratio) == (0.5, 1, 0, 0.5)


def test_a_test_in_no_group_counts_against_both() -> None:
    found = score(TRUTH, {"a": "x", "b": "x", "c": "y"})
    assert (found.precision, found.recall, found.exact) == (0.75, 0.625, 0.5)


def test_a_group_with_a_strangers_test_is_not_exact() -> None:
    assert score(TRUTH, {"a": "x", "b": "x", "c": "x", "d": "y"}).exact == 0


def test_tests_whose_fault_is_unknown_do_not_count() -> None:
    assert score(TRUTH, {"a": "x", "b": "x", "c": "y", "d": "y", "e": "x"}).exact == 1


def test_the_mean_weighs_every_case_alike() -> None:
    small, large = score({"a": 0}, {"a": "x"}), score(TRUTH, {test: test for test in TRUTH})
    assert mean([small, large]).recall == pytest.approx(0.75)
