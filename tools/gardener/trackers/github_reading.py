"""Reads the issues of a GitHub repository: the lists, one issue whole, and who did what to it."""

from collections.abc import Collection, Iterator, Sequence
from typing import Any
from urllib.parse import quote

from gardener.model.errors import TrackerError, TrackerUnreliable
from gardener.model.key import Key, read_block
from gardener.model.plan import Comment, Issue, severity_of
from gardener.trackers.github_http import PAGE, GitHubLine, Refused, not_a_tracker
from gardener.trackers.github_records import Circle, issue_of, label_names, login, text_of, vouched_keys

ADOPTABLE_PAGES = 10  # of 100 issues, the newest first, under each label that is not gardener's own
_GONE = (301, 404, 410)
_ACTIONS = "github-actions[bot]"  # the login of a workflow's own token

Data = dict[str, Any]


class GitHubReader:
    """One repository, seen with the eyes of gardener: `circle` says whose words count."""

    def __init__(self, repository: str, line: GitHubLine, adopt_authors: Collection[str]) -> None:
        self.path = f"/repos/{quote(repository)}"
        self._repository = repository
        self._line = line
        self._adopt_authors = adopt_authors
        self._circle: Circle | None = None
        self._viewer = ""  # the login that the token writes as, once `circle` was asked for

    @property
    def circle(self) -> Circle:
        """Gardener's own logins, the token's among them, and those whose issues may be adopted."""
        if self._circle is None:
            self._viewer = self._line.viewer()
            own = {self._viewer, _ACTIONS} - {""}
            listed = frozenset(self._adopt_authors)
            self._circle = Circle(own=frozenset(name.casefold() for name in own), listed=listed)
        return self._circle

    def listed(self, label: str, most: int | None = None) -> Iterator[Data]:
        """The issues with a label, open and closed, the newest first; at most so many pages."""
        pages = self._line.pages(f"{self.path}/issues", labels=label, state="all", sort="created", direction="desc")
        for count, page in enumerate(pages, start=1):
            yield from _issues(page)
            if count == most:
                return

    def own(self, *, older: bool) -> list[tuple[Data, set[Key]]]:
        """Gardener's own issues with their keys, whatever their labels, among the newest hundred of the repository.

        With `older` also every open one that the token's login filed before those.
        """
        path = f"{self.path}/issues"
        newest = next(self._line.pages(path, state="all", sort="created", direction="desc"))
        listed = {data["number"]: data for data in _issues(newest)}
        if older and len(newest) == PAGE and self.circle and self._viewer:
            pages = self._line.pages(path, state="open", creator=self._viewer)
            listed |= {data["number"]: data for page in pages for data in _issues(page)}
        return [(data, _keys(data)) for data in listed.values() if self.circle.writes_as(data.get("user"))]

    def labelled(self, label: str) -> list[int]:
        """Gardener's own with that label, among the newest hundred issues of the repository."""
        wanted = label.casefold()
        return [d["number"] for d, _ in self.own(older=False) if wanted in {n.casefold() for n in label_names(d)}]

    def missing(self, number: int, label: str) -> Data | None:
        """An issue that a list did not hold: None where it is gone. With that label on it, the list lies."""
        try:
            data = self.data(number)
        except Refused as error:
            if error.status in _GONE:
                return None
            raise
        if label.casefold() in {name.casefold() for name in label_names(data)}:
            hint = "nothing was written; GitHub's lists lag at times: run `gardener apply` in some minutes"
            raise TrackerUnreliable(f"the list of {self._repository} lacks #{number}, which is there", hint)
        return data

    def data(self, number: int) -> Data:
        """The JSON of one issue. Raises Refused, TrackerError for a pull request."""
        data = self._line.get(f"{self.path}/issues/{number}").data
        if not isinstance(data, dict) or data.get("number") != number or "pull_request" in data:
            raise TrackerError(f"#{number} of {self._repository} is no issue", "see: gardener issues list")
        home = str(data.get("repository_url") or "").casefold()
        if home and not home.endswith(f"/repos/{self._repository}".casefold()):
            raise Refused(301, f"#{number} of {self._repository} has moved to {home}", "look at it there")
        return data

    def comments(self, number: int) -> list[Data]:
        """The JSON of an issue's comments, oldest first."""
        pages = self._line.pages(f"{self.path}/issues/{number}/comments")
        return [said for page in pages for said in page if isinstance(said, dict)]

    def whole(self, number: int) -> Issue:
        """One issue with its comments."""
        data, said = self.data(number), self.comments(number)
        comments = [
            Comment(author=login(each.get("user")), body=str(each.get("body")), at=str(each.get("created_at")))
            for each in said
        ]
        return self._issue(data, said, comments, human=self._prioritised_by_human(data))

    def brief(self, data: Data) -> Issue:
        """The issue of a list; what the list does not say is asked for only where a decision hangs on it."""
        foreign = not self.circle.writes_as(data.get("user"))
        said = self.comments(data["number"]) if foreign and _keys(data) else []
        if data.get("state_reason") in ("not_planned", "duplicate") and not data.get("closed_by"):
            data = self.data(data["number"])
        if foreign and not said and self.circle.person(data.get("user")):
            human = severity_of(label_names(data)) is not None  # errs on the side of leaving it alone
        else:
            human = self._prioritised_by_human(data)
        return self._issue(data, said, (), human=human)

    def _issue(self, data: Data, said: Sequence[Data], comments: Sequence[Comment], *, human: bool) -> Issue:
        vouched = vouched_keys(said, self.circle)
        return issue_of(data, self.circle, comments=comments, vouched=vouched, severity_by_human=human)

    def _prioritised_by_human(self, data: Data) -> bool:
        """Whether a person set the priority label: GitHub's events tell, else what gardener noted, or the author."""
        severity, block = severity_of(label_names(data)), read_block(text_of(data))
        ours = self.circle.writes_as(data.get("user"))
        given = block.severity if block else None
        if severity is None or given == severity or (given is None and ours):
            return False
        try:
            pages = self._line.pages(f"{self.path}/issues/{data['number']}/events")
            setters = [event for page in pages for event in page if _sets(event, severity.name)]
        except Refused:  # not every GitHub of one's own tells
            setters = []
        if setters:
            return self.circle.person(setters[-1].get("actor"))
        return ours or self.circle.person(data.get("user"))


def _issues(page: Sequence[Any]) -> Iterator[Data]:
    """The issues of a page: GitHub lists pull requests among them."""
    for data in page:
        if not isinstance(data, dict) or not isinstance(data.get("number"), int):
            raise not_a_tracker("an entry of its list is no issue")
        if "pull_request" not in data:
            yield data


def _keys(data: Data) -> set[Key]:
    block = read_block(text_of(data))
    return set(block.keys) if block else set()


def _sets(event: Any, label: str) -> bool:  # noqa: ANN401 - whatever came back
    if not isinstance(event, dict) or event.get("event") != "labeled":
        return False
    return str((event.get("label") or {}).get("name")).casefold() == label.casefold()
