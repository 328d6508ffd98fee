"""GitHub's answers judged by value: what is a limit, what a refusal, and how long to wait."""

from datetime import UTC, datetime
from itertools import pairwise

import pytest

from gardener.model.errors import ConfigurationError, OutcomeUnknown, TrackerError
from gardener.trackers.github_http import BROKEN, Answer, Busy, GitHubLine, Pace, Refused, judged

pytestmark = pytest.mark.unit

NOW = 1_757_851_200.0


def answered(status: int, data: object = None, **headers: str) -> Answer:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return judged("POST", "/x", Answer(status=status, headers=named, data=data), NOW)


@pytest.mark.parametrize("status", [200, 201, 204])
def test_an_answer_is_passed_on(status: int) -> None:
    assert answered(status, {"number": 1}).data == {"number": 1}


@pytest.mark.parametrize(
    ("status", "headers", "message", "wait"),
    [
        (429, {}, "", 60.0),
        (429, {"retry_after": "7"}, "", 7.0),
        (403, {"retry_after": "7"}, "whatever", 7.0),
        (403, {}, "You have exceeded a secondary rate limit", 60.0),
        (403, {}, "was submitted too quickly", 60.0),
        (403, {"x_ratelimit_remaining": "0", "x_ratelimit_reset": "1757851230"}, "API rate limit exceeded", 31.0),
        (403, {"x_ratelimit_remaining": "0", "x_ratelimit_reset": "1757850000"}, "API rate limit exceeded", 1.0),
        (403, {"retry_after": "soon"}, "API rate limit exceeded", 60.0),
    ],
)
def test_a_limit_says_how_long_to_wait(status: int, headers: dict[str, str], message: str, wait: float) -> None:
    with pytest.raises(Busy) as caught:
        answered(status, {"message": message}, **headers)
    assert caught.value.wait_s == wait
    assert f"{wait:.0f} s" in caught.value.hint


@pytest.mark.parametrize("status", [400, 401, 403, 404, 410, 422])
def test_a_refusal_quotes_github(status: int) -> None:
    data = {"message": "Validation Failed", "errors": [{"code": "invalid"}, {"message": "too long"}, "odd"]}
    with pytest.raises(Refused, match="Validation Failed; invalid; too long") as caught:
        answered(status, data)
    assert caught.value.status == status


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_redirect_is_not_followed(status: int) -> None:
    with pytest.raises(Refused, match=r"elsewhere\.example"):
        answered(status, None, location="https://elsewhere.example/x")


@pytest.mark.parametrize(("status", "data"), [(500, None), (502, "<html>"), (202, {}), (201, BROKEN)])
def test_an_answer_that_says_nothing_leaves_the_outcome_unknown(status: int, data: object) -> None:
    with pytest.raises(OutcomeUnknown):
        answered(status, data)


@pytest.mark.parametrize(
    "url", ["http://github.example.com", "ftp://localhost", "github.com", "http://localhost.evil.example"]
)
def test_the_token_is_not_sent_in_the_clear(url: str) -> None:
    with pytest.raises(ConfigurationError, match="in the clear"):
        GitHubLine("token", url, lambda: datetime.now(UTC))


@pytest.mark.parametrize("url", ["https://github.example.com/api/v3", "http://localhost:4001", "http://127.0.0.1:1/"])
def test_a_github_of_ones_own_is_an_address_like_any_other(url: str) -> None:
    assert "secret" not in repr(vars(GitHubLine("secret", url, lambda: datetime.now(UTC))))


class Clock:
    """A clock that only moves when somebody sleeps."""

    def __init__(self) -> None:
        self.time = NOW

    def now(self) -> datetime:
        return datetime.fromtimestamp(self.time, UTC)

    def sleep(self, seconds: float) -> None:
        assert seconds > 0
        self.time += seconds


def test_writes_are_a_second_apart_and_eighty_a_minute() -> None:
    clock = Clock()
    pace, at = Pace(clock.now, clock.sleep), []
    for _ in range(200):
        pace.keep()
        at.append(clock.time - NOW)
    assert at[0] == 0
    assert all(later - earlier >= 1 for earlier, later in pairwise(at))
    assert all(later - earlier >= 60 for earlier, later in zip(at, at[80:], strict=False))


def test_five_hundred_writes_an_hour_and_then_the_run_ends() -> None:
    clock = Clock()
    pace = Pace(clock.now, clock.sleep)
    for _ in range(500):
        pace.keep()
    with pytest.raises(TrackerError, match="500 writes in an hour"):
        pace.keep()
    clock.time = NOW + 3601
    pace.keep()


def test_who_writes_seldom_does_not_wait() -> None:
    clock = Clock()
    pace = Pace(clock.now, clock.sleep)
    for step in range(3):
        clock.time = NOW + 2 * step
        pace.keep()
        assert clock.time == NOW + 2 * step
