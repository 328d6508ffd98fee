"""What people said and decided in a history, and what of it the tracker does not honour."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from typing import Protocol

from histories.steps import Decide, Say

from gardener.byhand import merge, split
from gardener.model.key import Key, Managed
from gardener.model.plan import Issue, Reason, State
from gardener.ports import Tracker

UNDOES = {"reopened": "completed", "split": "merged", "unlocked": "locked"}

Lock = tuple[State, Managed | None, int]  # what gardener could change of a locked issue; its comments are counted


class Place(Protocol):
    """Where people meet the issues."""

    def issues(self) -> Sequence[Issue]:
        """What the tracker really holds."""

    def say(self, number: int, how: str, words: str) -> None:
        """A person says something on an issue."""

    def decide(self, number: int, what: str) -> None:
        """A person closes an issue, opens it again, locks or unlocks it."""

    def by_hand(self) -> AbstractContextManager[Tracker]:
        """The tracker as `gardener issues` opens it for a person."""


@dataclass
class People:
    """Everything that people did. `keys` are those of the causes."""

    place: Place
    keys: Sequence[Key]
    said: list[tuple[int, str, str]] = field(default_factory=list)  # issue, how, words
    put_away: set[int] = field(default_factory=set)  # closed as not planned
    opened: set[int] = field(default_factory=set)  # opened again
    parted: set[tuple[int, Key]] = field(default_factory=set)  # issue, key that was split from it
    locked: dict[int, Lock] = field(default_factory=dict)

    def forget(self) -> None:
        """The issues are gone, and with them all that was done to them."""
        for each in (self.said, self.put_away, self.opened, self.parted, self.locked):
            each.clear()

    def say(self, step: Say) -> str:
        """What was done, in a word; "" where there was nothing to say it on."""
        mine = [i for i in self.place.issues() if self.keys[step.cause] in i.keys and i.state is State.OPEN]
        if not mine:
            return ""
        number, words = mine[0].number, "P0" if step.how == "priority" else f"words-{len(self.said)}"
        self.place.say(number, step.how, words)
        if step.how == "title":
            self.said = [each for each in self.said if each[:2] != (number, "title")]
        self.said.append((number, step.how, words))
        self._look_at_locks()
        return step.how

    def decide(self, step: Decide) -> str:
        """What was done, in a word; "" where it could not be done. What has nothing to undo is done instead."""
        return self._decide(step) or (
            self._decide(replace(step, what=UNDOES[step.what])) if step.what in UNDOES else ""
        )

    def _decide(self, step: Decide) -> str:
        mine = [issue for issue in self.place.issues() if self._holds(issue, step.cause)]
        wanted = State.CLOSED if step.what == "reopened" else State.OPEN
        fit = [issue for issue in mine if issue.state is wanted and issue.locked is (step.what == "unlocked")]
        others = [issue for issue in mine if issue.state is State.OPEN and issue not in fit]
        if not fit or (step.what != "reopened" and (len(fit) > 1 or others)):
            return ""
        if step.what in ("merged", "split"):
            return self._by_hand(step, fit[-1])
        number = fit[-1].number
        self.place.decide(number, step.what)
        (self.put_away.add if step.what == "not planned" else self.put_away.discard)(number)
        if step.what == "reopened":
            self.opened.add(number)
        if step.what in ("locked", "unlocked"):
            (self.locked.setdefault if step.what == "locked" else self.locked.pop)(number, (State.OPEN, None, 0))
        self._look_at_locks()
        return step.what

    def wrongs(self, living: Collection[int]) -> Iterator[str]:
        """What is not as it must be now."""
        issues = {issue.number: issue for issue in self.place.issues()}
        for cause in sorted(living):
            mine = [issue for issue in issues.values() if self._holds(issue, cause)]
            if not self._is_right(self.keys[cause], mine):
                told = [f"#{i.number} {i.state} {i.state_reason or ''} {'locked' * i.locked}".strip() for i in mine]
                yield f"cause {cause} lives and has the issues {told}"
        yield from self._broken(issues)

    def _broken(self, issues: Mapping[int, Issue]) -> Iterator[str]:
        """What people said and decided that does not hold."""
        for number, how, words in self.said:
            if number not in issues or not heard(issues[number], how, words):
                yield f"the {how} {words!r} of a person on #{number} is gone"
        for number in self.put_away:
            if issues[number].state_reason is not Reason.NOT_PLANNED:
                yield f"#{number} was closed as not planned and is {issues[number].state}"
        for number, key in self.parted:
            if key in (*issues[number].keys, *issues[number].aliases):
                yield f"#{number} has {key} again, which a person split from it"
        for number, before in self.locked.items():
            if lock_of(issues[number]) != before:
                yield f"#{number} is locked and was written to"

    def quiet(self, living: Collection[int]) -> Iterator[str]:
        """Open issues that nothing keeps open: their causes were mended."""
        alive = {self.keys[cause] for cause in living}
        for issue in self.place.issues():
            mended = issue.managed and not alive & set(issue.managed.all_keys)
            if mended and issue.state is State.OPEN and not issue.locked and issue.managed and not issue.managed.flaky:
                yield f"#{issue.number} is open and its cause is gone"

    def _is_right(self, key: Key, mine: Sequence[Issue]) -> bool:
        """One open issue; none where people put it away. What is locked is neither closed nor opened for anybody."""
        own = [issue for issue in mine if issue.state is State.OPEN and key in issue.keys]
        opened = own or [issue for issue in mine if issue.state is State.OPEN]
        if self.put_away & {issue.number for issue in mine}:
            return {issue.number for issue in opened} <= self.opened
        free = [issue for issue in opened if not issue.locked]
        shut = [issue for issue in opened if issue.locked and issue.number not in self.opened]
        return len(free) + len(shut) == 1 or (not free and not shut and bool(opened))

    def _by_hand(self, step: Decide, issue: Issue) -> str:
        key = self.keys[step.cause]
        if step.what == "merged":
            others = [i for i in self.place.issues() if i.number != issue.number and i.state is State.OPEN]
            into = next((i for i in others if i.managed and not i.locked), None)
            if into is None:
                return ""
            with self.place.by_hand() as tracker:
                merge(issue.number, into.number, tracker, ("gardener",))
            keys = issue.managed.all_keys if issue.managed else ()
            self.parted -= {(into.number, each) for each in keys}
            return "merged"
        if issue.managed is None or set(issue.managed.all_keys) <= {key}:
            return ""
        with self.place.by_hand() as tracker:
            split(issue.number, [key], tracker)
        self.parted.add((issue.number, key))
        return "split"

    def _look_at_locks(self) -> None:
        """A person may change what is locked."""
        self.locked = {i.number: lock_of(i) for i in self.place.issues() if i.number in self.locked}

    def _holds(self, issue: Issue, cause: int) -> bool:
        return self.keys[cause] in (*issue.keys, *issue.aliases)


def lock_of(issue: Issue) -> Lock:
    ours = [said for said in issue.comments if "<!-- gardener-operation" in said.body]
    return issue.state, issue.managed, len(ours)


def heard(issue: Issue, how: str, words: str) -> bool:
    """Whether what a person said is still there."""
    there: dict[str, Callable[[], bool]] = {
        "comment": lambda: any(said.body == words for said in issue.comments),
        "label": lambda: words in issue.labels,
        "priority": lambda: words in issue.labels,
        "text": lambda: f"{words}\n\n" in issue.body,
        "title": lambda: issue.title == words,
    }
    return there[how]()
