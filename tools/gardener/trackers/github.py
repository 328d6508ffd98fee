"""GitHubTracker: the issues of a GitHub repository, written to once and never twice."""

import contextlib
import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

from gardener.model.errors import ConfigurationError, IssueMoved, OutcomeUnknown
from gardener.model.key import Key, read_block
from gardener.model.plan import Draft, Issue, IssueLink, Reason, State
from gardener.model.text import storable
from gardener.trackers.github_http import PUBLIC, GitHubLine, Refused
from gardener.trackers.github_reading import ADOPTABLE_PAGES, Data, GitHubReader
from gardener.trackers.github_records import (
    fitted,
    label_name,
    label_names,
    operation_line,
    read_links,
    signature,
    text_of,
    title_line,
    vouched_keys,
    with_links,
)

_LOOKS_S = (0.0, 1.0, 3.0, 6.0)  # GitHub's lists lag: how long to look for a write whose answer was lost
_COLOURS = {"P0": "b60205", "P1": "d93f0b", "P2": "fbca04", "P3": "c2e0c6"}
_COLOUR = "0e8a16"


class GitHubTracker:
    """The issues of one repository; implements `ports.Tracker`. `warnings` says what was done only in part.

    `known` are numbers that gardener filed here: a list that hides one of them is not believed. `also` are further
    issues to list, whatever their labels. The token is shown nowhere.
    """

    def __init__(
        self,
        repository: str,
        token: str,
        *,
        base_url: str = PUBLIC,
        labels: Sequence[str] = ("gardener",),
        adopt_labels: Sequence[str] = (),
        adopt_authors: Sequence[str] = (),
        known: Collection[int] = (),
        also: Collection[int] = (),
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        if repository.count("/") != 1 or not all(repository.split("/")):
            raise ConfigurationError(f"{repository!r} is no GitHub repository", 'use tracker = "github:owner/name"')
        self.name = f"github:{repository}"
        self.warnings: list[str] = []
        self._line = GitHubLine(token, base_url, now, sleep)
        self._reader = GitHubReader(repository, self._line, adopt_authors)
        self._path = f"{self._reader.path}/issues"
        self._label, *others = map(label_name, labels or ("gardener",))
        self._other_labels = (*others, *map(label_name, adopt_labels))
        self._known, self._also = frozenset(known), frozenset(also)
        self._now, self._sleep = now, sleep
        self._names: dict[str, str] = {}  # the repository's labels as it spells them, by their lower case

    def issues(self) -> tuple[Issue, ...]:
        """Ours by label and those that may be adopted, open and closed, by number; without their comments."""
        listed = {data["number"]: data for data in self._reader.listed(self._label)}
        for label in self._other_labels:
            listed |= {data["number"]: data for data in self._reader.listed(label, ADOPTABLE_PAGES)}
        # with no memory an empty list would start everything anew: the newest issues must not speak against it
        hidden = self._reader.labelled(self._label) if not listed else ()
        for number in sorted({*self._known, *self._also, *hidden} - listed.keys()):
            data = self._reader.missing(number, self._label)
            if data is not None:
                listed[number] = data
        return tuple(self._reader.brief(listed[number]) for number in sorted(listed))

    def issue(self, number: int, *, comments: bool = True) -> Issue:
        """One issue, read anew. TrackerError when there is none."""
        return self._reader.whole(number) if comments else self._reader.brief(self._reader.data(number))

    def create(self, draft: Draft) -> Issue:
        """File it. What was filed for the same operation, or is open for the same key, is returned instead."""
        line = operation_line(draft.operation or f"{draft.title}\n{draft.body}\n{self._now().isoformat()}")
        body = fitted(storable(draft.body).rstrip(), f"\n\n{line}\n")
        block = read_block(body)
        keys = frozenset(block.keys if block else ())
        there = self._filed(line, keys, older=True)
        if there is not None:
            return self.issue(there)
        labels = self._ready(draft.labels)
        wanted = {"title": title_line(draft.title), "body": body, "labels": labels}
        number = self._posted(self._path, wanted, lambda: self._filed(line, frozenset()))
        issue = self.issue(self._converged(number, keys), comments=False)
        have = {name.casefold() for name in issue.labels}
        dropped = [name for name in labels if name.casefold() not in have]
        if dropped and issue.number == number:
            self.warnings.append(f"#{number} lacks the labels {', '.join(dropped)}: the token may not set them")
        return issue

    def edit(
        self,
        number: int,
        *,
        title: str | None = None,
        body: str | None = None,
        add_labels: Sequence[str] = (),
        remove_labels: Sequence[str] = (),
        was: str | None = None,
    ) -> Issue:
        """Change what is given and leave the rest; links that were written into the block stay.

        IssueMoved where the body is no longer what it `was`, or people locked it since. GitHub cannot be asked to
        write only then, and its answer does not tell what the change replaced: what is written between this look and
        the change is lost (to people it shows in the issue's edits), and the next run adds what it knew.
        """
        before = self._reader.data(number)
        if was is not None and (text_of(before) != was or before.get("locked")):
            raise IssueMoved(f"#{number} was written to or locked in between", "run again")
        change = {} if title is None else {"title": title_line(title)}
        if body is not None:
            change["body"] = fitted(with_links(storable(body), read_links(text_of(before))))
            self._sign(before, change["body"])
        after = self._changed(number, change) if change else before
        have = {name.casefold(): name for name in label_names(before)}
        # an old priority goes first: without any the next run sets one, of two nobody would know the right one
        old = {label_name(name).casefold() for name in remove_labels} & have.keys()
        for folded in old:
            with _unless(404):  # somebody else took it off
                self._line.write("DELETE", f"{self._path}/{number}/labels/{quote(have[folded], safe='')}")
        new = [name for name in self._ready(add_labels) if name.casefold() not in have]
        if new:
            self._line.write("POST", f"{self._path}/{number}/labels", {"labels": new}, again=True)
        return self._reader.brief(self._reader.data(number) if old or new else after)

    def comment(self, number: int, text: str) -> None:
        """Say something on an issue, once."""
        line = operation_line(f"{number}\n{text}\n{self._now().isoformat()}")

        def said() -> int | None:
            ours = [each for each in self._reader.comments(number) if self._reader.circle.writes_as(each.get("user"))]
            return next((int(each["id"]) for each in ours if line in str(each.get("body"))), None)

        words = {"body": fitted(storable(text).rstrip(), f"\n\n{line}")}
        self._posted(f"{self._path}/{number}/comments", words, said, "id")

    def close(self, number: int, reason: Reason, duplicate_of: int | None = None) -> Issue:
        """Close it; closing a closed one does nothing."""
        data = self._reader.data(number)
        if data["state"] == State.OPEN:
            if duplicate_of is not None:
                self.comment(number, f"Duplicate of #{duplicate_of}")
            try:
                data = self._set_state(number, State.CLOSED, reason)
            except Refused as error:  # a GitHub of one's own that does not know this reason yet
                if error.status != 422 or reason is not Reason.DUPLICATE:
                    raise
                data = self._set_state(number, State.CLOSED, Reason.NOT_PLANNED)
        return self._reader.brief(data)

    def reopen(self, number: int) -> Issue:
        """Open it again; reopening an open one does nothing."""
        data = self._reader.data(number)
        if data["state"] != State.OPEN:
            data = self._set_state(number, State.OPEN, "reopened")
        return self._reader.brief(data)

    def link(self, number: int, to: int, why: str) -> Issue:
        """Link one issue to another, once: noted in the managed block; GitHub shows it on both."""
        data = self._reader.data(number)
        self._reader.data(to)
        body = text_of(data)
        linked = with_links(body, [IssueLink(to=to, why=storable(why))], shown=True)
        if linked != body:
            data = self._changed(number, {"body": fitted(linked)})
        return self._reader.brief(data)

    def _ready(self, names: Sequence[str]) -> list[str]:
        """The labels as the repository spells them; those that it lacks are made."""
        ready = {}
        for name in filter(None, map(label_name, names)):
            if not self._names:
                pages = self._line.pages(f"{self._reader.path}/labels")
                self._names = {str(each["name"]).casefold(): str(each["name"]) for page in pages for each in page}
            folded = name.casefold()
            if folded not in self._names:
                self._make_label(name)
                self._names[folded] = name
            ready[folded] = self._names[folded]
        return list(ready.values())

    def _make_label(self, name: str) -> None:
        made = {"name": name, "color": _COLOURS.get(name.upper(), _COLOUR)}
        try:
            with _unless(422):  # another writer made it in between
                self._line.write("POST", f"{self._reader.path}/labels", made, again=True)
        except Refused as error:
            self.warnings.append(f"the label {name!r} could not be made: {error.message}")

    def _set_state(self, number: int, state: State, reason: str) -> Data:
        return self._changed(number, {"state": str(state), "state_reason": str(reason)})

    def _changed(self, number: int, change: Mapping[str, Any]) -> Data:
        """The issue's JSON after a change: GitHub answers with it."""
        data = self._line.write("PATCH", f"{self._path}/{number}", change).data
        return data if isinstance(data, dict) and data.get("number") == number else self._reader.data(number)

    def _posted(self, path: str, body: Mapping[str, Any], look: Callable[[], int | None], name: str = "number") -> int:
        """What a POST made. Where its answer is lost it is looked for, and sent once more only when it is not there."""
        for _ in range(2):
            with contextlib.suppress(OutcomeUnknown):
                made = self._line.write("POST", path, body).data
                if isinstance(made, dict) and isinstance(made.get(name), int):
                    return int(made[name])
            for wait in _LOOKS_S:
                if wait:
                    self._sleep(wait)
                found = look()
                if found is not None:
                    return found
        hint = "run `gardener apply`: it looks again before it writes"
        raise OutcomeUnknown(f"GitHub's answers were lost and nothing of it is to be seen: POST {path}", hint)

    def _filed(self, line: str, keys: Collection[Key], *, older: bool = False) -> int | None:
        """Among our issues the one of this operation, else the first open one with one of these keys."""
        ours = self._reader.own(older=older)
        same = [data["number"] for data, _ in ours if line and line in str(data.get("body"))]
        twins = [data["number"] for data, held in ours if data["state"] == State.OPEN and held & set(keys)]
        return min(same or twins, default=None)

    def _converged(self, number: int, keys: Collection[Key]) -> int:
        """Where two writers filed for one key the lower number stays; each closes only its own."""
        there = self._filed("", keys) if keys else None
        if there is None or there >= number:
            return number
        self.close(number, Reason.DUPLICATE, there)
        return there

    def _sign(self, before: Mapping[str, Any], body: str) -> None:
        """Vouch for the keys of a block in somebody else's issue, in a comment: only so do they count there."""
        block = read_block(body)
        if block is None or self._reader.circle.writes_as(before.get("user")):
            return
        signed = vouched_keys(self._reader.comments(before["number"]), self._reader.circle)
        unsigned = [key for key in block.all_keys if key not in signed]
        if unsigned:
            self.comment(before["number"], signature(unsigned))


@contextlib.contextmanager
def _unless(status: int) -> Iterator[None]:
    """A refusal with this status is none."""
    try:
        yield
    except Refused as error:
        if error.status != status:
            raise
