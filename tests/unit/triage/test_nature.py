"""Nature comes from evidence, in a fixed order, and says what it rests on."""

import build
import pytest

from gardener.model.cause import Cause
from gardener.model.finding import Break, Evidence, Lineage, Nature, Past
from gardener.triage.nature import judge_nature

pytestmark = pytest.mark.unit

TEST, PRODUCT = "tests/test_cart.py", "shop/cart.py"


NODE = f"{TEST}::test_total"


def broken(near: int = 0, commit: str = "c" * 40, test: str = NODE) -> Lineage:
    what = "Cart.total in shop/cart.py changed"
    found = Break(
        commit=commit,
        author="Ada",
        subject="Rework",
        path=PRODUCT,
        place=f"{PRODUCT}::Cart.total",
        what=what,
        near=near,
    )
    return Lineage(test=test, written="d" * 40, breaks=(found,))


def touching_product() -> object:
    return build.failure(f"{TEST}::test_total", frames=(build.frame(TEST), build.frame(PRODUCT)))


def test_an_infrastructure_cause_is_infrastructure_whatever_the_past_says() -> None:
    found = judge_nature(build.finding(cause=Cause.DOCKER_DAEMON), Past(tests_passed_before=3), Evidence())
    assert found.nature is Nature.INFRASTRUCTURE


def test_passed_and_failed_on_one_commit_is_flaky() -> None:
    assert judge_nature(build.finding(), Past(same_commit_pass=True), Evidence()).nature is Nature.FLAKY


def test_a_test_that_is_changed_in_the_work_tree_is_active_dev() -> None:
    found = judge_nature(build.finding(), Past(tests_passed_before=1), Evidence(changed_now=(TEST,)))
    assert found.nature is Nature.ACTIVE_DEV
    assert TEST in found.why.nature


def test_product_code_changed_on_this_branch_is_active_dev() -> None:
    evidence = Evidence(own=("shop", "tests"), changed_on_branch=(PRODUCT,))
    assert judge_nature(build.finding(touching_product()), Past(), evidence).nature is Nature.ACTIVE_DEV


def test_on_the_default_branch_committed_changes_are_never_active_dev() -> None:
    evidence = Evidence(own=("shop", "tests"), changed_on_branch=(PRODUCT,), on_default_branch=True)
    assert judge_nature(build.finding(touching_product()), Past(), evidence).nature is not Nature.ACTIVE_DEV


def test_tests_that_passed_before_make_a_regression() -> None:
    found = judge_nature(build.finding(), Past(tests_passed_before=1, last_pass="2025-09-13T00:00:00Z"), Evidence())
    assert found.nature is Nature.REGRESSION
    assert "2025-09-13" in found.why.nature


def test_what_came_and_went_before_is_a_sure_regression_only_where_chance_does_not_explain_it() -> None:
    often = Past(tests_passed_before=1, last_pass="x", runs_passed=6, runs_failed=4, relapses=3, failing_streak=1)
    found = judge_nature(build.finding(), often, Evidence())
    assert found.nature is Nature.REGRESSION
    assert "it came and went 3× before, by chance it fails now too with p = 0.18 (confidence low)" in found.why.nature
    once = Past(tests_passed_before=1, last_pass="x", runs_passed=40, runs_failed=5, relapses=1, failing_streak=4)
    # 41 of the 9,366,819 ways to put 6 failures into 46 runs put 5 of them into the last 5
    assert "p = 4.4e-06 (confidence high)" in judge_nature(build.finding(), once, Evidence()).why.nature


def test_a_flaky_finding_says_how_often_it_failed() -> None:
    past = Past(same_commit_pass=True, runs_passed=38, runs_failed=2, relapses=2)
    assert judge_nature(build.finding(), past, Evidence()).why.nature == (
        "a test of it passed and failed on the same commit; it failed in 2 of 40 (5.0%, 95 % interval 1.4% to 16.5%) "
        "of the earlier runs that tell (confidence high)"
    )


@pytest.mark.parametrize(("near", "confidence"), [(0, "medium"), (1, "medium"), (2, "low")])
def test_what_changed_below_a_test_after_it_was_written_is_a_regression(near: int, confidence: str) -> None:
    found = judge_nature(build.finding(touching_product()), Past(), Evidence(lineages=(broken(near),)))
    assert found.nature is Nature.REGRESSION
    assert f"Cart.total in shop/cart.py changed in {'c' * 12} (“Rework”), after {NODE}" in found.why.nature
    assert f"confidence {confidence}" in found.why.nature


def test_what_changed_below_another_test_is_no_evidence() -> None:
    evidence = Evidence(lineages=(broken(test="tests/test_cart.py::test_other"),))
    assert judge_nature(build.finding(touching_product()), Past(), evidence).nature is Nature.NEW


def test_a_change_of_the_work_tree_below_a_test_is_active_dev_also_where_it_passed_before() -> None:
    evidence = Evidence(lineages=(broken(2, commit=""),))
    found = judge_nature(build.finding(touching_product()), Past(tests_passed_before=1), evidence)
    assert found.nature is Nature.ACTIVE_DEV
    assert "not committed" in found.why.nature


def test_a_change_of_this_branch_below_a_test_is_active_dev() -> None:
    evidence = Evidence(lineages=(broken(2),), changed_on_branch=(PRODUCT,))
    assert judge_nature(build.finding(touching_product()), Past(), evidence).nature is Nature.ACTIVE_DEV


def test_a_shallow_clone_is_said_where_nothing_is_known() -> None:
    assert "shallow" in judge_nature(build.finding(), Past(), Evidence(shallow=True)).why.nature


def test_without_any_history_it_is_new_with_low_confidence_and_says_so() -> None:
    found = judge_nature(build.finding(), Past(), Evidence(no_git="this folder is not in a git repository"))
    assert found.nature is Nature.NEW
    assert "confidence low" in found.why.nature
    assert "not in a git repository" in found.why.nature


def test_what_was_flaky_and_fails_run_after_run_now_is_a_regression_and_says_the_chance() -> None:
    past = Past(
        same_commit_pass=True, tests_passed_before=1, runs_passed=38, runs_failed=5, relapses=2, failing_streak=3
    )
    found = judge_nature(build.finding(), past, Evidence())
    assert found.nature is Nature.REGRESSION
    assert "by chance" in found.why.nature
    assert judge_nature(build.finding(), past, Evidence(), recovered=True).nature is Nature.FLAKY
    often = Past(
        same_commit_pass=True, tests_passed_before=1, runs_passed=4, runs_failed=9, relapses=4, failing_streak=3
    )
    assert judge_nature(build.finding(), often, Evidence()).nature is Nature.FLAKY
