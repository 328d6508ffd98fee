"""Which issue a finding belongs to: keys first, then what people filed; what only comes near is linked."""

from dataclasses import replace

import build
import pytest

from gardener.model.cause import Cause
from gardener.model.finding import Finding, Kind
from gardener.model.key import Key, Managed
from gardener.model.plan import Issue, Reason, State
from gardener.model.policy import Policy
from gardener.rulebook import load_rulebook
from gardener.triage.match import match, told_causes

pytestmark = pytest.mark.unit

BUILD = "failed to compute cache key: COPY --chown=app:app backend /app/backend (docker/backend.Dockerfile:41)"


def foreign(body: str, **rest: object) -> Issue:
    return build.issue(**({"number": 12, "title": "Something is red", "body": body, "labels": ("bug",)} | rest))


def broken_build() -> Finding:
    shown = build.failure("build-context", None, BUILD)  # type: ignore[arg-type]
    return build.finding(shown, cause=Cause.DOCKER_BUILD, kind=Kind.INFRASTRUCTURE, tests=())


def structure() -> Finding:
    return build.finding(
        build.failure("tests/test_events.py::test_agent_started", message="agent_started event structure is wrong"),
        build.failure("tests/test_events.py::test_tool_completed", message="tool_completed missing results"),
    )


QUOTING = """Seen again:
```
AssertionError: agent_started event structure is wrong
```
in test_agent_started, tool_completed missing results in test_tool_completed"""


def test_an_issue_that_quotes_the_error_and_names_the_tests_is_adopted_with_its_reasons() -> None:
    found = match(structure(), [foreign(QUOTING)], Policy()).match
    assert found is not None
    assert found.how == "adopted"
    assert "quotes" in found.why
    assert "test_agent_started" in found.why


def test_a_failed_build_is_recognised_by_what_it_quotes() -> None:
    said = "failed to compute cache key: COPY --chown=app:app backend /app/backend (docker/backend.Dockerfile:40)"
    body = f"Nightly:\n> {said}"
    found = match(broken_build(), [foreign(body)], Policy()).match
    assert found is not None


@pytest.mark.parametrize(
    "body",
    [
        "The login page is slow since Monday.",
        "test_login fails: assert 401 == 200",
        "Please rename the function.",
        "",
        "tests are red again, please look",
    ],
)
def test_a_stranger_is_neither_adopted_nor_linked(body: str) -> None:
    found = match(structure(), [foreign(body)], Policy())
    assert found.match is None
    assert found.near == ()


def test_an_issue_by_somebody_who_is_not_trusted_is_left_alone() -> None:
    found = match(structure(), [foreign(QUOTING, trusted=False)], Policy())
    assert (found.match, found.near) == (None, ())


def test_an_issue_without_a_label_of_those_that_may_be_adopted_is_left_alone() -> None:
    found = match(structure(), [foreign(QUOTING, labels=("question",))], Policy())
    assert (found.match, found.near) == (None, ())


def test_a_closed_issue_of_people_is_linked_and_never_adopted() -> None:
    found = match(structure(), [foreign(QUOTING, state=State.CLOSED)], Policy())
    assert found.match is None
    assert [near.issue.number for near in found.near] == [12]


def test_a_key_beats_every_likeness() -> None:
    from gardener.model.key import Managed

    ours = build.issue(3, Managed(keys=(build.key(),)))
    found = match(structure(), [foreign(QUOTING), ours], Policy()).match
    assert found is not None
    assert (found.issue.number, found.how) == (3, "key")


def test_a_key_inside_quoted_output_of_somebody_else_is_no_key() -> None:
    quoting_a_key = foreign(f"```\ngardener-key: {build.key()}\n```")
    assert match(build.finding(), [quoting_a_key], Policy()).match is None


def test_an_issue_that_tells_of_a_full_disk_is_linked_to_a_failed_build_with_the_difference() -> None:
    policy = Policy(rulebook=load_rulebook())
    full = foreign("Again:\n\n    failed to solve: write /var/lib/docker/x: no space left on device\n")
    found = match(broken_build(), [full], policy, told_causes([full], policy))
    assert found.match is None
    assert [near.how for near in found.near] == ["related"]
    assert "docker-disk" in found.near[0].why
    assert "another cause" in found.near[0].why


def test_an_issue_that_speaks_of_the_same_qualified_name_is_linked() -> None:
    shown = build.failure(message="registered twice: chat.events.Registry and chat.legacy.Registry")
    both = foreign("`chat.legacy.Registry` should go away, nobody needs it.")
    assert [near.how for near in match(build.finding(shown), [both], Policy()).near] == ["related"]


def test_an_open_issue_is_not_that_of_another_cause_which_shares_a_symptom_but_few_of_its_tests() -> None:
    managed = Managed(keys=(build.key("a"), build.key("c")), tests=("t.py::test_1", "t.py::test_2", "t.py::test_3"))
    issue = build.issue(managed=managed, keys=managed.keys)
    other = build.finding(keys=(build.key("b"), build.key("c")), tests=("t.py::test_3", "t.py::test_9"))
    found = match(other, [issue], Policy())
    assert found.match is None
    assert [(near.how, near.issue) for near in found.near] == [("related", issue)]
    assert "symptom of both" in found.near[0].why
    dressed = build.finding(keys=other.keys, tests=("t.py::test_2", "t.py::test_3"))
    assert match(dressed, [issue], Policy()).match is not None


def test_of_two_open_issues_the_one_that_was_filed_for_the_root_comes_before_one_that_met_its_symptom() -> None:
    lower = build.issue(number=4, managed=Managed(keys=(build.key("a"), build.key("c"))))
    higher = build.issue(number=12, managed=Managed(keys=(build.key("b"),)))
    found = match(build.finding(keys=(build.key("b"), build.key("c"))), [lower, higher], Policy()).match
    assert found is not None
    assert found.issue is higher


def test_a_closed_issue_is_not_that_of_another_cause_which_shares_a_symptom_with_it() -> None:
    managed = Managed(keys=(build.key("a"), build.key("c")))
    other = build.finding(keys=(build.key("b"), build.key("c")))
    assert match(other, [build.issue(managed=managed, state=State.CLOSED)], Policy()).match is None
    assert match(other, [build.issue(managed=managed)], Policy()).match is not None
    alone = build.finding(keys=(build.key("c"),))
    found = match(alone, [build.issue(managed=managed, state=State.CLOSED)], Policy())
    assert found.match is None
    assert found.other is not None
    assert "filed for another root" in found.other.why


def shut(*keys: Key, tests: tuple[str, ...] = ("t.py::test_1", "t.py::test_2", "t.py::test_3")) -> Issue:
    return build.issue(managed=Managed(keys=keys, tests=tests), state=State.CLOSED)


def test_a_cause_that_comes_back_in_another_dress_is_known_by_its_tests() -> None:
    issue = shut(build.key("a"), build.key("c"))
    dressed = build.finding(keys=(build.key("c"),), tests=("t.py::test_1[x]", "t.py::test_3"))
    assert match(dressed, [issue], Policy()).match is not None
    few = build.finding(keys=(build.key("c"),), tests=("t.py::test_3", "t.py::test_9"))
    assert match(few, [issue], Policy()).match is None


def test_a_cause_that_comes_back_in_fewer_tests_is_known_by_its_root() -> None:
    issue = shut(build.key("a"), build.key("c"))
    for keys in ((build.key("a"),), (build.key("c"), build.key("a"))):
        assert match(build.finding(keys=keys, tests=("t.py::test_9",)), [issue], Policy()).match is not None


def test_a_large_finding_that_swallows_what_failed_alone_once_is_another_cause() -> None:
    issue = shut(build.key("a"), tests=("t.py::test_1",))
    large = build.finding(keys=(build.key("b"), build.key("a")), tests=tuple(f"t.py::test_{n}" for n in range(30)))
    found = match(large, [issue], Policy())
    assert found.match is None
    assert [(near.how, near.issue) for near in found.near] == [("related", issue)]


def test_a_wrong_value_of_a_file_is_back_where_most_of_each_ones_tests_are_the_others() -> None:
    value = replace(build.key("a"), pattern="value t.py")
    for tests in (("t.py::test_9",), ("t.py::test_9", "t.py::test_3"), tuple(f"t.py::test_{n}" for n in range(30))):
        assert match(build.finding(keys=(value,), tests=tests), [shut(value)], Policy()).match is None
    for tests in (("t.py::test_1[x]", "t.py::test_3"), tuple(f"t.py::test_{n}" for n in range(6))):
        assert match(build.finding(keys=(value,), tests=tests), [shut(value)], Policy()).match is not None


def test_a_wrong_value_whose_issue_tells_of_no_tests_is_known_by_its_root() -> None:
    value = replace(build.key("a"), pattern="value t.py")
    assert match(build.finding(keys=(value,)), [shut(value, tests=())], Policy()).match is not None


def test_what_people_put_away_stands_before_what_was_closed_and_locked_earlier() -> None:
    locked = replace(shut(build.key("a")), number=3, locked=True)
    put_away = replace(shut(build.key("a")), number=5, state_reason=Reason.NOT_PLANNED)
    found = match(build.finding(keys=(build.key("a"),)), [locked, put_away], Policy()).match
    assert found is not None
    assert found.issue is put_away


def test_what_people_put_away_last_is_their_word_on_what_was_closed_before() -> None:
    at = {"before": "2025-09-01T00:00:00Z", "after": "2025-09-03T00:00:00Z"}
    put_away = replace(
        shut(build.key("a")), number=5, state_reason=Reason.NOT_PLANNED, closed_at="2025-09-02T00:00:00Z"
    )
    finding = build.finding(keys=(build.key("a"),))
    for when, number in (("before", 5), ("after", 8)):
        other = replace(shut(build.key("a")), number=8, closed_at=at[when])
        found = match(finding, [put_away, other], Policy()).match
        assert found is not None
        assert found.issue.number == number
