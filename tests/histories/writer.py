"""One gardener at work in a history: the real flow on a real store and tracker, watched wherever it writes."""

import os
import signal
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

import stamina

from gardener import ports
from gardener.flow import Brief, tend
from gardener.model.errors import GardenerError, OutcomeUnknown, StoreError, TrackerError
from gardener.model.finding import Evidence
from gardener.model.focus import Focus
from gardener.model.policy import Policy
from gardener.model.run import Launched, Preflight, Run
from gardener.ports import World
from gardener.render.engine import Templates
from gardener.render.issue import Writing
from gardener.rulebook import load_rulebook
from gardener.store.runs import open_store
from gardener.trackers.github import GitHubTracker

FOCUS = Focus(name="unit")
WRITES = ("create", "edit", "comment", "close", "reopen", "link")
READS = ("issues", "issue")
NOTES = ("record", "begin", "settle")

Guard = Callable[[str], None]  # called with "before create", "after create" …


@dataclass(frozen=True, kw_only=True)
class Errand:
    """What one gardener does, and where; can be sent to another process."""

    url: str  # of the store
    folder: str
    run: Run
    ancestors: frozenset[str]
    now: datetime
    repository: str = ""  # on GitHub; "" for the embedded tracker
    github: str = ""
    token: str = ""


@dataclass
class Mishap:
    """Something that happens at the n-th point where a writer writes: an error, or its death."""

    at: int
    what: str  # killed, refused, lost, full
    when: str  # before, after
    only: Collection[str] = field(default=(*WRITES, *NOTES))

    def __call__(self, point: str) -> None:
        when, name = point.split()
        if when != self.when or name not in self.only:
            return
        self.at -= 1
        if self.at != 0:
            return
        if self.what == "killed":
            os.kill(os.getpid(), signal.SIGKILL)
        if name in NOTES:
            raise StoreError("the store has no room", "make room")
        if when == "after":
            raise OutcomeUnknown("the answer was lost", "look again")
        raise TrackerError("not now", "later")


class Watched:
    """A part whose calls are announced before and after."""

    def __init__(self, inner: Any, names: Collection[str], guard: Guard) -> None:
        self._inner, self._names, self._guard = inner, names, guard

    def __getattr__(self, name: str) -> Any:
        value = getattr(self._inner, name)
        if name not in self._names:
            return value

        def call(*given: Any, **named: Any) -> Any:
            self._guard(f"before {name}")
            answer = value(*given, **named)
            self._guard(f"after {name}")
            return answer

        return call


@cache
def policy() -> Policy:
    return Policy(rulebook=load_rulebook(), close_after_green=2)


@cache
def templates() -> Templates:
    return Templates(None)


def carry_out(errand: Errand, guard: Guard = lambda _: None) -> tuple[str, ...]:
    """One run from its report to its receipts: what was done. What goes wrong ends it, as it would end a command."""
    store = open_store(errand.url, Path(errand.folder), lambda: errand.now)
    try:
        story = tend(FOCUS, _world(errand, store, guard), Brief(policy=policy(), write=_writing))
    except GardenerError:
        return ("ended early",)
    else:
        return tuple(f"{receipt.action.kind} {receipt.outcome}" for receipt in story.receipts)
    finally:
        store.close()


def killed(errand: Errand, mishap: Mishap) -> None:
    """The same in a process of its own, which may not outlive it."""
    stamina.set_testing(testing=True, attempts=5, cap=True)  # nobody waits between two tries
    carry_out(errand, mishap)


def _writing(focus: Focus, preflight: Preflight, run: Run) -> Writing:
    return Writing(templates=templates(), focus=focus, run=run, close_after=2)


def _world(errand: Errand, store: Any, guard: Guard) -> World:
    tracker: Any = store.tracker()
    if errand.repository:
        tracker = GitHubTracker(
            errand.repository,
            errand.token,
            base_url=errand.github,
            known=store.filed(errand.repository),
            now=lambda: errand.now,
            sleep=lambda _: None,
        )
    return World(
        check=lambda focus: Preflight(),
        launch=lambda focus, answers: Launched(folder=""),
        read=lambda focus, answers, launched: errand.run,
        look_again=lambda focus: Preflight(),
        evidence=lambda run: Evidence(),
        touched=lambda commit: (),
        watch=lambda focus, preflight, run, tests, lines: ports.Watched(),
        suspects=lambda finding, known: (),
        ancestors=lambda commits: frozenset(commits) & errand.ancestors,
        tracker=Watched(tracker, (*WRITES, *READS), guard),  # type: ignore[arg-type]
        store=Watched(store, (*NOTES, "past", "last_run"), guard),  # type: ignore[arg-type]
        now=lambda: errand.now,
        note=lambda story: None,
        may_write=lambda run: "",
        facts=lambda run, preflight: (),
        keep=lambda story: story,
        say=lambda line: None,
    )
