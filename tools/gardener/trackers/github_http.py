"""One line to GitHub: paced writes, patience with its limits, and a plain word for each refusal."""

import json
import re
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlsplit

import stamina

from gardener.model.errors import ConfigurationError, OutcomeUnknown, TrackerError, TrackerReadOnly, TrackerUnreliable
from gardener.model.text import keeps_secret

if TYPE_CHECKING:
    from github.Requester import Requester

PUBLIC = "https://api.github.com"
PAGE = 100  # issues, comments, labels
ATTEMPTS = 5
TIMEOUT_S = 30
LONGEST_WAIT_S = 120.0  # what GitHub may ask for; beyond it the run ends and `gardener apply` resumes
_SECONDARY_WAIT_S = 60.0  # GitHub's advice where it names no time
_PACES = ((1, 1.0), (80, 60.0), (500, 3600.0))  # at most so many writes in so many seconds
_NEXT = re.compile(r'<([^>]+)>\s*;\s*rel="next"')
BROKEN = object()  # JSON that ends in the middle


class Refused(TrackerError):
    """GitHub answered, and the answer is no."""

    def __init__(self, status: int, message: str, hint: str) -> None:
        super().__init__(message, hint)
        self.status = status


class Forbidden(Refused, TrackerReadOnly):
    """The token may not write here."""


class Busy(TrackerError):
    """Nothing was done, and it may be tried again: after `wait_s` where GitHub named a time."""

    def __init__(self, message: str, hint: str, wait_s: float | None = None) -> None:
        super().__init__(message, hint)
        self.wait_s = wait_s


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What came back. `data` is None for an empty body."""

    status: int
    headers: Mapping[str, str]  # names in lower case
    data: Any


class Pace:
    """Keeps writes within GitHub's limits for content: one a second, 80 a minute, 500 an hour."""

    def __init__(self, now: Callable[[], datetime], sleep: Callable[[float], None]) -> None:
        self._now = now
        self._sleep = sleep
        self._writes: deque[float] = deque(maxlen=max(count for count, _ in _PACES))

    def keep(self) -> None:
        """Wait until one more write is allowed. TrackerError where that is too long."""
        now = self._now().timestamp()
        full = [(count, seconds) for count, seconds in _PACES if len(self._writes) >= count]
        wait = max((self._writes[-count] + seconds - now for count, seconds in full), default=0.0)
        if wait > LONGEST_WAIT_S:
            hint = f"run `gardener apply` in {wait / 60:.0f} minutes: it goes on where this run stopped"
            raise TrackerError("500 writes in an hour is all that GitHub allows", hint)
        if wait > 0:
            self._sleep(wait)
        self._writes.append(now + max(wait, 0.0))


class GitHubLine:
    """Requests to one GitHub, one after another. The token goes to its host only and is shown nowhere."""

    def __init__(
        self, token: str, base_url: str, now: Callable[[], datetime], sleep: Callable[[float], None] = time.sleep
    ) -> None:
        if not keeps_secret(base_url):
            hint = f'use https, as in "{PUBLIC}" or "https://github.example.com/api/v3"'
            raise ConfigurationError(f"the address of GitHub would send the token in the clear: {base_url}", hint)
        self._now = now
        self._pace = Pace(now, sleep)
        self._github = _requester(token, base_url.rstrip("/"))
        self._answers: dict[str, Answer] = {}  # by question, since the last write: an unchanged one costs nothing

    def get(self, path: str, **params: Any) -> Answer:
        """Read. Raises TrackerError."""
        return self._send("GET", path, params)

    def pages(self, path: str, **params: Any) -> Iterator[list[Any]]:
        """Read a list, page by page. Raises TrackerUnreliable for anything that is no list."""
        wanted: dict[str, Any] = {"per_page": PAGE, **params}
        while wanted:
            answer = self.get(path, **wanted)
            if not isinstance(answer.data, list):
                raise not_a_tracker(f"{path} is no list")
            yield answer.data
            following = _NEXT.search(answer.headers.get("link", ""))
            # only the question is taken from the link: wherever it points, the token stays with this host
            wanted = dict(parse_qsl(urlsplit(following[1]).query)) if following else {}

    def write(self, verb: str, path: str, body: Mapping[str, Any] | None = None, *, again: bool = False) -> Answer:
        """Change something. A POST whose answer was lost raises OutcomeUnknown, unless it may be sent again."""
        return self._send(verb, path, body=body, again=again)

    def viewer(self) -> str:
        """The login that the token writes as; "" where GitHub does not say."""
        try:
            return str(self.get("/user").data["login"])
        except Refused as error:
            if error.status != 403:  # the token of a workflow or an app has no user, yet GraphQL names it
                raise
        query = {"query": "query { viewer { login } }"}
        try:
            answer = self.write("POST", self._github.graphql_url, query, again=True)
            return str(answer.data["data"]["viewer"]["login"])
        except (Refused, KeyError, TypeError):
            return ""

    def _send(
        self,
        verb: str,
        path: str,
        params: Mapping[str, Any] | None = None,
        body: Mapping[str, Any] | None = None,
        *,
        again: bool = False,
    ) -> Answer:
        def patience(error: Exception) -> bool | float:
            if isinstance(error, Busy) and error.wait_s is not None:
                return error.wait_s <= LONGEST_WAIT_S and error.wait_s
            return isinstance(error, Busy) or (isinstance(error, OutcomeUnknown) and (again or verb != "POST"))

        retry = stamina.RetryingCaller(attempts=ATTEMPTS, timeout=3 * LONGEST_WAIT_S, wait_initial=1.0, wait_max=30.0)
        return retry(patience, self._try, verb, path, dict(params or {}), body)

    def _try(self, verb: str, path: str, params: dict[str, Any], body: Mapping[str, Any] | None) -> Answer:
        if verb != "GET":
            self._pace.keep()
            self._answers.clear()
        question = f"{path} {sorted(params.items())}"
        before = self._answers.get(question)
        unless = {"If-None-Match": before.headers["etag"]} if before else None
        try:
            status, headers, text = self._github.requestJson(verb, path, params, unless, body)
        except OSError as error:  # requests' own errors are OSErrors
            hint = "look at https://www.githubstatus.com, then run `gardener apply`: nothing recorded is lost"
            harmless = verb == "GET" or _unsent(error)
            words = f"{self._github.hostname} does not answer ({type(error).__name__})"
            raise (Busy if harmless else OutcomeUnknown)(words, hint) from error
        except (RuntimeError, AssertionError) as error:  # PyGithub refuses to follow to another host or scheme
            raise _moved(str(error)) from error
        if before and status == 304:
            return before
        answer = Answer(status=status, headers=headers, data=_parsed(text))
        answer = judged(verb, path, answer, self._now().timestamp())
        if verb == "GET" and "etag" in headers:
            self._answers[question] = answer
        return answer


def tell_of_retries(say: Callable[[str], None]) -> None:
    """From now on whoever waits for GitHub is told why, and how long."""
    stamina.instrumentation.set_on_retry_hooks(
        [lambda again: say(f"{again.caused_by}; trying again in {again.wait_for:.0f} s")]
    )


def judged(verb: str, path: str, answer: Answer, now: float) -> Answer:
    """The answer where it is one; else the error that says what GitHub meant. `now` is a Unix time."""
    status, said = answer.status, _message(answer.data)
    words = f"{verb} {path}: GitHub answered {status}" + (f" ({said})" if said else "")
    if status in (403, 429) and (wait := _limit(answer, said, now)) is not None:
        hint = f"GitHub's limit is over in {wait:.0f} s; run `gardener apply` then: it goes on where this run stopped"
        raise Busy(f"{words}: too many requests", hint, wait)
    if 300 <= status < 400:
        raise _moved(answer.headers.get("location", words))
    if status >= 500 or status == 202 or answer.data is BROKEN:
        raise (Busy if verb == "GET" else OutcomeUnknown)(words, "run `gardener apply`: it looks before it writes")
    if status >= 400:
        state = next((word for word in ("locked", "archived") if word in said), "")  # of what is written to
        forbidden = status == 403 and verb != "GET" and not state
        hint = (
            f"GitHub takes no writes where it is {state}"
            if state
            else _REMEDIES.get(status, "these are GitHub's words")
        )
        raise (Forbidden if forbidden else Refused)(status, words, hint)
    return answer


def not_a_tracker(what: str) -> TrackerUnreliable:
    """The error for an answer that GitHub would not give."""
    hint = "nothing was written; check the address of the tracker, or a proxy in between, and run again"
    return TrackerUnreliable(f"the tracker does not answer like GitHub: {what}", hint)


def _limit(answer: Answer, said: str, now: float) -> float | None:
    """Seconds to wait where the refusal is a rate limit; None where it is another one."""
    after = answer.headers.get("retry-after", "")
    if after.isdigit():
        return float(after)
    reset = answer.headers.get("x-ratelimit-reset", "")
    if answer.headers.get("x-ratelimit-remaining") == "0" and reset.isdigit():
        return max(float(reset) - now + 1.0, 1.0)  # it is not said when within that second
    limited = answer.status == 429 or re.search(r"rate limit|abuse|wait a few minutes|submitted too quickly", said)
    return _SECONDARY_WAIT_S if limited else None


def _message(data: Any) -> str:  # noqa: ANN401 - whatever came back
    if not isinstance(data, dict):
        return ""
    errors = [error for error in data.get("errors") or () if isinstance(error, dict)]
    parts = [data.get("message"), *(error.get("message") or error.get("code") for error in errors)]
    return "; ".join(str(part) for part in parts if part)[:300]


def _parsed(text: Any) -> Any:  # noqa: ANN401 - JSON of any shape
    try:
        return json.loads(text) if text else None
    except ValueError:
        return BROKEN if text.lstrip()[:1] in ("{", "[") else text


def _unsent(error: OSError) -> bool:
    """Whether the request never left: no connection was made."""
    from urllib3.exceptions import ConnectTimeoutError, NewConnectionError

    reason = getattr(error.args[0], "reason", None) if error.args else None
    return isinstance(reason, NewConnectionError | ConnectTimeoutError)


def _moved(where: str) -> Refused:
    hint = "name the new place in the setting `tracker`, or the right base URL; the token was sent to no other host"
    return Refused(301, f"GitHub says that this has moved: {where}", hint)


def _requester(token: str, base_url: str) -> "Requester":
    import github

    client = github.Github(
        auth=github.Auth.Token(token),
        base_url=base_url,
        timeout=TIMEOUT_S,
        retry=None,  # its own would send a POST again after the issue was made
        seconds_between_requests=None,
        seconds_between_writes=None,  # paced here: over 80 a minute and 500 an hour too
        user_agent="failing-test-gardener",
    )
    return client.requester


_REMEDIES = {
    401: "the token is not accepted: give a valid one in GITHUB_TOKEN",
    403: "the token may not do this: it needs `issues: write` on this repository",
    404: "check the repository and the number; a token that may not see them gets the same answer",
    410: "issues are turned off in this repository, or this one was deleted",
    422: "GitHub does not take these values",
}
