"""What the views derive from a story: places, evidence, commands, statuses, what became of a finding."""

import shlex
from dataclasses import replace

import build
import pytest
import sample

from gardener.model.cause import Cause
from gardener.model.focus import Focus
from gardener.model.plan import Action, ActionKind, Done, Receipt
from gardener.model.run import Link, Origin, Outcome
from gardener.model.text import CleanText
from gardener.render.outline import done, excerpt, filed, fold, outline, place, places, reproduction, rerun, suites

pytestmark = pytest.mark.unit

FOREIGN = (
    "/usr/lib/python3.11/unittest/mock.py",
    "C:/Python/Lib/socket.py",
    ".venv/lib/python3.11/site-packages/httpx/_client.py",
    "../elsewhere/x.py",
    "<frozen importlib._bootstrap>",
)


def failing_at(*paths: str) -> sample.Finding:
    frames = tuple(build.frame(path, number + 1, "run") for number, path in enumerate(paths))
    return replace(sample.FLAKY, failures=(build.failure(frames=frames),))


@pytest.mark.parametrize("foreign", FOREIGN)
def test_the_place_is_the_deepest_frame_of_the_repository(foreign: str) -> None:
    assert place(failing_at("tests/test_a.py", "shop/cart.py", foreign)) == "shop/cart.py:2"


@pytest.mark.parametrize("foreign", FOREIGN)
def test_foreign_frames_stay_out_of_the_evidence(foreign: str) -> None:
    shown = excerpt(failing_at("tests/test_a.py", foreign).root)
    assert foreign not in shown
    assert "tests/test_a.py:1 in run" in shown


def test_where_all_frames_are_foreign_they_are_shown() -> None:
    assert FOREIGN[0] in excerpt(failing_at(FOREIGN[0]).root)


def test_a_warning_is_placed_in_the_repository_before_anywhere_else() -> None:
    seen = build.failure(origin=Origin.WARNING, frames=(), places=(f"{FOREIGN[2]}:3", "shop/a.py:1"))
    assert place(replace(sample.DEPRECATED, failures=(seen,))) == "shop/a.py:1"
    only = replace(seen, places=(f"{FOREIGN[2]}:3",))
    assert place(replace(sample.DEPRECATED, failures=(only,))) == f"{FOREIGN[2]}:3"


def test_a_place_whose_line_nobody_knows_is_its_file() -> None:
    seen = build.failure(origin=Origin.WARNING, frames=(), places=("shop/a.py:0", "shop/b.py:10"))
    assert places(replace(sample.DEPRECATED, failures=(seen,))) == ("shop/a.py", "shop/b.py:10")


def test_the_root_of_a_chain_comes_first() -> None:
    lines = excerpt(sample.REFUSED.root).splitlines()
    assert lines[0] == "ConnectionRefusedError: [Errno 111] Connection refused"
    assert lines[2] == "which was the direct cause of"
    assert lines[-1] == "PaymentError: gateway not reached"


def test_a_link_without_a_message_is_named_by_its_type() -> None:
    one = build.failure(chain=(Link(exception="KeyError", message=CleanText(""), joint="context"),))
    assert excerpt(one).splitlines()[:3] == ["KeyError", "", "while handling it"]


def test_the_command_to_run_them_again_survives_a_shell() -> None:
    nodes = ("tests/a.py::test_x[a b]", "tests/a.py::test_x['; rm -rf /]", "tests/a.py::test_x[$(id)\n]")
    assert shlex.split(rerun(nodes)) == ["python", "-m", "pytest", *nodes]
    assert rerun(()) == ""
    assert rerun(("pytest", "tests -m smoke")) == ""


def test_too_many_tests_for_a_line_are_run_by_their_files() -> None:
    nodes = tuple(f"tests/test_{number % 3}.py::test_{number}" for number in range(50))
    assert rerun(nodes) == "python -m pytest tests/test_0.py tests/test_1.py tests/test_2.py"


def test_a_finding_without_tests_is_seen_again_by_running_the_focus() -> None:
    commands = reproduction(sample.DEPRECATED, Focus(name="unit"), sample.run(commit=None))
    assert commands == ("gardener preflight unit", "gardener run unit")


def test_parameters_are_folded() -> None:
    nodes = ("t.py::test_a[1]", "t.py::test_a[2]", "t.py::test_b[x]", "t.py::test_c")
    assert fold(nodes) == (("t.py::test_a[…]", 2), ("t.py::test_b[x]", 1), ("t.py::test_c", 1))


@pytest.mark.parametrize(
    ("kind", "outcome", "words"),
    [
        (ActionKind.UPDATE, Done.DONE, "updated #4"),
        (ActionKind.UPDATE, Done.SIMULATED, "would update #4"),
        (ActionKind.ESCALATE, Done.FAILED, "could not escalate #4"),
        (ActionKind.HOLD, Done.HELD, "held back #4"),
        (ActionKind.HOLD, None, "held back #4"),
        (ActionKind.CLOSE, None, "would close #4"),
    ],
)
def test_what_became_of_an_action_in_words(kind: ActionKind, outcome: Done | None, words: str) -> None:
    action = Action(kind=kind, why="", number=4)
    receipts = [Receipt(action=action, outcome=outcome, number=4)] if outcome else []
    assert done(action, receipts).words == words


def test_a_new_issue_has_its_number_from_the_receipt() -> None:
    action = Action(kind=ActionKind.CREATE, why="")
    assert done(action, [Receipt(action=action, outcome=Done.DONE, number=31)]).words == "filed #31"
    assert done(action, []).words == "would be filed"


def test_a_finding_that_a_standing_issue_gathers_has_that_issue() -> None:
    action = Action(kind=ActionKind.UPDATE, why="", fingerprint="v1:x", number=416, also=(sample.DEPRECATED,))
    assert filed([action], [], sample.DEPRECATED).number == 416


def test_a_finding_that_nothing_is_planned_for_says_so() -> None:
    assert filed([], [], sample.FLAKY).words == "no action"


def test_a_file_that_yields_no_test_is_never_a_passed_suite() -> None:
    node = "tests/test_none.py"
    empty = replace(sample.EMPTY, failures=(build.failure(node),), tests=(node,))
    run = build.run(build.case(node, Outcome.ERROR))
    assert [one.status for one in suites(sample.story(run=run), [empty])] == ["0 collected"]
    broken = replace(empty, cause=Cause.SYNTAX)
    assert [one.status for one in suites(sample.story(run=run), [broken])] == ["collection error"]


def test_the_worst_finding_of_a_suite_is_its_blocking_factor() -> None:
    suite = next(one for one in outline(sample.story()).suites if one.name.endswith("test_containers.py"))
    assert suite.factor is sample.DOCKER


def test_a_file_of_skipped_tests_is_not_called_passed() -> None:
    run = build.run(build.case("tests/test_a.py::test_a", Outcome.SKIPPED))
    assert [one.status for one in suites(sample.story(run=run), [])] == ["all skipped"]


def test_passing_neighbours_tell_at_which_level_it_fails() -> None:
    refused = sample.REFUSED
    cases = [build.case(test, Outcome.ERROR) for test in refused.tests]
    story = sample.story(run=build.run(*cases, build.case("tests/test_session.py::test_opens")), findings=(refused,))
    (told,) = outline(story).passing
    assert told.startswith("1 test in 1 file without a failure: tests/test_session.py::test_opens – ")
    assert told.endswith("the component level works, the connection level fails")
