"""What shall be done on the tracker, and what became of it."""

import enum
from collections.abc import Sequence
from dataclasses import dataclass

from gardener.model.finding import Finding
from gardener.model.focus import Severity
from gardener.model.key import Key, Managed

TRUSTED = frozenset({"OWNER", "MEMBER", "COLLABORATOR"})  # whose issues may be adopted, as GitHub calls them


class State(enum.StrEnum):
    """Whether an issue is open."""

    OPEN = "open"
    CLOSED = "closed"


class Reason(enum.StrEnum):
    """Why an issue was closed."""

    COMPLETED = "completed"
    NOT_PLANNED = "not_planned"
    DUPLICATE = "duplicate"


@dataclass(frozen=True, slots=True, kw_only=True)
class Comment:
    """A comment on an issue."""

    author: str
    body: str
    at: str = ""  # ISO 8601 UTC


@dataclass(frozen=True, slots=True, kw_only=True)
class IssueLink:
    """A link from one issue to another, with its reason."""

    to: int
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Issue:
    """What the tracker holds."""

    number: int
    title: str
    state: State = State.OPEN
    state_reason: Reason | None = None
    severity: Severity | None = None  # read from the priority label
    labels: tuple[str, ...] = ()
    keys: tuple[Key, ...] = ()  # of the managed block, when gardener wrote it
    author: str = ""
    ours: bool = False  # written by gardener's own login
    trusted: bool = False  # its author is an owner, member, collaborator, or listed
    locked: bool = False
    body: str = ""
    comments: tuple[Comment, ...] = ()
    links: tuple[IssueLink, ...] = ()
    created_at: str = ""
    updated_at: str = ""
    closed_at: str = ""
    closed_by_human: bool = False
    severity_by_human: bool = False  # a person set the priority label: it stays
    managed: Managed | None = None
    url: str = ""

    @property
    def aliases(self) -> tuple[Key, ...]:
        """Keys of the issues that were merged into it."""
        return self.managed.aliases if self.managed else ()


def severity_of(labels: Sequence[str]) -> Severity | None:
    """The priority that the labels of an issue say; the worst of several."""
    said = [name.upper() for name in labels if name.upper() in Severity.__members__]
    return min((Severity[name] for name in said), default=None)


class ActionKind(enum.StrEnum):
    """What is done to an issue."""

    CREATE = "create"
    UPDATE = "update"
    ESCALATE = "escalate"
    DEESCALATE = "deescalate"
    REOPEN = "reopen"
    LINK = "link"
    CLOSE = "close"
    HOLD = "hold"


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """One change with its justification. `number` is None only where there is no issue yet."""

    kind: ActionKind
    why: str
    fingerprint: str = ""  # of the finding, or of the issue's first key when nothing fails any more
    number: int | None = None
    finding: Finding | None = None  # what create, update, escalate, deescalate and reopen write about
    severity: Severity | None = None  # the new priority
    managed: Managed | None = None  # what the block shall remember
    adopt: bool = False  # the issue was somebody else's: append the block
    announce: str = ""  # a comment, where the state changes; "" for a quiet edit
    also: tuple[Finding, ...] = ()  # the other findings that a standing issue gathers
    title: str = ""  # of a new standing issue; "" where the finding gives it
    to: int | None = None  # the other end of a link
    towards: str = ""  # the same as a fingerprint, where that issue is filed by this very plan
    reason: Reason | None = None  # of a close

    @property
    def id(self) -> str:
        """What makes this action the same one when it is tried again within its run."""
        return f"{self.kind}/{self.fingerprint}/{self.number or 0}/{self.to or self.towards}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """The actions of a run; pure data that can be looked at, saved and applied later."""

    run: str
    actions: tuple[Action, ...] = ()
    based_on: tuple[str, ...] = ()  # "number:digest" of every issue that was planned against
    warnings: tuple[str, ...] = ()  # why something was left undone


class Done(enum.StrEnum):
    """What became of an action."""

    DONE = "done"
    SIMULATED = "simulated"
    HELD = "held"
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """What became of an action."""

    action: Action
    outcome: Done
    number: int | None = None  # the issue it was done to
    error: str = ""
    url: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A new issue, ready to be filed."""

    title: str
    body: str
    labels: tuple[str, ...] = ()
    operation: str = ""  # run id and fingerprint: a second try with the same one must not file again
