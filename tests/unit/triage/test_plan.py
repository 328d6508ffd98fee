"""The plan: one issue per cause, each action with its why, nothing on a guess."""

from dataclasses import replace
from typing import Any

import build
import pytest

from gardener.model.cause import Cause
from gardener.model.finding import Finding, Kind, Nature, Relation
from gardener.model.focus import Severity
from gardener.model.key import Managed
from gardener.model.plan import Action, ActionKind, Issue, Plan, Reason, State
from gardener.model.policy import Policy, Standing
from gardener.model.run import Ending, Outcome, Run
from gardener.triage.plan import CALM_RUNS, FLAPS, decide, moved_on
from gardener.triage.remember import days, remember

pytestmark = pytest.mark.unit

NODE = "tests/test_cart.py::test_total"
RED = build.run(build.case(NODE, Outcome.FAILED), id="20250915-000000-aaaa", started="2025-09-15T00:00:00Z")
GREEN = build.run(build.case(NODE, Outcome.PASSED), id="20250916-000000-bbbb", started="2025-09-16T00:00:00Z")


def plan(
    *findings: Finding, known: tuple[Issue, ...] = (), run: Run = RED, ancestors: tuple[str, ...] = (), **policy: Any
) -> Plan:
    return decide(findings, known, run, Policy(**policy), frozenset(ancestors))


def only(made: Plan) -> Action:
    assert len(made.actions) == 1
    return made.actions[0]


def remembered(**rest: Any) -> Managed:
    given: dict[str, Any] = {"keys": (build.key(),), "tests": (NODE,), "severity": 2, "last_commit": "l" * 40}
    return Managed(**(given | rest))


def ours(**rest: Any) -> Issue:
    return build.issue(**({"managed": remembered(), "severity": Severity.P2} | rest))


def test_a_finding_that_no_issue_knows_is_filed_and_remembered() -> None:
    action = only(plan(build.finding()))
    assert action.kind is ActionKind.CREATE
    assert action.managed is not None
    assert action.managed.keys == (build.key(),)
    assert action.managed.created_by == RED.id


def test_a_finding_whose_key_an_open_issue_carries_updates_it_and_says_why() -> None:
    action = only(plan(build.finding(), known=(ours(),)))
    assert (action.kind, action.number) == (ActionKind.UPDATE, 7)
    assert "updated and not new" in action.why
    assert str(build.key()) in action.why


def test_of_several_issues_with_one_key_the_open_one_with_the_lowest_number_wins() -> None:
    closed = ours(number=3, state=State.CLOSED)
    made = plan(build.finding(), known=(closed, ours(number=9), ours(number=8)))
    assert [action.number for action in made.actions if action.kind is ActionKind.UPDATE] == [8]


def test_the_budget_files_the_worst_and_holds_the_rest() -> None:
    findings = [build.finding(keys=(build.key(letter),)) for letter in "abc"]
    made = plan(*findings, max_new_issues=2).actions
    assert [action.kind for action in made[:3]] == [ActionKind.CREATE, ActionKind.CREATE, ActionKind.HOLD]
    assert [action.finding for action in made[3:]] == [None]  # the digest


def test_a_priority_moves_up_one_level_per_run_with_its_reason() -> None:
    action = only(plan(build.finding(severity=Severity.P0), known=(ours(),)))
    assert (action.kind, action.severity) == (ActionKind.ESCALATE, Severity.P1)
    assert "P2 → P1" in action.announce


def test_a_priority_that_a_person_set_stays_and_it_is_said() -> None:
    action = only(plan(build.finding(severity=Severity.P0), known=(ours(severity_by_human=True),)))
    assert (action.kind, action.severity) == (ActionKind.UPDATE, Severity.P2)
    assert "stays" in action.why


def test_a_priority_that_a_person_set_is_never_noted_as_gardeners_own() -> None:
    """The block that says so is what tells the two apart in the next run."""
    for issue in (ours(severity=Severity.P0, severity_by_human=True), closed(severity_by_human=True)):
        action = only(plan(build.finding(severity=Severity.P0), known=(issue,)))
        assert action.managed is not None
        assert action.managed.severity == Severity.P2


def test_a_priority_that_differs_from_what_gardener_gave_last_is_a_persons() -> None:
    action = only(plan(build.finding(severity=Severity.P0), known=(ours(severity=Severity.P3),)))
    assert action.severity is Severity.P3


def test_a_priority_goes_down_only_after_calm_runs_in_a_row() -> None:
    calm = build.finding(severity=Severity.P3)
    kinds = [only(plan(calm, known=(ours(managed=remembered(calm=runs)),))).kind for runs in range(CALM_RUNS + 1)]
    assert kinds == [ActionKind.UPDATE] * CALM_RUNS + [ActionKind.DEESCALATE]


def test_a_narrowed_run_never_lowers_a_priority() -> None:
    action = only(
        plan(
            build.finding(severity=Severity.P3),
            known=(ours(managed=remembered(calm=CALM_RUNS)),),
            run=replace(RED, narrowed=True),
        )
    )
    assert action.kind is ActionKind.UPDATE


def test_a_milder_focus_never_lowers_what_another_focus_asked_for() -> None:
    known = (ours(managed=remembered(calm=CALM_RUNS, focus="critical")),)
    assert only(plan(build.finding(severity=Severity.P3), known=known)).kind is ActionKind.UPDATE


def test_a_new_failure_mode_of_an_old_issue_is_announced() -> None:
    action = only(plan(build.finding(keys=(build.key("a"), build.key("b"))), known=(ours(),)))
    assert "new failure mode: pattern b" in action.announce
    assert action.managed is not None
    assert action.managed.keys == (build.key("a"), build.key("b"))


def test_with_status_on_change_a_run_that_says_nothing_new_writes_nothing() -> None:
    action = only(plan(build.finding(), known=(ours(),), status="on-change"))
    assert (action.kind, action.number) == (ActionKind.HOLD, 7)
    assert "nothing new" in action.why


@pytest.mark.parametrize(
    ("finding", "managed"),
    [
        (build.finding(keys=(build.key("a"), build.key("b"))), remembered()),
        (build.finding(tests=(NODE, "tests/test_cart.py::test_other")), remembered()),
        (build.finding(severity=Severity.P0), remembered()),
        (build.finding(), remembered(green_streak=1)),
    ],
    ids=["a new key", "a new test", "worse", "red again"],
)
def test_with_status_on_change_what_is_new_is_written(finding: Finding, managed: Managed) -> None:
    action = only(plan(finding, known=(ours(managed=managed),), status="on-change"))
    assert action.kind in {ActionKind.UPDATE, ActionKind.ESCALATE}


def closed(**rest: Any) -> Issue:
    return ours(**({"state": State.CLOSED, "closed_at": "2025-09-14T00:00:00Z"} | rest))


@pytest.mark.parametrize("exception", ["EmptyCollection", "UsageError"])
def test_what_a_mistyped_command_line_brings_about_is_held(exception: str) -> None:
    nothing = build.failure("tests/unit -k zzz", exception, "no tests ran: collected 0 items")
    finding = build.finding(failures=(nothing,), tests=())
    mistyped, whole = (
        decide([finding], (), build.run(narrowed=narrowed), Policy(), frozenset()) for narrowed in (True, False)
    )
    assert [(action.kind, "what was typed" in action.why) for action in mistyped.actions] == [(ActionKind.HOLD, True)]
    assert [action.kind for action in whole.actions] == [ActionKind.CREATE]


def test_a_closed_issue_is_reopened_when_the_failing_commit_contains_the_first_green_one() -> None:
    known = (closed(managed=remembered(green_commit="g" * 40)),)
    assert only(plan(build.finding(), known=known, ancestors=("g" * 40,))).kind is ActionKind.REOPEN


def test_old_code_failing_as_it_did_reopens_nothing() -> None:
    action = only(plan(build.finding(), known=(closed(managed=remembered(green_commit="g" * 40)),)))
    assert action.kind is ActionKind.HOLD
    assert "first green" in action.why


def test_a_run_that_started_before_the_closing_reopens_nothing() -> None:
    known = (closed(closed_at="2025-09-20T00:00:00Z"),)
    assert only(plan(build.finding(), known=known)).kind is ActionKind.HOLD


def test_a_closing_that_a_wrong_clock_dated_after_today_does_not_keep_a_living_cause_closed() -> None:
    known = (closed(closed_at="2025-09-20T00:00:00Z"),)
    made = decide([build.finding()], known, RED, Policy(), frozenset(), "2025-09-15T00:10:00Z")
    assert only(made).kind is ActionKind.REOPEN


def test_nothing_is_written_where_people_locked_and_it_is_said() -> None:
    action = only(plan(build.finding(), known=(ours(locked=True),)))
    assert (action.kind, action.number) == (ActionKind.HOLD, 7)
    assert "locked" in action.why
    assert plan(known=(replace(green(2), locked=True),), run=GREEN, ancestors=("l" * 40,)).actions == ()


def test_what_is_back_under_a_closed_and_locked_issue_gets_a_new_one_that_links_it() -> None:
    made = plan(build.finding(), known=(closed(locked=True),)).actions
    assert [(action.kind, action.number, action.to) for action in made] == [
        (ActionKind.CREATE, None, None),
        (ActionKind.LINK, None, 7),
    ]
    old_news = plan(build.finding(), known=(closed(locked=True, closed_at="2025-09-20T00:00:00Z"),))
    assert only(old_news).kind is ActionKind.HOLD


def test_of_two_open_issues_a_locked_one_is_no_duplicate_but_the_higher_is_one_of_it() -> None:
    made = plan(build.finding(), known=(ours(locked=True), ours(number=9))).actions
    assert [(action.kind, action.number) for action in made] == [(ActionKind.HOLD, 7), (ActionKind.CLOSE, 9)]
    assert made[1].to == 7
    more = ours(number=9, managed=remembered(keys=(build.key(), build.key("b"))))
    assert [action.number for action in plan(build.finding(), known=(ours(locked=True), more)).actions] == [9]
    assert [action.number for action in plan(build.finding(), known=(ours(), ours(number=9, locked=True))).actions] == [
        7
    ]


def test_the_successor_of_a_locked_issue_goes_on_in_its_place() -> None:
    known = (closed(locked=True), ours(number=12))
    assert only(plan(build.finding(), known=known)).number == 12
    later = (closed(locked=True), closed(number=12))
    assert (only(plan(build.finding(), known=later)).kind, only(plan(build.finding(), known=later)).number) == (
        ActionKind.REOPEN,
        12,
    )


def test_an_issue_that_was_reopened_often_is_titled_flaky_and_says_the_number() -> None:
    known = (closed(managed=remembered(reopened=FLAPS - 1)),)
    action = only(plan(build.finding(nature=Nature.REGRESSION), known=known))
    assert action.kind is ActionKind.REOPEN
    assert action.managed is not None
    assert action.managed.flaky
    assert action.finding is not None
    assert action.finding.nature is Nature.FLAKY
    assert f"{FLAPS} times" in action.announce


def test_a_regression_that_came_back_once_is_no_flake() -> None:
    action = only(plan(build.finding(), known=(closed(),)))
    assert action.managed is not None
    assert (action.managed.reopened, action.managed.flaky) == (1, False)


def flaky(**rest: Any) -> Issue:
    given: dict[str, Any] = {
        "flaky": True,
        "events": 8,
        "first_seen": "2025-08-01T00:00:00Z",
        "last_seen": "2025-08-15T00:00:00Z",
        "longest_gap": 4.0,
        "green_streak": 30,
    }
    return ours(managed=remembered(**(given | rest)))


def test_a_flaky_issue_closes_by_a_silence_longer_than_chance_allows_with_the_numbers() -> None:
    action = only(silent(flaky()))
    assert action.kind is ActionKind.CLOSE
    assert "8 failures over 14.0 days" in action.announce
    assert "p = 0.0" in action.announce


@pytest.mark.parametrize(
    "rest",
    [{"green_streak": 5}, {"events": 2}, {"longest_gap": 40.0}, {"last_seen": "2025-09-12T00:00:00Z"}],
    ids=["too few runs", "too few failures", "such gaps came before", "too short a silence"],
)
def test_a_silence_that_chance_may_bring_closes_no_flaky_issue(rest: dict[str, Any]) -> None:
    assert only(silent(flaky(**rest))).kind is ActionKind.UPDATE


def test_failing_runs_are_counted_once_for_each_commit_and_the_longest_gap_is_kept() -> None:
    before = Managed(keys=(build.key(),))
    for day, commit in (("01", "a"), ("02", "a"), ("09", "b"), ("10", "c")):
        run = build.run(id=f"run-{day}", started=f"2025-09-{day}T00:00:00Z", commit=commit * 40)
        before = remember((build.finding(),), before, run)
    assert (before.events, before.longest_gap) == (3, 7.0)
    assert before.counts == ((str(build.key()), 4),)


def test_times_that_are_not_known_are_no_days() -> None:
    assert (days("", "2025-09-01T00:00:00Z"), days("2025-09-02", "2025-09-01")) == (0.0, 0.0)


def test_of_two_open_issues_with_one_key_the_higher_is_closed_as_a_duplicate_of_the_lower() -> None:
    made = plan(build.finding(), known=(ours(number=9), ours(number=8))).actions
    assert [(action.kind, action.number, action.to) for action in made] == [
        (ActionKind.UPDATE, 8, None),
        (ActionKind.CLOSE, 9, 8),
    ]
    assert made[1].reason is Reason.DUPLICATE
    assert str(build.key()) in made[1].why


def test_the_lower_of_two_learns_what_only_the_higher_knew_before_that_is_closed() -> None:
    more = ours(number=9, managed=remembered(keys=(build.key("a"), build.key("b"))))
    made = plan(build.finding(), known=(ours(number=8), more)).actions
    assert made[0].managed is not None
    assert made[0].managed.aliases == (build.key("b"),)
    assert made[1].kind is ActionKind.CLOSE
    assert plan(known=(ours(number=8), more)).actions == ()  # nobody writes into the lower one: nothing is lost


def test_two_open_issues_that_share_only_a_symptom_are_no_duplicates() -> None:
    first = ours(number=8, managed=remembered(keys=(build.key("a"), build.key("c"))))
    second = ours(number=9, managed=remembered(keys=(build.key("b"), build.key("c"))))
    made = plan(build.finding(keys=(build.key("b"),)), known=(first, second)).actions
    assert not [action for action in made if action.kind is ActionKind.CLOSE]


def test_a_new_issue_does_not_take_the_symptom_that_an_open_one_holds() -> None:
    tests = ("t.py::test_1", "t.py::test_2", "t.py::test_3")
    other = ours(number=8, managed=remembered(keys=(build.key("a"), build.key("c")), tests=tests))
    made = plan(build.finding(keys=(build.key("b"), build.key("c")), tests=("t.py::test_9",)), known=(other,)).actions
    assert [(action.kind, action.number) for action in made] == [(ActionKind.CREATE, None), (ActionKind.LINK, None)]
    assert made[0].managed is not None
    assert made[0].managed.keys == (build.key("b"),)


def test_an_issue_of_people_is_never_closed_as_a_duplicate() -> None:
    theirs = ours(number=9, ours=False, author="mira")
    assert [action.number for action in plan(build.finding(), known=(ours(number=8), theirs)).actions] == [8]


@pytest.mark.parametrize("reason", [Reason.NOT_PLANNED, Reason.DUPLICATE])
def test_what_a_person_closed_for_good_stays_closed(reason: Reason) -> None:
    assert only(plan(build.finding(), known=(closed(state_reason=reason),))).kind is ActionKind.HOLD


def green(streak: int) -> Issue:
    return ours(managed=remembered(green_streak=streak))


def silent(issue: Issue, run: Run = GREEN, ancestors: tuple[str, ...] = ("l" * 40,)) -> Plan:
    return plan(known=(issue,), run=run, ancestors=ancestors)


def test_green_runs_are_counted_and_the_third_in_a_row_closes_with_its_numbers() -> None:
    kinds = [only(silent(green(streak))).kind for streak in range(3)]
    assert kinds == [ActionKind.UPDATE, ActionKind.UPDATE, ActionKind.CLOSE]
    assert "3 runs in a row" in only(silent(green(2))).announce


@pytest.mark.parametrize(
    "run",
    [
        replace(GREEN, narrowed=True),
        replace(GREEN, dirty=True),
        replace(GREEN, ending=Ending.TIMED_OUT),
        build.run(build.case(NODE, Outcome.SKIPPED)),
        build.run(build.case("tests/test_other.py::test_x")),
        build.run(),
    ],
    ids=["narrowed", "dirty", "timed out", "test skipped", "test not run", "nothing ran"],
)
def test_what_proves_nothing_closes_nothing(run: Run) -> None:
    assert silent(green(2), run).actions == ()


def test_a_green_run_on_a_commit_that_lacks_the_failing_one_is_no_evidence() -> None:
    assert silent(green(2), ancestors=()).actions == ()


def test_a_run_may_be_red_elsewhere_and_still_close_what_is_green() -> None:
    run = build.run(build.case(NODE), build.case("tests/test_other.py::test_x", Outcome.FAILED))
    assert only(silent(green(2), run)).kind is ActionKind.CLOSE


def test_findings_of_a_standing_cause_are_gathered_into_its_issue() -> None:
    warnings = [
        build.finding(keys=(build.key(letter),), cause=Cause.DEPRECATION, kind=Kind.WARNING, tests=())
        for letter in "ab"
    ]
    standing = (Standing(cause=Cause.DEPRECATION, issue=416),)
    action = only(plan(*warnings, known=(build.issue(416),), standing=standing))
    assert (action.kind, action.number, action.adopt) == (ActionKind.UPDATE, 416, True)
    assert action.managed is not None
    assert action.managed.keys == (build.key("a"), build.key("b"))


def test_a_standing_issue_that_is_missing_is_filed_once_for_all_of_them_under_its_title() -> None:
    warnings = [build.finding(keys=(build.key(letter),), cause=Cause.DEPRECATION, tests=()) for letter in "abc"]
    action = only(
        plan(*warnings, standing=(Standing(cause=Cause.DEPRECATION, title="Deprecations"),), max_new_issues=0)
    )
    assert (action.kind, action.title, len(action.also)) == (ActionKind.CREATE, "Deprecations", 2)
    assert action.managed is not None
    assert action.managed.keys == tuple(build.key(letter) for letter in "abc")


def test_a_standing_issue_is_never_closed_by_silence() -> None:
    standing = (Standing(cause=Cause.DEPRECATION, issue=7),)
    assert plan(known=(green(2),), run=GREEN, ancestors=("l" * 40,), standing=standing).actions == ()


def test_related_findings_are_linked_also_when_both_are_filed_by_this_plan() -> None:
    engine = build.finding(keys=(build.key("e"),), cause=Cause.DOCKER_DAEMON, kind=Kind.INFRASTRUCTURE, tests=())
    refused = build.finding(related=(Relation(target=str(build.key("e")), why="explained by: engine not reachable"),))
    links = [action for action in plan(engine, refused).actions if action.kind is ActionKind.LINK]
    assert [(link.number, link.to, link.towards) for link in links] == [(None, None, str(build.key("e")))]


def test_the_same_run_planned_twice_is_remembered_once() -> None:
    once = only(plan(build.finding())).managed
    assert once is not None
    twice = only(plan(build.finding(), known=(ours(managed=once),))).managed
    assert twice is not None
    assert twice.last_runs == once.last_runs


def test_every_action_says_why() -> None:
    made = plan(build.finding(), build.finding(keys=(build.key("b"),)), known=(ours(),), max_new_issues=0)
    assert all(action.why for action in made.actions)


def test_a_plan_knows_which_issues_moved_on_since_it_was_made() -> None:
    before = (ours(number=7), ours(number=8))
    made = plan(build.finding(), known=before)
    after = (ours(number=7, state=State.CLOSED), ours(number=8))
    assert moved_on(made, before, frozenset()) == ()
    assert moved_on(made, after, frozenset()) == (7,)
    assert moved_on(made, after, frozenset({7})) == ()


def test_what_a_killed_run_wrote_itself_does_not_make_its_plan_stale() -> None:
    made = plan(build.finding(), known=(ours(),))
    assert moved_on(made, (ours(managed=remembered(last_runs=(RED.id,))),), frozenset()) == ()


@pytest.mark.parametrize(
    "changed",
    [
        {"locked": True},
        {"title": "another"},
        {"severity": Severity.P0},
        {"severity_by_human": True},
        {"managed": remembered(aliases=(build.key("z"),))},
        {"managed": remembered(last_runs=("20250914-000000-zzzz",))},
    ],
    ids=["locked", "retitled", "another priority", "a priority of a person", "merged", "met by another run"],
)
def test_a_plan_is_stale_as_soon_as_what_it_was_based_on_changed(changed: dict[str, Any]) -> None:
    made = plan(build.finding(), known=(ours(),))
    assert moved_on(made, (ours(**changed),), frozenset()) == (7,)
