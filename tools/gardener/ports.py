"""What the flow needs from the world, as interfaces; the one who needs them declares them."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from gardener.model.finding import Evidence, Finding, Past, Suspect, Touched
from gardener.model.focus import Focus
from gardener.model.plan import Draft, Issue, Plan, Reason, Receipt
from gardener.model.run import Launched, Preflight, Run
from gardener.model.story import Fact, Story


class Tracker(Protocol):
    """A tracker of issues. Every method may raise TrackerError; a write also OutcomeUnknown."""

    @property
    def name(self) -> str:
        """`embedded` or `github:owner/repository`."""

    @property
    def warnings(self) -> Sequence[str]:
        """What was done only in part, in words: labels that were dropped, say."""

    def issues(self) -> tuple[Issue, ...]:
        """Ours by label and those that may be adopted, open and closed, by number. TrackerUnreliable when in doubt."""

    def issue(self, number: int, *, comments: bool = True) -> Issue:
        """One issue, read anew; `comments` may be left out where that is cheaper. TrackerError when there is none."""

    def create(self, draft: Draft) -> Issue:
        """File it; the same `operation` a second time returns the issue that is there."""

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
        """Change what is given and leave the rest. IssueMoved where the body is no longer what it `was`."""

    def comment(self, number: int, text: str) -> None:
        """Say something on an issue."""

    def close(self, number: int, reason: Reason, duplicate_of: int | None = None) -> Issue:
        """Close it; closing a closed one does nothing."""

    def reopen(self, number: int) -> Issue:
        """Open it again; reopening an open one does nothing."""

    def link(self, number: int, to: int, why: str) -> Issue:
        """Link one issue to another, once."""


class Store(Protocol):
    """The memory. Every method may raise StoreError."""

    def record(self, run: Run, findings: Sequence[Finding], plan: Plan) -> None:
        """Keep a run, its findings and its plan, in one transaction. A second time with the same run replaces it."""

    def past(self, findings: Sequence[Finding], focus: str, run: Run) -> Mapping[str, Past]:
        """What earlier runs know of each finding, by fingerprint."""

    def last_run(self, focus: str, before: str) -> tuple[str, tuple[str, ...]] | None:
        """The id of the run of this focus before a run id, with the fingerprints it found; None where there is none."""

    def begin(self, run: str, action: str, what: str) -> Receipt | None:
        """Write down the intent of an action; its receipt where it was done before."""

    def settle(self, run: str, receipts: Sequence[Receipt]) -> None:
        """Write down what became of actions."""

    def pending(self) -> tuple[tuple[str, str], ...]:
        """(run, action) of intents without a receipt."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Watched:
    """Tests that ran once more, watched. Empty where they did not."""

    ran: Mapping[str, Mapping[str, Sequence[int]]] = field(default_factory=dict)  # by test and path: wanted lines
    tried: Mapping[str, Mapping[str, bool]] = field(default_factory=dict)  # by test: whether it passed without a change
    passed: frozenset[str] = frozenset()
    failed: frozenset[str] = frozenset()
    note: str = ""  # what was done, or why nothing was


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """Everything outside, opened by `wiring`. Functions, so that a test may pass values."""

    check: Callable[[Focus], Preflight]
    launch: Callable[[Focus, Preflight], Launched]
    read: Callable[[Focus, Preflight, Launched], Run]
    look_again: Callable[[Focus], Preflight]  # at the disk alone, after a build failed
    evidence: Callable[[Run], Evidence]
    touched: Callable[[str], tuple[Touched, ...]]  # the definitions that changed since a commit
    watch: Callable[[Focus, Preflight, Run, Sequence[str], Sequence[Touched]], Watched]  # tests, and what changed
    suspects: Callable[[Finding, Evidence], tuple[Suspect, ...]]  # the commits that may have brought a judged finding
    ancestors: Callable[[Collection[str]], frozenset[str]]  # which of these commits are in the history of HEAD
    tracker: Tracker
    store: Store
    now: Callable[[], datetime]
    note: Callable[[Story], None]  # keeps a story whose plan is about to be carried out, so that it can be resumed
    may_write: Callable[[Run], str]  # "" when it may, else why actions are only simulated
    facts: Callable[[Run, Preflight], tuple[Fact, ...]]  # what was looked at and held
    keep: Callable[[Story], Story]  # writes worklog, report and result; adds the artifacts
    say: Callable[[str], None]  # one line of progress
