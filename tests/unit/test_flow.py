"""The flow with a world of values: what is asked when, and what comes of it. The memory is a real SQLite store."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import build
import pytest
import sample

from gardener.flow import Brief, tend
from gardener.model.cause import Cause
from gardener.model.errors import Exit, TrackerUnreliable
from gardener.model.finding import Evidence
from gardener.model.focus import Docker, Focus, Severity
from gardener.model.plan import ActionKind, Issue
from gardener.model.policy import Policy
from gardener.model.run import Case, Check, Launched, Outcome, Preflight, Run, Status
from gardener.model.story import Outlook, Story
from gardener.model.text import CleanText
from gardener.ports import Watched, World
from gardener.render.issue import Writing
from gardener.rulebook import load_rulebook
from gardener.store.runs import SqlStore

pytestmark = pytest.mark.unit

FOCUS = Focus(name="unit", docker=Docker(marker="docker"))


def red(message: str = "assert 1 == 2", node: str = "tests/test_cart.py::test_total", **rest: Any) -> Case:
    return build.case(node, Outcome.FAILED, failures=(build.failure(node, message=message, **rest),))


def check(name: str, status: Status, found: str, cause: Cause, blocks: tuple[str, ...] = ()) -> Check:
    return Check(id=name, status=status, found=CleanText(found), cause=cause, blocks=blocks)


def world(store: SqlStore, run: Run, preflight: Preflight | None = None, **rest: Any) -> World:
    given: dict[str, Any] = {
        "check": lambda focus: preflight or Preflight(),
        "launch": lambda focus, answers: Launched(folder=""),
        "read": lambda focus, answers, launched: run,
        "look_again": lambda focus: Preflight(),
        "evidence": lambda run: Evidence(),
        "touched": lambda commit: (),
        "watch": lambda focus, preflight, run, tests, lines: Watched(),
        "suspects": lambda finding, known: (),
        "ancestors": lambda commits: frozenset(),
        "tracker": store.tracker(),
        "store": store,
        "now": lambda: datetime(2025, 9, 14, 12, tzinfo=UTC),
        "note": lambda story: None,
        "may_write": lambda run: "",
        "facts": lambda run, preflight: (),
        "keep": lambda story: story,
        "say": lambda line: None,
    }
    return World(**(given | rest))


def tended(world: World, focus: Focus = FOCUS) -> Story:
    brief = Brief(
        policy=Policy(rulebook=load_rulebook()),
        write=lambda focus, preflight, run: Writing(templates=sample.TEMPLATES, focus=focus, run=run),
    )
    return tend(focus, world, brief)


def test_a_red_run_is_recorded_and_filed(store: SqlStore) -> None:
    story = tended(world(store, build.run(red())))
    assert (story.outlook, story.exit) == (Outlook.FAILING, Exit.FAILING)
    assert [receipt.action.kind for receipt in story.receipts] == [ActionKind.CREATE]
    assert store.recalled(story.run.id) is not None


def test_a_run_is_recorded_before_anything_is_written_to_the_tracker(store: SqlStore) -> None:
    run = build.run(red())
    seen: list[bool] = []

    def may_write(run: Run) -> str:
        seen.append(store.recalled(run.id) is not None)
        return ""

    tended(world(store, run, may_write=may_write))
    assert seen == [True]


class Vanished:
    """A tracker whose list cannot be believed."""

    name = "embedded"
    warnings = ()

    def issues(self) -> tuple[Issue, ...]:
        raise TrackerUnreliable("the list is empty, and 12 issues are known", "look at it yourself")


def test_a_tracker_that_cannot_be_believed_holds_everything_and_ends_with_4(store: SqlStore) -> None:
    story = tended(world(store, build.run(red()), tracker=Vanished()))
    assert story.exit is Exit.REFUSED
    assert [receipt.action.kind for receipt in story.receipts] == [ActionKind.HOLD]
    assert "12 issues are known" in story.receipts[0].action.why
    assert len(story.findings) == 1


def test_blocked_tests_stand_under_one_finding_and_what_would_block_them_next_says_so(store: SqlStore) -> None:
    preflight = Preflight(
        checks=(
            check("engine", Status.BLOCK, "no engine", Cause.DOCKER_DAEMON, ("marker:docker",)),
            check("build-context", Status.BLOCK, "no Dockerfile", Cause.DOCKER_BUILD, ("marker:docker",)),
            check("ports", Status.WARN, "5432 is taken", Cause.DOCKER_PORT),
        )
    )
    blocked = build.case("tests/test_stack.py::test_up", Outcome.BLOCKED, blocked_by="engine")
    story = tended(world(store, build.run(blocked, build.case()), preflight))
    under = {finding.cause: (finding.blocked, finding.would_block, finding.severity) for finding in story.findings}
    assert under[Cause.DOCKER_BUILD] == ((blocked.node,), 0, Severity.P0)
    assert under[Cause.DOCKER_DAEMON] == ((), 1, Severity.P1)
    assert under[Cause.DOCKER_PORT][:2] == ((), 0)
    assert story.outlook is Outlook.FAILING


def test_a_focus_that_is_blocked_as_a_whole_ends_with_3(store: SqlStore) -> None:
    preflight = Preflight(checks=(check("engine", Status.BLOCK, "no engine", Cause.DOCKER_DAEMON, ("path:.",)),))
    blocked = build.case("tests/test_stack.py::test_up", Outcome.BLOCKED, blocked_by="engine")
    assert tended(world(store, build.run(blocked), preflight)).exit is Exit.BLOCKED


BUILD_FAILED = 'failed to solve: process "/bin/sh -c pip install ." did not complete successfully: exit code: 1'


def test_after_a_failed_build_the_disk_is_looked_at_again_and_named_when_it_is_low(store: SqlStore) -> None:
    low = Preflight(checks=(check("disk", Status.WARN, "1 GiB free", Cause.DOCKER_DISK),))
    run = build.run(red(BUILD_FAILED, exception="RuntimeError"))
    story = tended(world(store, run, look_again=lambda focus: low))
    (failed,) = [finding for finding in story.findings if finding.cause is Cause.DOCKER_BUILD]
    (disk,) = [finding for finding in story.findings if finding.cause is Cause.DOCKER_DISK]
    assert [relation.target for relation in failed.related] == [str(disk.fingerprint)]


def test_the_disk_is_not_looked_at_again_without_a_failed_build(store: SqlStore) -> None:
    def asked(focus: Focus) -> Preflight:
        raise AssertionError("nobody should ask")

    tended(world(store, build.run(red()), look_again=asked))
    tended(world(store, build.run(red(BUILD_FAILED)), look_again=asked), replace(FOCUS, docker=None))
