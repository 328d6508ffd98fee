"""What GitHub does to those who trust it: lost answers, limits, lists that lie. Nothing is ever filed twice."""

import threading
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
import stamina
from standin.github import GARDENER, OWNER, STRANGER, StandIn
from standin.proxy import Proxy
from standin.proxy import running as proxied

from gardener.model.errors import OutcomeUnknown, TrackerError, TrackerReadOnly, TrackerUnreliable
from gardener.model.key import Key, Managed, replace_block, write_block
from gardener.model.plan import Draft, Reason
from gardener.trackers import github_http
from gardener.trackers.github import GitHubTracker

pytestmark = [pytest.mark.integration, pytest.mark.usefixtures("no_waiting")]

KEY = Key(scheme="v1", digest="0123456789abcdef")
ISSUES = r"/issues$"
LISTS = r"/issues\?"
LIMIT = {"message": "You have exceeded a secondary rate limit. Please wait a few minutes before you try again."}


@pytest.fixture
def tracker(fickle: Proxy, repository: str) -> GitHubTracker:
    return opened(fickle, repository)


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """An answer is lost after one second."""
    monkeypatch.setattr(github_http, "TIMEOUT_S", 1)


def opened(fickle: Proxy, repository: str, **rest: Any) -> GitHubTracker:
    given: dict[str, Any] = {
        "base_url": fickle.url,
        "now": ticking(),
        "sleep": lambda _: None,
        "adopt_labels": ("bug",),
    }
    return GitHubTracker(repository, GARDENER, **(given | rest))


def ticking() -> Callable[[], datetime]:
    seconds = iter(range(0, 10**9, 10))
    return lambda: datetime.fromtimestamp(1_757_851_200 + next(seconds), UTC)


def block(*keys: Key, severity: int | None = 1) -> str:
    return write_block("Three tests fail.", Managed(keys=keys or (KEY,), severity=severity))


def draft(operation: str = "run/key", **rest: Any) -> Draft:
    return Draft(**({"title": "t", "body": block(), "labels": ("P1", "gardener"), "operation": operation} | rest))


LOST: list[tuple[str, dict[str, Any]]] = [
    ("a 502 after it was made", {"status": 502, "body": "<html>bad gateway</html>"}),
    ("a reset after it was made", {"how": "reset"}),
    ("silence after it was made", {"how": "silence"}),
    ("JSON that ends in the middle", {"how": "truncate"}),
    ("a 202 without a number", {"status": 202, "body": {}}),
    ("a 201 without a number", {"change": lambda _: {"message": "ok"}}),
    ("a 502 before it was made", {"status": 502, "committed": False}),
]


@pytest.mark.parametrize("fault", [fault for _, fault in LOST], ids=[name for name, _ in LOST])
def test_an_issue_whose_answer_was_lost_is_filed_exactly_once(
    impatient: None, tracker: GitHubTracker, fickle: Proxy, standin: StandIn, repository: str, fault: dict[str, Any]
) -> None:
    fickle.fault("POST", ISSUES, **fault)
    made = tracker.create(draft())
    assert [issue["number"] for issue in standin.issues(repository)] == [made.number]
    assert made.keys == (KEY,)


@pytest.mark.parametrize("fault", [fault for _, fault in LOST], ids=[name for name, _ in LOST])
def test_a_comment_whose_answer_was_lost_is_said_exactly_once(
    impatient: None, tracker: GitHubTracker, fickle: Proxy, fault: dict[str, Any]
) -> None:
    number = tracker.create(draft()).number
    fickle.fault("POST", r"/comments$", **fault)
    tracker.comment(number, "It came back.")
    assert len(tracker.issue(number).comments) == 1


def test_a_list_that_lags_behind_a_lost_answer_is_asked_again(
    tracker: GitHubTracker, fickle: Proxy, standin: StandIn, repository: str
) -> None:
    fickle.fault("GET", LISTS, times=1, change=lambda _: [])  # before it is filed
    fickle.fault("POST", ISSUES, status=502)
    fickle.fault("GET", LISTS, times=2, change=lambda _: [])
    tracker.create(draft())
    assert len(standin.issues(repository)) == 1


def test_an_outcome_that_stays_unknown_says_so_and_the_next_try_finds_the_issue(
    tracker: GitHubTracker, fickle: Proxy, standin: StandIn, repository: str
) -> None:
    fickle.fault("POST", ISSUES, status=502)
    fickle.fault("POST", ISSUES, status=502, committed=False)
    fickle.fault("GET", LISTS, times=9, change=lambda _: [])
    with pytest.raises(OutcomeUnknown):
        tracker.create(draft())
    again = opened(fickle, repository).create(draft())
    assert [issue["number"] for issue in standin.issues(repository)] == [again.number]


def test_a_server_that_never_answers_a_write_gets_it_twice_at_most(
    tracker: GitHubTracker, fickle: Proxy, standin: StandIn, repository: str
) -> None:
    fickle.fault("POST", ISSUES, status=502, committed=False, times=99)
    with pytest.raises(OutcomeUnknown):
        tracker.create(draft())
    assert len(fickle.sent("POST", ISSUES)) == 2
    assert standin.issues(repository) == []


WAITS: list[tuple[str, dict[str, Any]]] = [
    ("secondary limit", {"status": 403, "body": LIMIT}),
    ("secondary limit that names a time", {"status": 403, "body": LIMIT, "headers": {"Retry-After": "3"}}),
    ("429", {"status": 429, "body": ""}),
    ("429 that names a time", {"status": 429, "body": "", "headers": {"Retry-After": "3"}}),
]


@pytest.mark.parametrize("fault", [fault for _, fault in WAITS], ids=[name for name, _ in WAITS])
@pytest.mark.parametrize("verb", ["GET", "POST", "PATCH"])
def test_a_limit_is_waited_for(
    tracker: GitHubTracker, fickle: Proxy, standin: StandIn, repository: str, verb: str, fault: dict[str, Any]
) -> None:
    fickle.fault(verb, "/issues", committed=False, times=2, **fault)
    number = tracker.create(draft()).number
    tracker.edit(number, title="new")
    assert [issue["title"] for issue in standin.issues(repository)] == ["new"]


def test_whoever_waits_is_told_why_and_how_long(
    tracker: GitHubTracker, fickle: Proxy, request: pytest.FixtureRequest
) -> None:
    told: list[str] = []
    request.addfinalizer(lambda: stamina.instrumentation.set_on_retry_hooks(None))
    github_http.tell_of_retries(told.append)
    fickle.fault("GET", LISTS, committed=False, times=1, status=429, body="")
    tracker.issues()
    (line,) = told
    assert "GitHub answered 429" in line
    assert "trying again in" in line


@pytest.mark.parametrize(
    "headers",
    [{"Retry-After": "3600"}, {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "1757854800"}],
    ids=["named", "primary"],
)
def test_a_limit_of_an_hour_ends_the_run_and_says_when_to_come_back(
    tracker: GitHubTracker, fickle: Proxy, standin: StandIn, repository: str, headers: dict[str, str]
) -> None:
    body = {"message": "API rate limit exceeded for installation"}
    fickle.fault("POST", ISSUES, status=403, committed=False, headers=headers, body=body)
    with pytest.raises(TrackerError, match="too many requests") as caught:
        tracker.create(draft())
    assert "3" in caught.value.hint
    assert "gardener apply" in caught.value.hint
    assert standin.issues(repository) == []


@pytest.mark.parametrize(
    ("status", "body", "word"),
    [
        (403, {"message": "Resource not accessible by integration"}, "issues: write"),
        (403, "<html>blocked by a proxy</html>", "issues: write"),
        (401, {"message": "Bad credentials"}, "GITHUB_TOKEN"),
        (410, {"message": "Issues are disabled for this repo"}, "turned off"),
        (422, {"message": "Validation Failed", "errors": [{"code": "invalid", "field": "title"}]}, "values"),
    ],
)
def test_a_refusal_is_told_once_with_what_to_do(
    tracker: GitHubTracker, fickle: Proxy, status: int, body: Any, word: str
) -> None:
    fickle.fault("POST", ISSUES, status=status, body=body, committed=False, times=9)
    with pytest.raises(TrackerError, match=str(status)) as caught:
        tracker.create(draft())
    assert word in caught.value.hint
    assert isinstance(caught.value, TrackerReadOnly) == (status == 403)
    assert len(fickle.sent("POST", ISSUES)) == 1


@pytest.mark.parametrize("fault", [{"status": 502}, {"how": "reset"}, {"how": "truncate"}])
def test_an_edit_whose_answer_was_lost_is_sent_again(
    tracker: GitHubTracker, fickle: Proxy, fault: dict[str, Any]
) -> None:
    number = tracker.create(draft()).number
    fickle.fault("PATCH", f"/issues/{number}", times=2, **fault)
    assert tracker.edit(number, title="new").title == "new"


@pytest.mark.parametrize("fault", [{"status": 500}, {"how": "reset"}, {"how": "truncate"}])
def test_a_question_whose_answer_was_lost_is_asked_again(
    tracker: GitHubTracker, fickle: Proxy, fault: dict[str, Any]
) -> None:
    number = tracker.create(draft()).number
    fickle.fault("GET", "/issues", times=2, **fault)
    assert [issue.number for issue in tracker.issues()] == [number]


def test_a_server_that_is_not_there_is_an_error_that_names_it(standin: StandIn) -> None:
    with proxied(standin.url) as gone:
        tracker = opened(gone, "owner/r")
    with pytest.raises(TrackerError, match=r"127\.0\.0\.1 does not answer"):
        tracker.issues()


def test_pull_requests_in_a_list_are_no_issues(tracker: GitHubTracker, fickle: Proxy, repository: str) -> None:
    number = tracker.create(draft()).number
    pull = {"number": 99, "title": "fix", "state": "open", "labels": [{"name": "gardener"}], "pull_request": {}}
    fickle.fault("GET", "/issues", times=2, change=lambda listed: [pull, *listed])
    assert [issue.number for issue in tracker.issues()] == [number]


@pytest.mark.parametrize(
    "lie",
    [lambda _: [], lambda listed: listed[1:]],
    ids=["an empty list", "a list that lacks one"],
)
def test_a_list_that_hides_what_gardener_filed_is_not_believed(
    fickle: Proxy, tracker: GitHubTracker, repository: str, lie: Any
) -> None:
    known = {tracker.create(draft(title, body=title)).number for title in ("one", "two")}
    fickle.fault("GET", r"labels=gardener", change=lie)
    with pytest.raises(TrackerUnreliable, match="lacks #"):
        opened(fickle, repository, known=known).issues()


def test_an_empty_list_is_not_believed_where_the_newest_issues_speak_against_it(
    fickle: Proxy, tracker: GitHubTracker, repository: str
) -> None:
    tracker.create(draft())
    fickle.fault("GET", r"labels=gardener", change=lambda _: [])
    with pytest.raises(TrackerUnreliable, match="lacks #"):
        opened(fickle, repository).issues()


@pytest.mark.parametrize(
    ("status", "body"),
    [(200, "<html>log in</html>"), (200, {"message": "hello"}), (200, [{"id": 1}]), (200, ["x"])],
)
def test_an_answer_that_is_no_list_of_issues_is_not_believed(
    tracker: GitHubTracker, fickle: Proxy, status: int, body: Any
) -> None:
    fickle.fault("GET", LISTS, status=status, body=body)
    with pytest.raises(TrackerUnreliable, match="not answer like GitHub"):
        tracker.issues()


@pytest.mark.parametrize("status", [404, 410, 301])
def test_an_issue_that_is_gone_is_no_reason_to_stop(
    fickle: Proxy, tracker: GitHubTracker, repository: str, status: int
) -> None:
    number = tracker.create(draft()).number
    moved = {"Location": "https://elsewhere.example/repos/owner/other/issues/9"}
    fickle.fault("GET", "/issues/77$", status=status, body={"message": "gone"}, headers=moved)
    assert [issue.number for issue in opened(fickle, repository, known={number, 77}).issues()] == [number]


def test_an_issue_that_was_transferred_is_not_taken_for_one_of_here(
    tracker: GitHubTracker, fickle: Proxy, repository: str
) -> None:
    number = tracker.create(draft()).number
    there = {"repository_url": "https://api.github.com/repos/owner/other"}
    fickle.fault("GET", f"/issues/{number}$", change=lambda issue: issue | there)
    with pytest.raises(TrackerError, match="moved"):
        tracker.edit(number, title="x")


def test_an_issue_whose_label_a_person_took_off_is_still_known(
    fickle: Proxy, tracker: GitHubTracker, standin: StandIn, repository: str
) -> None:
    number = tracker.create(draft()).number
    standin.call("DELETE", f"/repos/{repository}/issues/{number}/labels/gardener")
    assert tracker.issues() == ()
    assert [issue.number for issue in opened(fickle, repository, known={number}).issues()] == [number]


def test_a_standing_issue_is_listed_whatever_its_labels(fickle: Proxy, standin: StandIn, repository: str) -> None:
    number = standin.call("POST", f"/repos/{repository}/issues", {"title": "Deprecations"})["number"]
    assert [issue.number for issue in opened(fickle, repository, also={number}).issues()] == [number]


def test_labels_that_github_dropped_are_noticed_and_the_issue_is_not_filed_again(
    fickle: Proxy, tracker: GitHubTracker, standin: StandIn, repository: str
) -> None:
    fickle.fault("GET", r"/issues/\d+$", times=9, change=lambda issue: issue | {"labels": []})
    tracker.create(draft())
    assert "lacks the labels P1, gardener" in tracker.warnings[0]
    opened(fickle, repository).create(draft())
    assert len(standin.issues(repository)) == 1


def test_labels_are_made_once_in_their_colours_and_spelt_as_the_repository_does(
    tracker: GitHubTracker, standin: StandIn, fickle: Proxy, repository: str
) -> None:
    standin.call("POST", f"/repos/{repository}/labels", {"name": "Area: Cart", "color": "000000"})
    names = ("P0", "area: cart", "a,b", "🔥" + "x" * 60)
    first = tracker.create(draft("1", labels=names, body="1"))
    tracker.create(draft("2", labels=names, body="2"))
    assert set(first.labels) == {"P0", "Area: Cart", "a b", "🔥" + "x" * 49}
    assert len(fickle.sent("POST", r"/labels$")) == 3
    colours = {label["name"]: label["color"] for label in standin.call("GET", f"/repos/{repository}/labels")}
    assert colours["P0"] == "b60205"


def test_two_that_file_for_one_key_at_once_end_with_one_open_issue(
    fickle: Proxy, standin: StandIn, repository: str
) -> None:
    fickle.fault("GET", LISTS, times=2, change=lambda _: [])  # neither sees the other's issue before its own write
    start = threading.Barrier(2)
    made: list[int] = []

    def file(run: str) -> None:
        tracker = opened(fickle, repository)
        start.wait()
        made.append(tracker.create(draft(run)).number)

    threads = [threading.Thread(target=file, args=(run,)) for run in ("run-1", "run-2")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    still_open = [issue["number"] for issue in standin.issues(repository) if issue["state"] == "open"]
    assert made == still_open * 2
    assert len(standin.issues(repository)) == 2


def test_a_forged_key_in_a_strangers_issue_does_not_count(
    tracker: GitHubTracker, standin: StandIn, repository: str
) -> None:
    forged = {"title": "x", "body": block()}
    number = standin.call("POST", f"/repos/{repository}/issues", forged, STRANGER)["number"]
    said = {"body": f"gardener-key: {KEY}"}
    standin.call("POST", f"/repos/{repository}/issues/{number}/comments", said, STRANGER)
    standin.call("POST", f"/repos/{repository}/issues/{number}/labels", {"labels": ["gardener"]})
    listed = tracker.issues()[0]
    assert (listed.keys, listed.managed, listed.ours, listed.trusted) == ((), None, False, False)
    assert tracker.issue(number).keys == ()
    assert tracker.create(draft()).number != number


def test_an_adopted_issue_keeps_its_text_and_is_known_by_key_from_then_on(
    tracker: GitHubTracker, fickle: Proxy, standin: StandIn, repository: str
) -> None:
    body = {"title": "Cart broken", "body": "It fails since Monday.\r\n", "labels": ["bug", "P2"]}
    number = standin.call("POST", f"/repos/{repository}/issues", body)["number"]
    found = tracker.issues()[0]
    assert (found.trusted, found.ours, found.severity_by_human) == (True, False, True)
    tracker.edit(number, body=replace_block(found.body, block(severity=2)), add_labels=["gardener"])
    fresh = opened(fickle, repository)
    assert fresh.issues()[0].keys == (KEY,)
    assert fresh.issue(number).body.startswith("It fails since Monday.")
    tracker.edit(number, body=replace_block(found.body, block(severity=2)))
    assert len(fresh.issue(number).comments) == 1


def test_who_set_the_priority_is_read_from_the_events(
    tracker: GitHubTracker, fickle: Proxy, standin: StandIn, repository: str
) -> None:
    number = tracker.create(draft()).number
    tracker.edit(number, add_labels=["P0"], remove_labels=["P1"])  # as a crash before the block's edit would leave it
    assert not tracker.issues()[0].severity_by_human
    standin.call("DELETE", f"/repos/{repository}/issues/{number}/labels/P0")
    standin.call("POST", f"/repos/{repository}/issues/{number}/labels", {"labels": ["P3"]})
    assert tracker.issues()[0].severity_by_human
    fickle.fault("GET", "/events", status=404, body={"message": "Not Found"})
    assert tracker.issue(number).severity_by_human


def test_a_priority_that_another_bot_set_may_move(
    tracker: GitHubTracker, fickle: Proxy, standin: StandIn, repository: str
) -> None:
    bot = {"login": "triage[bot]", "type": "Bot"}
    standin.call("POST", f"/repos/{repository}/issues", {"title": "x", "labels": ["bug", "P2"]})
    fickle.fault("GET", LISTS, times=2, change=lambda listed: [issue | {"user": bot} for issue in listed])
    fickle.fault("GET", "/events", change=lambda events: [event | {"actor": bot} for event in events])
    assert not opened(fickle, repository, adopt_authors=("triage[bot]",)).issues()[0].severity_by_human


def test_what_a_person_closed_as_not_planned_is_told_from_what_gardener_closed(
    tracker: GitHubTracker, standin: StandIn, repository: str
) -> None:
    first, second = (tracker.create(draft(name, body=name)).number for name in "ab")
    tracker.close(first, Reason.COMPLETED)
    closing = {"state": "closed", "state_reason": "not_planned"}
    standin.call("PATCH", f"/repos/{repository}/issues/{second}", closing, OWNER)
    assert [issue.closed_by_human for issue in tracker.issues()] == [False, True]


def test_the_login_of_a_workflows_token_comes_from_graphql(fickle: Proxy, standin: StandIn, repository: str) -> None:
    fickle.fault("GET", "/user$", status=403, body={"message": "Resource not accessible by integration"})
    fickle.fault("POST", "/graphql", status=200, body={"data": {"viewer": {"login": "gardener-bot"}}}, committed=False)
    tracker = opened(fickle, repository)
    assert tracker.create(draft()).ours


def test_a_github_of_ones_own_lies_below_a_path(fickle: Proxy, standin: StandIn, repository: str) -> None:
    fickle.prefix = "/api/v3"
    fickle.fault("GET", "/user$", status=403, body={"message": "Resource not accessible by integration"})
    fickle.fault(
        "POST", "/api/graphql$", status=200, body={"data": {"viewer": {"login": "gardener-bot"}}}, committed=False
    )
    tracker = opened(fickle, repository, base_url=f"{fickle.url}/api/v3")
    assert tracker.create(draft()).ours
    assert [issue.keys for issue in tracker.issues()] == [(KEY,)]


def test_a_locked_issue_is_no_sign_of_a_read_only_token(tracker: GitHubTracker, fickle: Proxy) -> None:
    number = tracker.create(draft()).number
    body = {"message": "Unable to create comment because issue is locked."}
    fickle.fault("POST", "/comments$", status=403, body=body, committed=False)
    with pytest.raises(TrackerError, match="locked") as caught:
        tracker.comment(number, "x")
    assert not isinstance(caught.value, TrackerReadOnly)


def test_a_redirect_to_another_host_is_not_followed(
    tracker: GitHubTracker, fickle: Proxy, standin: StandIn, repository: str
) -> None:
    with proxied(standin.url) as elsewhere:
        there = elsewhere.url.replace("127.0.0.1", "localhost") + f"/repos/{repository}/issues"
        fickle.fault("GET", LISTS, status=301, headers={"Location": there})
        with pytest.raises(TrackerError, match="moved"):
            tracker.issues()
        fickle.fault("GET", LISTS, status=307, headers={"Location": there})
        with pytest.raises(TrackerError, match="moved"):
            tracker.issues()
        fickle.fault("GET", LISTS, headers={"Link": f'<{there}?page=2>; rel="next"'})
        tracker.issues()
        assert elsewhere.seen == []


def test_all_pages_of_a_list_are_read(tracker: GitHubTracker, standin: StandIn, repository: str) -> None:
    for number in range(101):
        standin.call("POST", f"/repos/{repository}/issues", {"title": f"{number}", "labels": ["gardener"]}, GARDENER)
    assert [issue.number for issue in tracker.issues()] == list(range(1, 102))


def test_the_token_is_nowhere_to_be_seen(
    tracker: GitHubTracker, fickle: Proxy, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    fickle.fault("POST", ISSUES, status=401, body={"message": "Bad credentials"})
    with pytest.raises(TrackerError) as caught:
        tracker.create(draft())
    assert "gardener-bot" not in repr(tracker)
    assert GARDENER not in caplog.text + repr(tracker) + repr(vars(tracker)) + repr(caught.value) + caught.value.hint
    assert any(GARDENER in seen.headers.get("Authorization", "") for seen in fickle.seen)
