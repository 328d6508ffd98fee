"""One story: everything a view needs to tell what happened."""

import enum
from dataclasses import dataclass

from gardener.model.errors import Exit
from gardener.model.finding import Finding
from gardener.model.focus import Focus
from gardener.model.plan import Issue, Plan, Receipt
from gardener.model.run import Preflight, Run


class Outlook(enum.StrEnum):
    """The verdict on a run."""

    HEALTHY = "healthy"
    FAILING = "failing"
    BLOCKED = "blocked"
    EMPTY = "empty"
    CRASHED = "crashed"
    TIMED_OUT = "timed-out"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """Something that was looked at and held, or a word of context: label and value."""

    label: str
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What changed since the last run of this focus."""

    previous: str = ""  # run id; "" where this is the first
    appeared: tuple[str, ...] = ()  # fingerprints
    gone: tuple[str, ...] = ()
    stayed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """The one argument of every view."""

    focus: Focus
    preflight: Preflight
    run: Run
    findings: tuple[Finding, ...]
    plan: Plan
    receipts: tuple[Receipt, ...]
    outlook: Outlook
    exit: Exit
    verdict: str  # the verdict in one sentence, with its numbers
    change: Change
    known: tuple[Issue, ...] = ()  # the issues that the plan touches, as they were
    held: tuple[Fact, ...] = ()  # checks that held: files parse, tree clean, services answered
    artifacts: tuple[Fact, ...] = ()  # what lies where
    root: str = ""
    session: str = ""  # gardener-session-2025-09-14-1159
    version: str = ""
    python: str = ""  # the interpreter that ran the tests, and why this one
    invocation: str = ""  # the command that a person would type again
    skipped_because: str = ""  # the need that was not healthy
