"""Failures come down to findings: one for each root cause, every failing test in exactly one."""

import random
from dataclasses import replace
from typing import Any

import build
import pytest

from gardener.model.cause import Cause
from gardener.model.finding import Confidence, Definition, Evidence, Finding, Kind
from gardener.model.policy import Policy, UserRule
from gardener.model.run import Failure, Link, Origin
from gardener.model.text import CleanText
from gardener.rulebook import load_rulebook
from gardener.triage.group import group

pytestmark = pytest.mark.unit

POLICY = Policy(rulebook=load_rulebook())
TEST = build.frame("tests/test_cart.py", 5, "test_total")
PRODUCT = build.frame("shop/cart.py", 7, "total")
MISFIT = "Cart.total() missing 1 required positional argument: 'tax'"


def findings(*failures: Failure, evidence: Evidence | None = None, policy: Policy = POLICY) -> tuple[Finding, ...]:
    return group(failures, evidence or Evidence(), policy)


def value(subject: str = "tests/test_cart.py::test_total", message: str = "assert 1 == 2", **rest: Any) -> Failure:
    return build.failure(subject, "AssertionError", message, **rest)


def misfit(subject: str = "tests/test_cart.py::test_total", **rest: Any) -> Failure:
    return build.failure(subject, "TypeError", MISFIT, frames=(TEST, PRODUCT), **rest)


def subject_of(failure: Failure) -> str:
    return failure.subject


def nothing(subject: str) -> Failure:
    return value(subject, "assert '' == 'three'\n\n  - three")


def warned(message: str, path: str = "shop/a.py", category: str = "DeprecationWarning") -> Failure:
    places = (f"{path}:3",)
    return build.failure(path, category, message, origin=Origin.WARNING, frames=(), places=places, count=4)


def test_failures_of_one_root_are_one_finding_with_every_test_once() -> None:
    (found,) = findings(
        misfit("tests/test_a.py::test_x"), misfit("tests/test_b.py::test_y"), misfit("tests/test_a.py::test_x")
    )
    assert found.tests == ("tests/test_a.py::test_x", "tests/test_b.py::test_y")
    assert (found.cause, found.kind, found.confidence) == (Cause.SIGNATURE, Kind.FAILING, Confidence.HIGH)
    assert found.why.group == "calls do not fit Cart.total()"
    assert found.why.cause.startswith("rule signature.")


@pytest.mark.parametrize("broken", [0, 10, 90, 110, 190, 200])
def test_of_many_failures_the_cause_is_the_one_that_most_of_them_name(broken: int) -> None:
    names = random.Random(broken).sample(range(200), 200)
    failures = [
        build.failure(f"tests/test_a.py::test_{name:03}", "KeyError", "'tax'", frames=(build.frame("tests/test_a.py"),))
        if place < broken
        else value(f"tests/test_a.py::test_{name:03}")
        for place, name in enumerate(names)
    ]
    (found,) = findings(*failures)
    assert found.cause is (Cause.ASSERTION if broken < 100 else Cause.CONTRACT)
    assert found.root is min((f for f in failures if (f.exception == "KeyError") == (broken > 100)), key=subject_of)


def test_wrong_values_of_two_files_stay_two_findings() -> None:
    assert len(findings(value("tests/test_a.py::test_x"), value("tests/test_b.py::test_y"))) == 2


def test_each_failing_test_is_in_exactly_one_finding_whatever_fails_with_it() -> None:
    failures = [
        misfit("tests/test_a.py::test_x"),
        value("tests/test_a.py::test_x", origin=Origin.TEARDOWN),
        value("tests/test_a.py::test_y"),
        nothing("tests/test_a.py::test_z[1]"),
        misfit("tests/test_a.py::test_z[2]"),
    ]
    found = findings(*failures)
    tests = [test for each in found for test in each.tests]
    assert sorted(tests) == sorted({failure.subject for failure in failures})
    assert sum(len(each.failures) for each in found) == len(failures)


def test_a_fault_in_tear_down_alone_is_a_finding_even_where_its_tests_belong_to_another() -> None:
    docker = 'docker.errors.DockerException: Error while fetching server API version: "No such file or directory"'
    down = build.failure(
        exception="docker.errors.DockerException",
        message=docker,
        origin=Origin.TEARDOWN,
        frames=(build.frame("tests/conftest.py", 3, "engine"),),
    )
    found = findings(misfit(), down)
    assert {each.cause: each.tests for each in found} == {
        Cause.SIGNATURE: ("tests/test_cart.py::test_total",),
        Cause.DOCKER_DAEMON: (),
    }


def test_a_test_that_saw_nothing_come_back_joins_the_only_error_of_its_file() -> None:
    (found,) = findings(misfit("tests/test_a.py::test_x"), nothing("tests/test_a.py::test_y"))
    assert found.tests == ("tests/test_a.py::test_x", "tests/test_a.py::test_y")
    assert len(found.keys) == 1
    assert "nothing came back" in found.joins[0].why
    assert found.confidence is Confidence.MEDIUM
    assert found.cause is Cause.SIGNATURE


@pytest.mark.parametrize(
    "message",
    [
        "assert [] == [1]",
        "assert 'three' in ''",
        "assert 1 == 0\n +  where 1 = <Result>.exit_code",
        "assert False\n +  where False = is_open('three')",
    ],
)
def test_what_looks_like_nothing(message: str) -> None:
    assert len(findings(misfit("tests/test_a.py::test_x"), value("tests/test_a.py::test_y", message))) == 1


def test_what_was_not_raised_joins_the_only_error_of_its_file_where_the_test_is_about_it() -> None:
    about, other = (
        value(f"tests/test_a.py::test_{name}", "DID NOT RAISE ValueError") for name in ("total_of_none", "tax")
    )
    assert len(findings(misfit("tests/test_a.py::test_x"), about)) == 1
    assert len(findings(misfit("tests/test_a.py::test_x"), other)) == 2  # the error would have come out of it


def test_a_test_that_saw_nothing_come_back_stays_alone_where_two_errors_could_be_it() -> None:
    lacks = build.failure(
        "tests/test_a.py::test_z", "AttributeError", "'A' object has no attribute 'prices'", frames=(PRODUCT,)
    )
    assert len(findings(misfit("tests/test_a.py::test_x"), lacks, nothing("tests/test_a.py::test_y"))) == 3


def test_a_wrong_value_that_is_there_is_no_sign_of_the_error_beside_it() -> None:
    assert len(findings(misfit("tests/test_a.py::test_x"), value("tests/test_a.py::test_y"))) == 2


def test_a_wrong_value_joins_the_crash_of_the_same_test_with_other_parameters() -> None:
    crash = build.failure("tests/test_a.py::test_x[0]", "IndexError", "list index out of range", frames=(TEST, PRODUCT))
    (found,) = findings(crash, value("tests/test_a.py::test_x[1]"))
    assert found.cause is Cause.ASSERTION
    assert found.fingerprint.pattern == "raised IndexError @ shop/cart.py::total"


def test_an_assertion_that_quotes_an_error_joins_where_that_is_raised() -> None:
    raised = build.failure(
        "tests/test_a.py::test_x", "PermissionError", "[Errno 13] Permission denied", frames=(TEST, PRODUCT)
    )
    quoted = value(
        "tests/test_b.py::test_y", "assert 1 == 0\n +  where 1 = <Result PermissionError(13, 'Permission denied')>.code"
    )
    (found,) = findings(raised, quoted)
    assert [key.pattern for key in found.keys] == [
        "raised PermissionError @ shop/cart.py::total",
        "quoted PermissionError: [Errno #] Permission denied",
    ]
    assert found.joins[0].key == found.keys[1]
    assert "quote" in found.joins[0].why


def test_what_only_the_log_names_is_the_root_of_tests_of_which_nothing_came() -> None:
    log = CleanText("WARNING shop:cart.py:3 slow\nERROR shop:cart.py:7 'Cart' object has no attribute 'prices'")
    failures = [value(f"tests/test_{name}.py::test_x", f"0 of {name} succeeded", captured=log) for name in (3, 5)]
    (found,) = findings(*failures)
    assert (found.fingerprint.pattern, found.cause) == ("attribute prices", Cause.ATTRIBUTE)
    assert "only their logs tell" in found.why.group
    assert findings(value(message="assert 4 == 5", captured=log))[0].cause is Cause.ASSERTION


def refused(subject: str, message: str, function: str) -> Failure:
    frames = (TEST, build.frame("shop/check.py", 7, function))
    return build.failure(subject, "shop.errors.Refusal", message, frames=frames)


def test_a_refusal_that_others_pass_on_is_one_finding_with_what_was_wrongly_accepted() -> None:
    inner = refused("tests/test_a.py::test_x", "age must be a number", "number")
    outer = refused("tests/test_a.py::test_y", "{'age': ['age must be a number'], 'b': []}", "whole")
    accepted = value("tests/test_a.py::test_z", "DID NOT RAISE Refusal")
    (found,) = findings(inner, outer, accepted)
    assert len(found.keys) == 2
    assert len(found.tests) == 3
    other = refused("tests/test_a.py::test_y", "name must be a text", "whole")
    assert len(findings(inner, other)) == 2


def test_one_function_that_breaks_by_errors_of_several_types_is_one_finding() -> None:
    by_type = [
        replace(refused(f"tests/test_a.py::test_{name}", f"{name} it is", "load"), exception=name)
        for name in ("shop.errors.BadSize", "shop.errors.BadName", "IndexError")
    ]
    (found,) = findings(*by_type)
    assert len(found.keys) == 3
    assert "the same place, shop/check.py::load" in found.joins[0].why
    outside = replace(by_type[0], subject="tests/test_a.py::test_z", exception="TimeoutError")
    assert len(findings(*by_type, outside)) == 2
    nameless = [replace(each, frames=(TEST, build.frame("shop/check.py", 7, "<lambda>"))) for each in by_type]
    assert len(findings(*nameless)) == 3


def test_a_function_that_refuses_for_its_callers_is_wrong_itself_where_many_of_them_are_refused() -> None:
    guard = build.frame("shop/checks.py", 7, "require")
    by_caller = [
        build.failure(
            f"tests/test_a.py::test_{name}",
            "shop.errors.Refusal",
            f"{name} is not here",
            frames=(TEST, build.frame("shop/cart.py", 7, name), guard),
        )
        for name in ("add", "buy", "clear", "drop", "edit")
    ]
    assert len(findings(*by_caller[:4])) == 4
    (found,) = findings(*by_caller)
    assert "shop/checks.py::require refuses what 5 callers ask" in found.joins[0].why


def test_a_value_that_shows_the_words_of_a_refusal_is_one_finding_with_it() -> None:
    inner = refused("tests/test_a.py::test_x", "ann may not write", "allow")
    shown = value("tests/test_api.py::test_y", "assert {'error': 'ann may not write'} == {'id': 3}")
    (found,) = findings(inner, shown)
    assert len(found.tests) == 2
    assert len(findings(inner, value("tests/test_api.py::test_y", "assert {'error': 'ann'} == {'id': 3}"))) == 2


def test_a_wrong_value_joins_the_error_that_its_test_printed_and_another_one_meets() -> None:
    met = build.failure("tests/test_rates.py::test_x", "LookupError", "no rates", frames=(TEST, PRODUCT))
    printed = (Link(exception="LookupError", message=CleanText("no rates"), frames=(PRODUCT,)),)
    seen = build.failure("tests/test_api.py::test_y", "KeyError", "'amount'", frames=(TEST,), printed=printed)
    (found,) = findings(met, seen)
    assert "printed this error, which others meet" in found.joins[0].why
    assert len(findings(replace(met, exception="ValueError", frames=(TEST,)), seen)) == 2


def test_a_class_that_lacks_several_attributes_lost_what_they_came_from() -> None:
    lacks = [
        build.failure(f"tests/test_a.py::test_{name}", "AttributeError", f"'Letter' object has no attribute '{name}'")
        for name in ("save", "touch", "copy")
    ]
    (found,) = findings(*lacks)
    assert "Letter lacks 3 attributes" in found.joins[0].why
    assert len(findings(*lacks[:2])) == 2
    held = [replace(each, message=CleanText(each.message.replace("Letter", "tuple"))) for each in lacks[:2]]
    assert len(findings(*held)) == 1
    misplaced = replace(lacks[0], exception="TypeError", message=CleanText("'Letter' object is not iterable"))
    assert len(findings(replace(misplaced, subject="tests/test_b.py::test_x"), lacks[1])) == 1


def test_functions_that_one_line_calls_in_a_way_that_none_expects_are_one_finding() -> None:
    emits = build.frame("shop/bus.py", 9, "emit")
    unfit = [
        build.failure(f"tests/test_a.py::test_{name}", "TypeError", f"{name}() got multiple values", frames=(emits,))
        for name in ("Audit.order", "Audit.login")
    ]
    (found,) = findings(*unfit)
    assert "the same line of shop/bus.py calls both" in found.joins[0].why
    elsewhere = replace(unfit[1], frames=(replace(emits, line=12),))
    assert len(findings(unfit[0], elsewhere)) == 2


def test_an_assertion_that_quotes_an_undefined_name_joins_where_it_is_missing() -> None:
    raised = build.failure("tests/test_a.py::test_x", "NameError", "name 'tax' is not defined", frames=(TEST, PRODUCT))
    quoted = value("tests/test_b.py::test_y", "Regex did not match.\n  Actual message: \"name 'tax' is not defined\"")
    assert len(findings(raised, quoted)) == 1
    elsewhere = replace(raised, subject="tests/test_c.py::test_z", frames=(build.frame("shop/stock.py"),))
    assert len(findings(raised, quoted, elsewhere)) == 3


def test_a_key_never_depends_on_other_failures() -> None:
    alone = {str(f.fingerprint) for f in findings(value("tests/test_a.py::test_x"))}
    among = findings(
        value("tests/test_a.py::test_x"), misfit("tests/test_a.py::test_y"), value("tests/test_b.py::test_z")
    )
    assert alone <= {str(found.fingerprint) for found in among}


def test_the_order_of_failures_changes_no_finding() -> None:
    failures = [misfit(f"tests/test_{i % 3}.py::test_{i}") for i in range(9)]
    failures += [value(f"tests/test_{i % 2}.py::test_v{i}") for i in range(6)] + [nothing("tests/test_5.py::test_n")]
    shape = {(found.keys, frozenset(found.tests), found.slug) for found in findings(*failures)}
    random.Random(7).shuffle(failures)
    assert {(found.keys, frozenset(found.tests), found.slug) for found in findings(*failures)} == shape


def never_set_up(name: str, lacks: str, path: str = "tests/test_shop.py") -> Failure:
    message = f"'{name}' object has no attribute '{lacks}'"
    return build.failure(
        f"{path}::{name}::test_{lacks}", "AttributeError", message, frames=(build.frame(path, 3, "t"),)
    )


def test_a_class_that_was_never_set_up_is_one_finding_and_a_fixture_where_the_sources_say_why() -> None:
    failures = [never_set_up("TestShop", lacks) for lacks in ("basket", "shelf", "till")]
    (found,) = findings(*failures)
    assert (found.cause, len(found.tests), found.slug) == (Cause.ATTRIBUTE, 3, "shop-never-set-up")
    (found,) = findings(*failures, evidence=Evidence(unawaited_setups=("tests/test_shop.py::TestShop",)))
    assert found.cause is Cause.FIXTURE
    assert found.joins[0].evidence == "sources"
    assert found.fingerprint.pattern == "set-up tests/test_shop.py::TestShop"


def test_a_warning_that_nothing_awaits_the_set_up_says_so_without_the_sources() -> None:
    told = warned("coroutine 'TestShop.setUp' was never awaited", category="RuntimeWarning")
    (found,) = findings(told, never_set_up("TestShop", "basket"))
    assert (found.cause, found.kind) == (Cause.FIXTURE, Kind.FAILING)
    assert found.fingerprint.pattern == "set-up tests/test_shop.py::TestShop"
    assert "nothing awaits TestShop.setUp" in found.why.group


def test_classes_on_one_base_that_sets_nothing_up_are_one_finding() -> None:
    failures = [never_set_up("TestShop", "basket"), never_set_up("TestTill", "drawer")]
    classes = tuple(
        Definition(path="tests/test_shop.py", name=name, kind="class", bases=("AsyncCase",))
        for name in ("TestShop", "TestTill")
    )
    assert len(findings(*failures)) == 2
    (found,) = findings(*failures, evidence=Evidence(definitions=classes))
    assert "AsyncCase" in found.why.group
    called = [replace(each, detail=CleanText("self = <tests.T testMethod=test_it>")) for each in failures]
    assert len(findings(*called, evidence=Evidence(definitions=classes))) == 2  # unittest does call their set-ups


def lacking(name: str, *lacks: str, shown: str = "object at 0x7f8a01") -> list[Failure]:
    """Tests of a class that was never set up, as the long style shows them: first of all their `self`."""
    path = f"tests/test_{name.lower()}.py"
    detail = CleanText(f"self = <tests.{name} {shown}>\n\n    def test_it(self):")
    return [replace(never_set_up(name, each, path), detail=detail) for each in lacks]


def test_plain_classes_whose_set_up_nothing_calls_are_one_finding_whatever_they_lack() -> None:
    (found,) = findings(*lacking("TestShop", "basket", "till"), *lacking("TestTill", "drawer", "coins"))
    assert len(found.tests) == 4
    assert "nothing calls their set-up" in found.why.group


def test_classes_that_may_lack_a_set_up_for_reasons_of_their_own_stay_apart() -> None:
    two = lacking("TestShop", "basket", "till")
    assert len(findings(*two, *lacking("TestTill", "drawer"))) == 2  # one helper may be missing
    assert len(findings(*two, *lacking("TestTill", "drawer", "coins", shown="testMethod=test_it"))) == 2
    told = warned("coroutine 'TestShop.setup_method' was never awaited", category="RuntimeWarning")
    assert len(findings(told, *two, *lacking("TestTill", "drawer", "coins"))) == 2


def test_several_classes_that_lack_the_very_same_are_one_finding() -> None:
    shop, till, shelf = (lacking(name, "bus", shown="testMethod=test_it") for name in ("TestShop", "TestTill", "TestA"))
    assert len(findings(*shop, *till)) == 2  # each may have forgotten it by itself
    (found,) = findings(*shop, *till, *shelf)
    assert "lack only bus" in found.why.group


def test_tests_that_got_one_coroutine_for_a_value_are_one_finding_in_every_file() -> None:
    failures = [
        build.failure(f"tests/test_{name}.py::test_x", "AttributeError", "'coroutine' object has no attribute 'price'")
        for name in ("a", "b", "c")
    ]
    shown = build.failure("tests/test_d.py::test_x", message="assert <coroutine object Cart.total at 0x7f> == 3")
    told = [
        replace(warned(f"coroutine '{name}' was never awaited", category="RuntimeWarning"), places=places)
        for name, places in (
            ("Cart.total", ("tests/test_a.py:3", "tests/test_b.py:9", "tests/test_c.py:2")),
            ("Cart.add", ("tests/test_c.py:7",)),
        )
    ]
    assert len(findings(*failures, shown)) == 4
    assert sorted(len(found.tests) for found in findings(*failures, shown, *told)) == [1, 3]


def test_a_name_that_is_missing_in_mocks_and_in_the_product_is_one_finding() -> None:
    here = build.failure("tests/test_a.py::test_a", "AttributeError", "'Gate' object has no attribute 'open'")
    there = build.failure("tests/test_b.py::test_b", "AttributeError", "Mock object has no attribute 'open'")
    other = build.failure("tests/test_c.py::test_c", "AttributeError", "Mock object has no attribute 'close'")
    assert sorted(len(found.tests) for found in findings(here, there, other)) == [1, 2]


def test_what_is_imported_from_a_package_that_has_nothing_left_is_one_finding() -> None:
    messages = (
        "cannot import name 'load' from 'shop.plugins' (unknown location)",
        "cannot import name 'Plugin' from 'shop.plugins' (unknown location)",
        "No module named 'shop.plugins.registry'",
        "No module named 'shop.orders'",
    )
    failures = [
        build.failure(f"tests/test_{at}.py", "ImportError", message, origin=Origin.COLLECTION)
        for at, message in enumerate(messages)
    ]
    assert sorted(len(found.tests) for found in findings(*failures)) == [1, 3]


def test_files_that_import_one_that_does_not_parse_are_one_uncollectable_finding() -> None:
    broken = build.frame("shop/tax.py", 18, None)
    failures = [
        build.failure(
            path, "SyntaxError", "expected ':'", origin=Origin.COLLECTION, frames=(build.frame(path, 1), broken)
        )
        for path in ("tests/test_a.py", "tests/test_b.py")
    ]
    (found,) = findings(*failures)
    assert (found.kind, found.cause, found.slug) == (Kind.UNCOLLECTABLE, Cause.SYNTAX, "tax-does-not-parse")
    assert found.tests == ("tests/test_a.py", "tests/test_b.py")


def test_a_deprecated_api_is_one_finding_with_every_place() -> None:
    text = "datetime.datetime.utcnow() is deprecated"
    found = findings(
        warned(text), warned(f"{text}: use now()", "shop/b.py"), warned("The `json_encoders` option is deprecated")
    )
    assert [each.kind for each in found] == [Kind.WARNING, Kind.WARNING]
    assert {each.cause for each in found} == {Cause.DEPRECATION}
    assert sorted(each.count for each in found) == [4, 8]
    assert not any(each.tests for each in found)


def test_a_deprecated_api_that_also_fails_tests_is_one_failing_finding() -> None:
    text = "utcnow() is deprecated"
    raised = build.failure("tests/test_a.py::test_x", "DeprecationWarning", text, frames=(TEST, PRODUCT))
    quoted = value("tests/test_b.py::test_y", "assert not DeprecationWarning('utcnow() is deprecated')")
    (found,) = findings(warned(text), quoted, raised)
    assert (found.kind, found.cause, len(found.tests)) == (Kind.FAILING, Cause.DEPRECATION, 2)
    (found,) = findings(quoted)
    assert found.cause is Cause.DEPRECATION


def test_a_warning_that_no_rule_knows_is_no_finding() -> None:
    assert findings(warned("the moon is full", category="UserWarning")) == ()


def test_a_duplicate_definition_is_one_finding_that_shows_every_path() -> None:
    listed = "['shop.cart.Cart', 'shop.legacy.Cart', 'shop.v2.Cart']"
    found = findings(warned(f"SSOT WARNING: Found other Cart classes: {listed}", category=""))
    assert [each.cause for each in found] == [Cause.DUPLICATE_DEFINITION]
    assert listed in found[0].root.message


def test_a_user_rule_groups_and_another_leaves_out() -> None:
    rules = (
        UserRule(name="rules[0]", regex="price of (?P<what>\\w+)", group="prices of {what}", cause=Cause.CONTRACT),
        UserRule(name="rules[1]", contains="known to be so", ignore=True),
    )
    policy = replace(POLICY, user_rules=rules)
    failures = [
        value("tests/test_a.py::test_x", "price of tea\nassert 1 == 2"),
        value("tests/test_b.py::test_y", "price of tea\nassert 3 == 2"),
        value("tests/test_b.py::test_z", "known to be so\nassert 3 == 2"),
    ]
    (found,) = findings(*failures, policy=policy)
    assert found.fingerprint.pattern == "rule prices of tea"
    assert (found.cause, len(found.tests)) == (Cause.CONTRACT, 2)


def test_infrastructure_is_linked_to_what_it_explains_and_absorbs_nothing() -> None:
    engine = Failure(
        subject="engine",
        origin=Origin.PREFLIGHT,
        exception=Cause.DOCKER_DAEMON,
        message=CleanText("Cannot connect to the Docker daemon"),
    )
    refused = build.failure(
        exception="ConnectionRefusedError", message="[Errno 111] Connection refused", frames=(TEST, PRODUCT)
    )
    found = {each.cause: each for each in findings(engine, refused, misfit("tests/test_b.py::test_y"))}
    root = found[Cause.DOCKER_DAEMON]
    assert (root.kind, root.tests) == (Kind.INFRASTRUCTURE, ())
    assert found[Cause.SERVICE_UNAVAILABLE].related[0].target == str(root.fingerprint)
    assert found[Cause.SERVICE_UNAVAILABLE].related[0].why.startswith("explained by")
    assert found[Cause.SERVICE_UNAVAILABLE].tests == ("tests/test_cart.py::test_total",)
    assert found[Cause.SIGNATURE].related == ()


def test_an_enums_member_where_text_was_due_is_a_contract() -> None:
    (found,) = findings(value(message="assert <Currency.EUR: 'eur'> == 'eur'"))
    assert found.cause is Cause.CONTRACT


def test_findings_of_equal_name_can_be_told_apart() -> None:
    found = findings(value("tests/a/test_cart.py::test_x"), value("tests/b/test_cart.py::test_y"))
    assert len({each.slug for each in found}) == 2


def test_no_failures_no_findings() -> None:
    assert findings() == ()
