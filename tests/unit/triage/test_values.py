"""Wrong values of several files are one finding where their tests tell that one thing gave them."""

from dataclasses import replace

import build
import pytest

from gardener.model.finding import Evidence, Finding
from gardener.model.policy import Policy
from gardener.model.run import Failure, Frame
from gardener.model.text import CleanText
from gardener.rulebook import load_rulebook
from gardener.triage.group import group

pytestmark = pytest.mark.unit

POLICY = Policy(rulebook=load_rulebook())


def findings(*failures: Failure, evidence: Evidence | None = None) -> tuple[Finding, ...]:
    return group(failures, evidence or Evidence(), POLICY)


def value(subject: str, message: str = "assert 1 == 2") -> Failure:
    return build.failure(subject, "AssertionError", message)


def none(subject: str, message: str, *frames: Frame) -> Failure:
    return build.failure(subject, "TypeError", message, frames=frames)


def asked(subject: str, call: str) -> Failure:
    return value(subject, f"assert False\n +  where False = {call}\n +    where x = <Cart>.x")


def test_wrong_values_that_assertions_of_two_files_got_from_one_function_are_one_finding() -> None:
    held = asked("tests/test_a.py::test_x", "holds('a')"), asked("tests/test_b.py::test_y", "holds('b')")
    (found,) = findings(*held)
    assert "what holds() gives is wrong in both files" in found.why.group
    assert len(findings(held[0], asked("tests/test_b.py::test_y", "lists('b')"))) == 2
    plain = [asked(f"tests/test_{name}.py::test_x", "isinstance('a', int)") for name in "ab"]
    assert len(findings(*plain)) == 2
    more = [value(f"tests/test_b.py::test_{number}") for number in range(3)]
    assert len(findings(*held, *more)) == 2  # most of the file's wrong values came from elsewhere


def test_one_attribute_that_is_none_in_two_files_is_one_finding() -> None:
    held = [
        value(f"tests/test_{name}.py::test_x", f"assert None == {name!r}\n +  where None = <Field at 0x7f8>.data")
        for name in "ab"
    ]
    (found,) = findings(*held)
    assert ".data is None in both files" in found.why.group
    other = value("tests/test_b.py::test_x", "assert None == 'b'\n +  where None = <Field at 0x7f8>.label")
    assert len(findings(held[0], other)) == 2


def test_what_was_done_with_none_in_the_same_words_is_one_finding_wherever_it_failed() -> None:
    message = "'NoneType' object is not callable"
    product = build.frame("tests/test_a.py", 3, "test_x"), build.frame("shop/cart.py", 7, "search")
    inside = none("tests/test_a.py::test_x", message, *product)
    (found,) = findings(inside, none("tests/test_b.py::test_y", message, build.frame("tests/test_b.py", 3, "test_y")))
    assert len(found.keys) == 2
    assert f"each says “{message}”" in found.joins[0].why
    other = none("tests/test_b.py::test_y", "'NoneType' object is not iterable", build.frame("tests/test_b.py"))
    assert len(findings(inside, other)) == 2


def test_an_attribute_that_none_does_not_have_is_one_finding_wherever_it_is_asked_for() -> None:
    message = "'NoneType' object has no attribute 'total'"
    inside = none("tests/test_a.py::test_x", message, build.frame("shop/cart.py", 7, "search"))
    (found,) = findings(inside, none("tests/test_b.py::test_y", message, build.frame("tests/test_b.py", 3, "test_y")))
    assert len(found.keys) == 2


def test_one_key_that_is_not_there_is_one_finding_wherever_it_is_asked_for() -> None:
    def asking(name: str, key: str) -> Failure:
        frames = (build.frame(f"shop/{name}.py", 7, name),)
        return build.failure(f"tests/test_{name}.py::test_x", "KeyError", key, frames=frames)

    (found,) = findings(asking("cart", "'total'"), asking("bill", "'total'"))
    assert "there is no 'total' in what both ask" in found.joins[0].why
    assert len(findings(asking("cart", "'total'"), asking("bill", "'sum'"))) == 2
    assert len(findings(asking("cart", "7"), asking("bill", "7"))) == 2


def test_what_breaks_by_a_fixture_that_gave_none_is_one_finding_whatever_it_says() -> None:
    def given(subject: str, attribute: str, line: str, code: str) -> Failure:
        frames = (replace(build.frame(subject.partition("::")[0], 3, "test_x"), code=code),)
        message = f"'NoneType' object has no attribute '{attribute}'"
        detail = CleanText(f"{line}\n\n    def test_x(bus):\n>       {code}")
        return build.failure(subject, "AttributeError", message, frames=frames, detail=detail)

    one = given("tests/test_a.py::test_x", "emit", "bus = None", "bus.emit()")
    (found,) = findings(one, given("tests/test_b.py::test_x", "on", "cart = <Cart>, bus = None", "cart.hear(bus)"))
    assert "the fixture bus gave it" in found.joins[0].why
    unused = given("tests/test_b.py::test_x", "on", "cart = <Cart>, bus = None", "cart.hear()")
    assert len(findings(one, unused)) == 2
    parameter = given("tests/test_b.py::test_x[None]", "on", "bus = None", "bus.on()")
    assert len(findings(one, parameter)) == 2


def test_code_that_breaks_where_it_calls_what_gave_wrong_values_is_one_finding_with_them() -> None:
    shown = "assert (3, 70) == 3\n +  where (3, 70) = <function level at 0x7f8a>('cup')\n +    where x = stock.level"
    wrong = value("tests/test_stock.py::test_level", shown)
    code = replace(build.frame("shop/stock.py", 9, "share"), code="return level(sku) / of")
    breaks = none("tests/test_shares.py::test_share", "unsupported operand type(s) for /: 'tuple' and 'int'", code)
    (found,) = findings(wrong, breaks)
    assert "it breaks where it calls level(), which gave wrong values" in found.joins[0].why
    elsewhere = replace(breaks, frames=(replace(code, code="return size(sku) / of"),))
    assert len(findings(wrong, elsewhere)) == 2


def test_inherited_tests_belong_to_the_file_that_they_are_written_in() -> None:
    written = build.frame("tests/test_base.py", 3, "test_x")
    subjects = ("tests/test_base.py::TestCart::test_x", "tests/test_b.py::TestMore::test_x")
    failures = [build.failure(subject, "AssertionError", "assert 1 == 2", frames=(written,)) for subject in subjects]
    (found,) = findings(*failures)
    assert [key.pattern for key in found.keys] == ["value tests/test_base.py"]


def test_no_test_is_about_a_word_of_grammar() -> None:
    failures = [value("tests/test_a.py::test_room_tells_itself_in_short"), value("tests/test_b.py::test_sum_in_cents")]
    passed = tuple(f"tests/test_{letter}.py::test_other_{word}" for letter in "ab" for word in ("x", "y", "z"))
    assert len(findings(*failures, evidence=Evidence(passed=passed))) == 2


def test_files_whose_failing_tests_are_about_one_word_join_when_such_tests_seldom_pass() -> None:
    failures = [value("tests/test_a.py::test_refund_whole"), value("tests/test_b.py::TestRefund::test_twice")]
    passed = tuple(f"tests/test_{letter}.py::test_other_{word}" for letter in "ab" for word in "pqrstuvxyz")
    (found,) = findings(*failures, evidence=Evidence(passed=passed))
    assert "2 of the 2 tests about “refund” fail" in found.why.group
    assert len(found.keys) == 2
    common = tuple(f"tests/test_a.py::test_refund_{number}" for number in range(9))
    assert len(findings(*failures, evidence=Evidence(passed=(*common, *passed)))) == 2
    assert len(findings(*failures)) == 2


def test_a_shared_word_that_chance_explains_joins_nothing() -> None:
    failures = [value("tests/test_a.py::test_refund_whole"), value("tests/test_b.py::TestRefund::test_twice")]
    passed = ("tests/test_c.py::test_refund_later", *(f"tests/test_a.py::test_other_{word}" for word in "uvwxyz"))
    assert len(findings(*failures, evidence=Evidence(passed=passed))) == 2
