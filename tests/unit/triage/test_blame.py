"""What tests ran of what changed joins findings, and divides them; where it tells nothing, the text stands."""

import random
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import build
import pytest

from gardener.model.finding import Evidence, Finding, Touched, Trace
from gardener.model.key import Managed
from gardener.model.policy import Policy
from gardener.model.run import Failure
from gardener.rulebook import load_rulebook
from gardener.triage.group import group
from gardener.triage.match import match
from gardener.triage.spectrum import open_question

pytestmark = pytest.mark.unit

POLICY = Policy(rulebook=load_rulebook())
TOTAL, OWNER, CALM = "shop/cart.py::total", "shop/cart.py::owner", "shop/cart.py::calm"
A, B, C = "tests/test_a.py::test_x", "tests/test_a.py::test_y", "tests/test_b.py::test_z"


def touched(*names: str) -> tuple[Touched, ...]:
    return tuple(
        Touched(path=name.split("::")[0], name=name.split("::")[1], lines=(10 * place + 10,))
        for place, name in enumerate(names)
    )


def seen(
    ran: dict[str, Iterable[str]],
    passing: Iterable[Iterable[str]] = (),
    healed: dict[str, str] | None = None,
    **rest: Any,
) -> Evidence:
    """Failing tests and what they ran; what each passing one ran; without what a failing one passes."""
    red = [
        Trace(test=test, passed=False, met=tuple(met), healed=(healed or {}).get(test, "")) for test, met in ran.items()
    ]
    green = [Trace(test=f"tests/test_a.py::test_ok_{n}", passed=True, met=tuple(met)) for n, met in enumerate(passing)]
    names = touched(TOTAL, OWNER, CALM)
    return Evidence(**({"touched": names, "traces": (*red, *green), "passed": tuple(t.test for t in green)} | rest))


def wrong(*tests: str) -> list[Failure]:
    return [build.failure(test) for test in tests]


def raised(test: str, exception: str = "KeyError") -> Failure:
    frames = (build.frame("tests/test_a.py", 5, "test"), build.frame("shop/cart.py", 99, "total"))
    return build.failure(test, exception, "boom", frames=frames)


def grouped(failures: Iterable[Failure], evidence: Evidence) -> set[frozenset[str]]:
    return {frozenset(found.tests) for found in group(failures, evidence, POLICY)}


def found(failures: Iterable[Failure], evidence: Evidence) -> tuple[Finding, ...]:
    return group(failures, evidence, POLICY)


def test_wrong_values_of_two_files_that_one_change_broke_are_one_finding_and_it_is_said_why() -> None:
    (one,) = found(wrong(A, C), seen({A: [TOTAL], C: [TOTAL]}, [[CALM]]))
    assert one.tests == (A, C)
    assert [join.evidence for join in one.joins] == ["spectrum"]
    assert (
        "2 of the failing tests and none of the passing ones run what changed in shop/cart.py::total" in one.why.group
    )


def test_wrong_values_of_one_file_that_two_changes_broke_are_two_findings() -> None:
    assert grouped(wrong(A, B), seen({A: [TOTAL], B: [OWNER]})) == {frozenset({A}), frozenset({B})}


def test_divided_findings_have_keys_of_their_own_and_an_undivided_one_keeps_that_of_the_file() -> None:
    (whole,) = found(wrong(A, B), Evidence())
    assert whole.fingerprint.pattern == "value tests/test_a.py"
    parts = found(wrong(A, B), seen({A: [TOTAL], B: [OWNER]}))
    assert {key.pattern for part in parts for key in part.keys} == {
        "value tests/test_a.py @ test_x",
        "value tests/test_a.py @ test_y",
    }
    assert set(whole.akin) == {part.fingerprint for part in parts}
    assert {part.akin for part in parts} == {whole.keys}


def test_a_change_that_many_passing_tests_run_is_not_blamed_where_another_one_is() -> None:
    everyone = [[CALM]] * 20
    ran = {A: [TOTAL, CALM], B: [OWNER, CALM], C: [TOTAL, CALM]}
    assert grouped(wrong(A, B, C), seen(ran, everyone)) == {frozenset({A, C}), frozenset({B})}


def test_what_is_all_that_a_failing_test_ran_of_the_changes_comes_before_what_is_seldom_run() -> None:
    ran = {A: [TOTAL], B: [TOTAL, CALM], C: [OWNER]}
    assert grouped(wrong(A, B, C), seen(ran, [[TOTAL]] * 5)) == {frozenset({A, B}), frozenset({C})}


def test_equally_suspicious_changes_tell_nothing() -> None:
    both = [TOTAL, OWNER]
    assert grouped(wrong(A, C), seen({A: both, C: both})) == grouped(wrong(A, C), Evidence())


def test_tests_that_ran_nothing_of_what_changed_are_not_the_doing_of_those_that_did() -> None:
    assert grouped(wrong(A, B), seen({A: [TOTAL], B: []})) == {frozenset({A}), frozenset({B})}


def test_a_test_that_was_not_watched_goes_with_the_only_change_that_watching_told_to_break_anything() -> None:
    tests = wrong(A, C, "tests/test_c.py::test_cli")
    assert len(grouped(tests, seen({A: [TOTAL], C: [TOTAL, CALM]}, healed={C: TOTAL}))) == 1
    misfit = build.failure(A, "TypeError", "owner() missing 1 required positional argument: 'of'", frames=())
    assert len(grouped([misfit, *wrong(B, C)], seen({}))) == 3


def test_errors_that_the_text_joins_are_kept_apart_where_one_ran_nothing_that_changed() -> None:
    errors = [raised(A), raised(C, "ValueError")]
    assert grouped(errors, Evidence()) == {frozenset({A, C})}
    assert grouped(errors, seen({A: [TOTAL], C: []})) == {frozenset({A}), frozenset({C})}
    assert grouped(errors, seen({A: [], C: []})) == {frozenset({A, C})}


def test_a_test_that_was_not_watched_goes_with_its_function_else_with_the_file() -> None:
    one, two, other = f"{A}[1]", f"{A}[2]", "tests/test_a.py::test_other"
    evidence = seen({one: [TOTAL], B: [OWNER]})
    assert grouped(wrong(one, two, B, other), evidence) == {
        frozenset({one, two}),
        frozenset({B}),
        frozenset({other}),
    }


def test_a_change_without_which_a_test_passes_is_its_cause_whatever_else_it_ran() -> None:
    everything = [TOTAL, OWNER, CALM]
    evidence = seen({A: everything, B: everything, C: everything}, [[OWNER]], {A: OWNER, B: TOTAL, C: OWNER})
    joined = next(one for one in found(wrong(A, B, C), evidence) if one.tests == (A, C))
    assert "2 of the failing tests pass without what changed in shop/cart.py::owner" in joined.why.group
    assert grouped(wrong(A, B, C), evidence) == {frozenset({A, C}), frozenset({B})}


def test_what_is_known_to_break_tests_is_blamed_for_those_that_were_not_tried() -> None:
    evidence = seen({A: [TOTAL, OWNER], B: [OWNER, CALM], C: [TOTAL, CALM]}, healed={A: OWNER})
    assert grouped([*wrong(A, B), raised(C)], evidence) == {frozenset({A, B}), frozenset({C})}


def test_a_change_that_helps_when_it_is_taken_back_comes_before_what_the_error_names() -> None:
    misfit = build.failure(A, "TypeError", "owner() missing 1 required positional argument: 'of'", frames=())
    evidence = seen({A: [CALM, TOTAL], C: [TOTAL]}, healed={A: TOTAL})
    assert grouped([misfit, *wrong(C)], evidence) == {frozenset({A, C})}


def test_a_wrong_value_and_an_error_that_one_change_broke_are_one_finding_led_by_the_error() -> None:
    (one,) = found([*wrong(A), raised(C)], seen({A: [OWNER], C: [OWNER]}))
    assert one.fingerprint.pattern == "raised KeyError @ shop/cart.py::total"
    assert set(one.tests) == {A, C}


def test_nothing_that_came_back_is_not_drawn_to_the_error_of_another_change() -> None:
    empty = build.failure(A, message="assert '' == 'three'\n\n  - three")
    error = raised(B, "TimeoutError")
    assert grouped([empty, error], Evidence()) == {frozenset({A, B})}
    assert grouped([empty, error], seen({A: [OWNER], B: [TOTAL]})) == {frozenset({A}), frozenset({B})}


def test_an_error_that_names_a_changed_function_is_its_doing_whatever_ran_before() -> None:
    misfit = build.failure(A, "TypeError", "owner() missing 1 required positional argument: 'of'", frames=())
    evidence = seen({A: [CALM], C: [OWNER]})
    assert grouped([misfit, *wrong(C)], evidence) == {frozenset({A, C})}


def test_an_error_that_names_what_is_gone_is_its_doing_whatever_else_ran() -> None:
    lacking = build.failure(A, "AttributeError", "'Cart' object has no attribute 'full'", frames=())
    gone = Touched(path="shop/cart.py", name="Cart.full", gone=True)
    evidence = seen({A: [CALM], B: [CALM], C: [CALM]})
    evidence = replace(evidence, touched=(*evidence.touched, gone))
    (joined,) = [one for one in found([lacking, *wrong(C)], evidence) if A in one.tests]
    assert joined.tests == (A,)
    mocked = build.failure(B, "AttributeError", "Mock object has no attribute 'full'", frames=())
    (both,) = [one for one in found([lacking, mocked, *wrong(C)], evidence) if A in one.tests]
    assert both.tests == (A, B)


def test_a_wrong_value_where_nothing_that_changed_ran_may_be_a_call_that_failed_and_was_caught() -> None:
    misfit = build.failure(A, "TypeError", "owner() missing 1 required positional argument: 'of'", frames=())
    assert grouped([misfit, *wrong(B, C)], seen({A: [], B: [], C: []})) == {frozenset({A, B}), frozenset({C})}


def test_the_order_of_failures_and_traces_changes_nothing() -> None:
    tests = [f"tests/test_{file}.py::test_{n}" for file in "ab" for n in range(6)]
    names = (TOTAL, OWNER, CALM)
    chance = random.Random(3)
    evidence = seen({test: chance.sample(names, chance.randint(0, 3)) for test in tests}, [[TOTAL], [CALM], [CALM]])
    wanted = [(one.keys, frozenset(one.tests)) for one in found(wrong(*tests), evidence)]
    for _ in range(5):
        mixed = replace(evidence, traces=tuple(chance.sample(evidence.traces, len(evidence.traces))))
        again = found(wrong(*chance.sample(tests, len(tests))), mixed)
        assert {(one.keys, frozenset(one.tests)) for one in again} == set(wanted)


def test_there_is_no_question_where_one_error_or_one_test_is_all_there_is() -> None:
    assert open_question(found([raised(A), raised(C)], Evidence())) == ()
    assert open_question(found(wrong(A), Evidence())) == ()
    assert open_question(found(wrong(A, B), Evidence())) == (A, B)
    assert open_question(found([raised(A), *wrong(C)], Evidence())) == (C, A)


def test_one_test_of_each_file_of_a_finding_is_asked_before_the_second_of_any() -> None:
    error = (build.frame("tests/test_a.py", 5, "test"), build.frame("shop/cart.py", 99, "total"))
    raised = [build.failure(test, "KeyError", "boom", frames=error) for test in (A, B, C)]
    other = build.failure("tests/test_c.py::test_v", message="assert 1 == 2")
    assert open_question(found([*raised, other], Evidence()))[:3] == ("tests/test_c.py::test_v", A, C)


def test_one_test_of_each_finding_is_asked_before_the_second_of_any() -> None:
    values = found(wrong(A, B, C), Evidence())
    assert sorted(len(finding.tests) for finding in values) == [1, 2]
    assert set(open_question(values)[:2]) == {C, values[0].tests[0]}


def filed(number: int, of: Finding) -> Any:
    return build.issue(number, Managed(keys=of.keys, tests=of.tests, created_by="run"))


def test_an_issue_of_the_whole_file_goes_on_with_the_part_whose_tests_it_knows() -> None:
    (whole,) = found(wrong(A), Evidence())
    mine, other = sorted(found(wrong(A, B), seen({A: [TOTAL], B: [OWNER]})), key=lambda one: one.tests)
    known = [filed(7, whole)]
    matched = match(mine, known, POLICY).match
    assert matched is not None
    assert (matched.issue.number, matched.how) == (7, "key")
    assert match(other, known, POLICY).match is None


def test_a_finding_that_could_not_be_divided_goes_to_the_first_issue_of_its_parts() -> None:
    parts = sorted(found(wrong(A, B), seen({A: [TOTAL], B: [OWNER]})), key=lambda one: one.tests)
    (whole,) = found(wrong(A, B), Evidence())
    known = [filed(3, parts[0]), filed(4, parts[1])]
    matched = match(whole, known, POLICY).match
    assert matched is not None
    assert matched.issue.number == 3
    again = [match(part, known, POLICY).match for part in parts]
    assert [each.issue.number for each in again if each] == [3, 4]


def test_an_error_that_a_changed_line_raises_itself_is_the_doing_of_that_line_whatever_else_ran() -> None:
    ran = seen({A: [TOTAL], B: [TOTAL, OWNER], C: [TOTAL, OWNER]})
    line = next(each.lines[0] for each in ran.touched if str(each) == OWNER)
    frames = (build.frame("shop/cart.py", line, "owner", code="    return self.name_value"),)
    missing = [
        build.failure(test, "AttributeError", "'Cart' object has no attribute 'name_value'", frames=frames)
        for test in (B, C)
    ]
    apart = found([*wrong(A), *missing], ran)
    assert sorted(one.tests for one in apart) == [(A,), (B, C)]
