"""The memory keeps what it was told, on SQLite and on PostgreSQL alike."""

import random
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from build import case, failure, run

from gardener.model.cause import Cause
from gardener.model.errors import StoreError
from gardener.model.finding import Finding, Kind, Past
from gardener.model.key import Key
from gardener.model.plan import Action, ActionKind, Done, Plan, Receipt
from gardener.model.run import Ending, Outcome, Run
from gardener.store.runs import SqlStore, open_store

pytestmark = pytest.mark.integration

A, B = "tests/test_cart.py::test_total", "tests/test_cart.py::test_tax[5 %]"
KEY = Key(scheme="v1", digest="0123456789abcdef", pattern="assert * == *")
NOON = datetime(2025, 9, 14, 12, 0, tzinfo=UTC)
Opened = Callable[[], SqlStore]


@pytest.fixture(params=["sqlite", "postgresql"])
def opened(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Opened]:
    url = "sqlite:///deep/store.db" if request.param == "sqlite" else request.getfixturevalue("postgres_url")
    stores = []

    def again() -> SqlStore:
        stores.append(open_store(url, tmp_path, lambda: NOON))
        return stores[-1]

    yield again
    for store in stores:
        store.close()


def day(number: int, *, bad: tuple[str, ...] = (), good: tuple[str, ...] = (), **rest: Any) -> Run:
    cases = [case(node, Outcome.FAILED, failures=(failure(node),)) for node in bad] + [case(node) for node in good]
    made = run(*cases, id=f"202509{number:02}-120000-aaaa", started=f"2025-09-{number:02}T12:00:00Z")
    return replace(made, **({"commit": f"{number:040x}"} | rest))


def finding(*tests: str, key: Key = KEY, **rest: Any) -> Finding:
    failures = tuple(failure(test) for test in tests) or (failure("tests/conftest.py"),)
    given = {"kind": Kind.FAILING, "cause": Cause.ASSERTION, "slug": "wrong-total", "title": "The total is wrong"}
    return Finding(keys=(key,), failures=failures, tests=tests, **(given | rest))


def remember(store: SqlStore, made: Run, *findings: Finding) -> None:
    store.record(made, findings, Plan(run=made.id))


def past(store: SqlStore, found: Finding, at: Run) -> Past:
    return store.past([found], at.focus, at)[str(found.fingerprint)]


def test_a_run_comes_back_as_it_was(opened: Opened) -> None:
    made = day(1, bad=(A,), good=(B,))
    plan = Plan(run=made.id, actions=(Action(kind=ActionKind.CREATE, why="new", finding=finding(A)),))
    opened().record(made, [finding(A)], plan)
    assert opened().recalled(made.id) == (made, (finding(A),), plan)
    assert opened().recalled("20250101-000000-none") is None


def test_a_run_recorded_twice_is_there_once_and_the_second_counts(opened: Opened) -> None:
    store = opened()
    remember(store, day(1, bad=(A, B)), finding(A), finding(B, key=Key(scheme="v1", digest="f" * 16)))
    remember(store, day(1, bad=(A,)), finding(A))
    assert [each.id for each in store.runs()] == [day(1).id]
    assert store.last_run("unit", "2026") == (day(1).id, (str(KEY),))


def test_the_last_run_is_of_the_same_focus_and_earlier(opened: Opened) -> None:
    store = opened()
    for made in (day(1), day(2), replace(day(3), focus="critical"), day(4)):
        remember(store, made, finding(A))
    found = store.last_run("unit", day(4).id)
    assert found is not None
    assert found[0] == day(2).id
    assert store.last_run("unit", day(1).id) is None


def test_a_finding_never_seen_before_has_no_past(opened: Opened) -> None:
    assert past(opened(), finding(A), day(1, bad=(A,))) == Past()


def test_the_past_knows_when_a_finding_was_seen_and_how_often(opened: Opened) -> None:
    store = opened()
    for number in (1, 2, 4):
        remember(store, day(number, bad=(A,)), finding(A))
    remember(store, day(3, bad=(A,), ending=Ending.CRASHED), finding(A))
    remember(store, day(5, good=(A,)))
    known = past(store, finding(A), day(9, bad=(A,)))
    assert (known.first_seen, known.last_seen) == ("2025-09-01T12:00:00Z", "2025-09-04T12:00:00Z")
    assert known.runs_failed == 3


def test_the_past_knows_how_often_it_passed_and_since_when_it_fails(opened: Opened) -> None:
    store = opened()
    for number, went in enumerate("ppfpp.ff", start=1):  # passed, failed, did not run
        good, bad = (A,) if went == "p" else (), (A,) if went == "f" else ()
        remember(store, day(number, good=good, bad=bad), *([finding(A)] if bad else []))
    known = past(store, finding(A), day(9, bad=(A,)))
    assert (known.runs_passed, known.runs_failed, known.relapses) == (4, 3, 1)
    assert (known.failing_streak, known.first_fail_commit) == (2, f"{7:040x}")
    assert known.last_pass_commit == f"{5:040x}"
    known = past(store, finding(A), day(6, bad=(A,)))
    assert (known.failing_streak, known.first_fail_commit, known.relapses) == (0, "", 1)


def test_a_run_does_not_belong_to_its_own_past(opened: Opened) -> None:
    store = opened()
    for number in (1, 2, 3):
        remember(store, day(number, bad=(A,)), finding(A))
    assert past(store, finding(A), day(2, bad=(A,))).last_seen == "2025-09-01T12:00:00Z"


def test_any_of_a_findings_keys_is_a_sighting(opened: Opened) -> None:
    store = opened()
    old = Key(scheme="v0", digest="e" * 16)
    remember(store, day(1, bad=(A,)), finding(A, key=old))
    assert past(store, replace(finding(A), keys=(KEY, old)), day(2, bad=(A,))).runs_failed == 1


def test_a_green_streak_counts_runs_in_which_every_test_passed(opened: Opened) -> None:
    store = opened()
    remember(store, day(1, bad=(A, B)), finding(A, B))
    remember(store, day(2, bad=(A,), good=(B,)), finding(A))
    remember(store, day(3, good=(A, B)))
    remember(store, day(4, good=(A, B), dirty=True))
    remember(store, day(5, good=(A,), narrowed=True))
    remember(store, day(6, good=(A, B), ending=Ending.TIMED_OUT))
    remember(store, day(7, bad=("other",), good=(A, B)), finding("other", key=Key(scheme="v1", digest="f" * 16)))
    known = past(store, finding(A, B), day(9, bad=(A, B)))
    assert known.green_streak == 2
    assert (known.last_pass, known.last_pass_commit) == ("2025-09-07T12:00:00Z", f"{7:040x}")
    assert known.tests_passed_before == 2


def test_a_run_that_left_out_a_test_breaks_the_green_streak(opened: Opened) -> None:
    store = opened()
    remember(store, day(1, good=(A, B)))
    remember(store, day(2, good=(A,)))
    remember(store, day(3, good=(A, B)))
    assert past(store, finding(A, B), day(9, bad=(A, B))).green_streak == 1


def test_passing_and_failing_on_one_commit_is_remembered(opened: Opened) -> None:
    store = opened()
    remember(store, day(1, good=(A,), commit="c"))
    assert past(store, finding(A), day(2, bad=(A,), commit="c")).same_commit_pass
    assert not past(store, finding(A), day(2, bad=(A,), commit="d")).same_commit_pass
    assert not past(store, finding(A), day(2, bad=(A,), commit="c", dirty=True)).same_commit_pass
    assert not past(store, finding(B), day(2, bad=(B,), commit="c")).same_commit_pass


def test_an_earlier_flake_of_the_same_finding_is_remembered(opened: Opened) -> None:
    store = opened()
    remember(store, day(1, bad=(A,), commit="c"), finding(A))
    remember(store, day(2, good=(A,), commit="c"))
    assert past(store, finding(A), day(3, bad=(A,), commit="d")).same_commit_pass


def test_failing_for_another_reason_on_a_commit_is_no_flake(opened: Opened) -> None:
    store = opened()
    remember(store, day(1, bad=(A,), commit="c"), finding(A, key=Key(scheme="v1", digest="f" * 16)))
    remember(store, day(2, good=(A,), commit="c"))
    assert not past(store, finding(A), day(3, bad=(A,), commit="d")).same_commit_pass


def test_one_test_that_flickers_among_many_makes_no_flaky_finding(opened: Opened) -> None:
    store, c = opened(), "tests/test_cart.py::test_c"
    remember(store, day(1, good=(A, B, c), commit="c"))
    assert past(store, finding(A, B, c), day(2, bad=(A, B, c), commit="c")).same_commit_pass
    remember(store, day(3, good=(A,), commit="e"))
    assert not past(store, finding(A, B, c), day(4, bad=(A, B, c), commit="e")).same_commit_pass


def test_a_test_that_passed_when_it_was_run_again_is_a_flake(opened: Opened) -> None:
    store = opened()
    twice = (case(A, Outcome.FAILED, failures=(failure(A),)), case(A, attempt=2))
    assert past(store, finding(A), replace(day(1), cases=twice)).same_commit_pass
    remember(store, replace(day(1), cases=twice), finding(A))
    assert past(store, finding(A), day(2, bad=(A,))).same_commit_pass
    assert past(store, finding(A), day(2, bad=(A,))).tests_passed_before == 0


def test_a_warning_that_stays_away_is_green(opened: Opened) -> None:
    store = opened()
    remember(store, day(1, good=(A,)), finding())
    remember(store, day(2, good=(A,)))
    assert past(store, finding(), day(3)).green_streak == 1


def test_an_action_that_was_carried_out_is_not_begun_again(opened: Opened) -> None:
    store = opened()
    action = Action(kind=ActionKind.CREATE, why="new", fingerprint=str(KEY), finding=finding(A))
    assert store.begin("r1", action.id, "new") is None
    assert store.pending() == (("r1", action.id),)
    store.settle("r1", [Receipt(action=action, outcome=Done.DONE, number=7)])
    assert opened().pending() == ()
    again = opened().begin("r1", action.id, "new")
    assert again is not None
    assert (again.number, again.action.finding) == (7, None)


@pytest.mark.parametrize("outcome", [Done.FAILED, Done.SIMULATED, Done.HELD])
def test_an_action_that_was_not_carried_out_is_begun_again(opened: Opened, outcome: Done) -> None:
    store = opened()
    action = Action(kind=ActionKind.CLOSE, why="green", number=3)
    store.settle("r1", [Receipt(action=action, outcome=outcome, error="no")])
    assert store.pending() == ()
    assert store.begin("r1", action.id, "green") is None
    assert store.pending() == (("r1", action.id),)


def test_what_was_filed_on_a_tracker_is_known_by_its_address(opened: Opened) -> None:
    store = opened()
    for number, url in ((4, "https://github.com/o/r/issues/4"), (5, ""), (6, "https://github.com/o/rr/issues/6")):
        action = Action(kind=ActionKind.CREATE, why="new", fingerprint=f"v1:{number}")
        store.settle("r1", [Receipt(action=action, outcome=Done.DONE, number=number, url=url)])
    update = Action(kind=ActionKind.UPDATE, why="again", number=9)
    store.settle("r1", [Receipt(action=update, outcome=Done.DONE, number=9, url="https://github.com/o/r/issues/9")])
    assert store.filed("o/r") == {4}


def test_history_of_a_finding_by_fingerprint_prefix_or_slug(opened: Opened) -> None:
    store = opened()
    for number in (1, 2):
        remember(store, day(number, bad=(A,)), finding(A, slug="100 %_odd"))
    remember(store, day(3, bad=(B,)), finding(B, key=Key(scheme="v1", digest="f" * 16), slug="100 xx_odd"))
    for wanted in (str(KEY), "v1:0123", "0123", "100 %_odd"):
        assert [seen.run for seen in store.sightings(wanted)] == [day(2).id, day(1).id], wanted
    assert store.sightings("%") == ()


def test_history_of_a_test(opened: Opened) -> None:
    store = opened()
    remember(store, day(1, bad=(A,)), finding(A))
    remember(store, day(2, good=(B,)))
    remember(store, replace(day(3), cases=(case(A, Outcome.ERROR), case(A, attempt=2))))
    remember(store, day(4, good=(A,)))
    assert [turn.outcome for turn in store.turns(A)] == ["passed", "flaky", "failed"]


def test_how_a_finding_went_leaves_out_the_runs_that_tell_nothing(opened: Opened) -> None:
    store = opened()
    remember(store, day(1, good=(A, B)))
    remember(store, day(2, bad=(A,), good=(B,)), finding(A, B))
    remember(store, day(3, good=(A, B), dirty=True))
    remember(store, day(4, good=(B,)))
    remember(store, replace(day(5), cases=(case(A, Outcome.ERROR), case(A, attempt=2))), finding(A, B))
    remember(store, day(6, good=(A, B)))
    seen = store.sightings(str(KEY))
    assert [turn.outcome for turn in store.course(seen)] == ["passed", "flaky", "failed", "passed"]
    assert [turn.outcome for turn in store.course(seen, limit=2)] == ["passed", "flaky"]
    assert store.course(()) == ()


def test_what_is_forgotten_leaves_issues_and_what_is_pending(opened: Opened) -> None:
    store = opened()
    for number in (1, 2, 3):
        remember(store, day(number, bad=(A,), good=(B,) if number < 3 else ()), finding(A))
    store.begin(day(1).id, "create/x/0/0", "new")
    assert store.forget([day(1).id, day(2).id, "20240101-000000-none"]) == 2
    assert [each.id for each in store.runs()] == [day(3).id]
    assert store.pending() == ((day(1).id, "create/x/0/0"),)
    known = past(store, finding(A), day(4, bad=(A,)))
    assert known.first_seen == "2025-09-01T12:00:00Z"  # since when it is known outlives the runs
    assert store.turns(B) == ()
    remember(store, day(5, good=(B, A)))
    assert [turn.outcome for turn in store.turns(B)] == ["passed"]
    assert [turn.outcome for turn in store.turns(A)] == ["passed", "failed"]


def test_what_issues_are_judged_by_is_needed(opened: Opened) -> None:
    store = opened()
    other = Key(scheme="v1", digest="f" * 16)
    for number, went in enumerate("pp.fdfpp", start=1):  # passed, nothing, failed, passed in a dirty tree
        bad, good = (A,) if went == "f" else (), (A,) if went in "pd" else ()
        remember(store, day(number, bad=bad, good=good, dirty=went == "d"), *([finding(A)] if bad else []))
    remember(store, day(9, bad=(B,)), finding(B, key=other))
    assert store.needed([str(KEY)]) == {day(6).id, day(3).id}  # the last that saw it, the last that did not before it
    assert store.needed([]) == set()
    assert store.needed(None) == {day(6).id, day(3).id, day(9).id, day(8).id}
    store.begin(day(2).id, "create/x/0/0", "new")
    assert store.needed([]) == {day(2).id}


def test_forgetting_gives_the_room_back(opened: Opened) -> None:
    store = opened()
    noise = random.Random(6)
    for number in range(1, 6):
        many = [f"{noise.random()}" for _ in range(2000)]
        remember(store, day(number, good=tuple(many)))
    held = dict(store.held())
    assert list(held) == [day(number).id for number in range(1, 6)]
    assert all(size > 20_000 for size in held.values())
    place = Path(store.place)
    before = place.stat().st_size if place.exists() else None
    store.forget(list(held)[:4])
    assert list(dict(store.held())) == [day(5).id]
    if before:
        assert place.stat().st_size < before / 2


def test_a_record_that_another_version_wrote_is_an_error_with_a_remedy(opened: Opened, tmp_path: Path) -> None:
    from sqlalchemy import update

    from gardener.store import schema

    store = opened()
    remember(store, day(1))
    with store._database.write() as connection:
        connection.execute(update(schema.runs).values(run=b"not compressed"))
    with pytest.raises(StoreError, match="cannot be read"):
        store.recalled(day(1).id)


def test_the_past_of_a_large_suite_is_read_in_time(opened: Opened) -> None:
    store = opened()
    nodes = tuple(f"tests/area_{number % 40}/test_{number}.py::test_it" for number in range(5000))
    for number in range(1, 29):
        remember(store, day(number, good=nodes[number:]))
    known = past(store, finding(*nodes[100:200]), day(30, bad=nodes[100:200]))
    assert (known.green_streak, known.tests_passed_before) == (28, 100)
