"""Nature comes from evidence, in a fixed order, and says what it rests on."""

import build
import pytest

from gardener.model.cause import Cause
from gardener.model.finding import Definition, Evidence, FileStory, Nature, Past
from gardener.triage.nature import judge_nature

pytestmark = pytest.mark.unit

TEST, PRODUCT = "tests/test_cart.py", "shop/cart.py"


def story(path: str, added: int, changed: int) -> FileStory:
    return FileStory(path=path, added=added, changed=changed, commit="c" * 40, author="Ada", subject="Rework the cart")


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


def test_product_code_that_changed_after_the_test_was_written_is_a_regression() -> None:
    evidence = Evidence(own=("shop", "tests"), files=(story(TEST, 9, 9), story(PRODUCT, 9, 2)))
    found = judge_nature(build.finding(touching_product()), Past(), evidence)
    assert found.nature is Nature.REGRESSION
    assert "c" * 12 in found.why.nature
    assert "Rework the cart" in found.why.nature


def test_a_test_newer_than_the_product_is_new() -> None:
    evidence = Evidence(own=("shop", "tests"), files=(story(TEST, 1, 1), story(PRODUCT, 9, 2)))
    assert judge_nature(build.finding(touching_product()), Past(), evidence).nature is Nature.NEW


def test_the_definition_that_the_message_names_is_what_broke() -> None:
    failure = build.failure(f"{TEST}::test_total", "TypeError", "Cart.__init__() missing 1 required argument: 'id'")
    evidence = Evidence(
        files=(story(TEST, 9, 9), story("shop/model.py", 9, 1)),
        definitions=(Definition(path="shop/model.py", line=3, name="Cart.__init__", kind="function"),),
    )
    assert "shop/model.py" in judge_nature(build.finding(failure), Past(), evidence).why.nature


def test_without_any_history_it_is_new_with_low_confidence_and_says_so() -> None:
    found = judge_nature(build.finding(), Past(), Evidence(no_git="this folder is not in a git repository"))
    assert found.nature is Nature.NEW
    assert "confidence low" in found.why.nature
    assert "not in a git repository" in found.why.nature
