"""A ground for histories on the stand-in GitHub: one door per writer, each a proxy that can fail."""

import contextlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from histories.steps import LISTS, PRIORITIES, Trouble
from standin.github import GARDENER, StandIn
from standin.proxy import Proxy

from gardener.model.plan import Comment, Issue
from gardener.ports import Tracker
from gardener.trackers.github import GitHubTracker
from gardener.trackers.github_records import Circle, issue_of

WRITES = "POST|PATCH|DELETE"
LIST = r"/issues\?"
LIMIT = {"message": "You have exceeded a secondary rate limit. Please wait a few minutes before you try again."}
READ_ONLY = {"message": "Resource not accessible by integration"}
OURS = Circle(own=frozenset({"gardener-bot"}), listed=frozenset())
PULL = {"title": "fix", "state": "open", "labels": [{"name": "gardener"}], "pull_request": {}, "user": {"login": "x"}}
ANSWERED: dict[str, dict[str, Any]] = {
    "502": {"status": 502, "body": "<html>bad gateway</html>"},
    "reset": {"how": "reset"},
    "cut": {"how": "truncate"},
    "limit": {"status": 403, "body": LIMIT, "committed": False, "times": 2},
    "refused": {"status": 403, "body": READ_ONLY, "committed": False, "times": 99},
}


@dataclass
class Elsewhere:
    """A repository of the stand-in, and a store of the gardeners' own."""

    standin: StandIn
    doors: Sequence[Proxy]
    folder: str
    url: str = "sqlite:///store.db"
    repository: str = ""
    token: str = ""
    before: list[list[Any]] = field(default_factory=lambda: [[]])  # the issues after each step

    def __post_init__(self) -> None:
        self.repository = self.standin.repository()
        self.token = self.standin.spare(GARDENER)
        self._clean()

    def door(self, writer: int) -> str:
        return self.doors[writer].url

    @contextlib.contextmanager
    def befall(self, trouble: Trouble, victim: Callable[[], None]) -> Iterator[None]:
        door = self.doors[0]
        before = trouble.when == "before"
        if trouble.what == "killed":
            door.fault(WRITES, "", spared=trouble.at - 1, how="reset", committed=not before, struck=victim)
        elif trouble.what in LISTS:
            self._lie(door, trouble)
        else:
            answer = {"committed": not before} | ANSWERED[trouble.what]
            door.fault(WRITES, "", spared=trouble.at - 1, **answer)
        yield
        self._clean()

    @contextlib.contextmanager
    def turns(self, take: Callable[[int], None]) -> Iterator[None]:
        for number, door in enumerate(self.doors):
            door.gate = lambda number=number: take(number)  # type: ignore[misc]
        yield
        self._clean()

    def lose_store(self) -> None:
        for file in Path(self.folder).glob("store.db*"):
            file.unlink()

    def issues(self) -> Sequence[Issue]:
        found = self.standin.issues(self.repository)
        return [issue_of(data, OURS, comments=self._comments(data) if data["comments"] else ()) for data in found]

    def say(self, number: int, how: str, words: str) -> None:
        path = f"/repos/{self.repository}/issues/{number}"
        if how == "comment":
            self.standin.call("POST", f"{path}/comments", {"body": words})
        elif how == "label":
            self.standin.call("POST", f"{path}/labels", {"labels": [words]})
        elif how == "priority":
            names = [label["name"] for label in self.standin.call("GET", path)["labels"]]
            self.standin.call("PATCH", path, {"labels": [words, *(n for n in names if n not in PRIORITIES)]})
        elif how == "title":
            self.standin.call("PATCH", path, {"title": words})
        else:
            body = self.standin.call("GET", path)["body"]
            self.standin.call("PATCH", path, {"body": f"{words}\n\n{body}"})

    def decide(self, number: int, what: str) -> None:
        path = f"/repos/{self.repository}/issues/{number}"
        if what in ("locked", "unlocked"):
            self.standin.call("PUT" if what == "locked" else "DELETE", f"{path}/lock", {})
        elif what == "reopened":
            self.standin.call("PATCH", path, {"state": "open"})
        else:
            self.standin.call("PATCH", path, {"state": "closed", "state_reason": what.replace(" ", "_")})

    @contextlib.contextmanager
    def by_hand(self) -> Iterator[Tracker]:
        yield GitHubTracker(self.repository, self.token, base_url=self.standin.url, sleep=lambda _: None)

    def remember(self) -> None:
        self.before.append(self.standin.issues(self.repository))

    def _comments(self, data: Any) -> list[Comment]:
        path = f"/repos/{self.repository}/issues/{data['number']}/comments?per_page=100"
        return [Comment(author=said["user"]["login"], body=said["body"]) for said in self.standin.call("GET", path)]

    def _lie(self, door: Proxy, trouble: Trouble) -> None:
        newest = max((issue["number"] for issue in self.before[-1]), default=0)
        old = self.before[max(0, len(self.before) - 1 - trouble.at)]
        changes: dict[str, Callable[[Any], Any]] = {
            "empty": lambda _: [],
            "stale": lambda listed: old[::-1],
            "lagging": lambda listed: [issue for issue in listed if issue["number"] <= newest],
            "short": lambda listed: listed[trouble.at :],
            "pulls": lambda listed: [PULL | {"number": 9000}, *listed],
        }
        if trouble.what == "login page":
            door.fault("GET", LIST, times=99, status=200, body="<html>log in</html>")
        else:
            door.fault("GET", LIST, times=99, change=changes[trouble.what])

    def _clean(self) -> None:
        for door in self.doors:
            door.faults.clear()
            door.seen.clear()
            door.gate = lambda: None
