"""Plays a history on real parts, and says at its end what is not true of the tracker."""

import contextlib
import hashlib
import multiprocessing
import random
import threading
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Protocol

import build
from histories.people import People, Place
from histories.steps import (
    CAUSES,
    LISTS,
    PRIORITIES,
    Again,
    Decide,
    Lose,
    Once,
    Return,
    Say,
    Step,
    Together,
    Trouble,
    Turn,
    Writer,
)
from histories.writer import FOCUS, Errand, Guard, Mishap, carry_out, killed, policy

from gardener.model.key import Key
from gardener.model.plan import Issue, Reason
from gardener.model.run import Case, Counts, Ending, Outcome, Run
from gardener.ports import Tracker
from gardener.reading import sift
from gardener.store.runs import open_store

PROCESSES = multiprocessing.get_context("forkserver")
PROCESSES.set_forkserver_preload(["histories.writer"])


class Ground(Place, Protocol):
    """Where a history takes place: a store and a tracker, and what can befall them."""

    url: str
    folder: str
    repository: str
    token: str

    def door(self, writer: int) -> str:
        """Where the n-th of several writers reaches GitHub; "" for the embedded tracker."""

    def befall(self, trouble: Trouble, victim: Callable[[], None]) -> contextlib.AbstractContextManager[None]:
        """Within it GitHub does that to the first writer."""

    def turns(self, take: Callable[[int], None]) -> contextlib.AbstractContextManager[None]:
        """Within it every request of a writer waits for its turn."""

    def lose_store(self) -> None:
        """Delete the store."""

    def remember(self) -> None:
        """Note what a stale list would show later."""


class Turns:
    """Lets one of several writers go at a time, in an order drawn beforehand: what they do is the same every time."""

    def __init__(self, writers: int, order: int) -> None:
        self._draw = random.Random(order)
        self._alive = set(range(writers))
        self._waiting: set[int] = set()
        self._turn: int | None = None
        self._changed = threading.Condition()

    def take(self, writer: int) -> None:
        with self._changed:
            self._waiting.add(writer)
            self._give(writer)
            self._changed.wait_for(lambda: self._turn == writer)
            self._waiting.discard(writer)

    def leave(self, writer: int) -> None:
        with self._changed:
            self._alive.discard(writer)
            self._give(writer)

    def _give(self, by: int) -> None:
        if self._turn == by:
            self._turn = None
        if self._turn is None and self._waiting and self._waiting == self._alive:
            self._turn = self._draw.choice(sorted(self._waiting))
            self._changed.notify_all()


def failing(cause: int, test: int) -> Case:
    node = f"tests/test_part{cause}.py::test_{'ab'[test]}"
    frames = (build.frame(f"tests/test_part{cause}.py", 5, f"test_{'ab'[test]}"), build.frame(f"shop/part{cause}.py"))
    shown = build.failure(node, "LookupError", f"part {'wxyz'[cause]} has no shelf", frames=frames)
    return build.case(node, Outcome.FAILED, failures=(shown,))


def key_of(cause: int) -> Key:
    (finding,) = sift(build.run(failing(cause, 0), failing(cause, 1)), FOCUS, policy())
    return finding.fingerprint


KEYS = tuple(key_of(cause) for cause in range(CAUSES))


@dataclass
class Stage:
    """The world of one history: commits with the causes that live in them, a clock, people."""

    ground: Ground
    now: datetime = field(default_factory=lambda: datetime.now(UTC).replace(microsecond=0))
    commits: list[frozenset[int]] = field(default_factory=lambda: [frozenset({0})])
    runs: int = 0
    tally: Counter[str] = field(default_factory=Counter)  # what happened, how often
    people: People = field(init=False)

    def __post_init__(self) -> None:
        self.people = People(self.ground, KEYS)

    def play(self, history: Sequence[Step]) -> None:
        for step in history:
            self.now += timedelta(hours=1)
            self._step(step)
            self.ground.remember()

    def settle(self) -> None:
        """One more run of HEAD that nothing disturbs."""
        self.now += timedelta(hours=1)
        self._run(self._errand(Writer()))

    def living(self) -> frozenset[int]:
        return self.commits[-1]

    def wrongs(self) -> list[str]:
        """What is not as it must be now."""
        return list(self.people.wrongs(self.living()))

    def quiet(self) -> list[str]:
        """Open issues of causes that were mended."""
        return list(self.people.quiet(self.living()))

    def _step(self, step: Step) -> None:
        self.tally[type(step).__name__.lower()] += 1
        match step:
            case Turn():
                self._turn(step.cause)
            case Once():
                self._once(step.writer, step.trouble)
            case Again():
                self._again(step.writer, step.runs)
            case Return():
                self._return(step)
            case Together():
                self._together(step)
            case Lose():
                self.ground.lose_store()
                if not self.ground.repository:
                    self.people.forget()  # the issues are gone with it
            case Say():
                self.tally[f"people: {self.people.say(step) or 'nothing'}"] += 1
            case Decide():
                self._live({step.cause, *(range(CAUSES) if step.what in ("merged", "split") else ())})
                self.tally[f"people: {self.people.decide(step) or 'nothing'}"] += 1

    def _turn(self, cause: int) -> None:
        self.commits.append(self.living() ^ {cause})

    def _again(self, writer: Writer, runs: int) -> None:
        for _ in range(runs):
            self.now += timedelta(hours=1)
            self._run(self._errand(writer))

    def _live(self, causes: Collection[int]) -> None:
        """Have these causes live and be known."""
        asleep = set(causes) - self.living()
        for cause in sorted(asleep):
            self._turn(cause)
        if asleep:
            self._again(Writer(), 1)

    def _return(self, step: Return) -> None:
        self._live({step.cause})
        self._turn(step.cause)
        self._again(Writer(), step.greens)
        self._turn(step.cause)
        self.now += timedelta(hours=1)
        self._once(step.writer, step.trouble)

    def _once(self, writer: Writer, trouble: Trouble | None) -> None:
        errand = self._errand(writer)
        self.tally[f"trouble: {trouble.what if trouble else 'none'}"] += 1
        if trouble is None:
            self._run(errand)
        elif trouble.what == "killed":
            self._killed(errand, trouble)
        elif self.ground.repository:
            with self.ground.befall(replace(trouble, at=(trouble.at + 1) // 2), lambda: None):
                self._run(errand)
        elif trouble.what not in LISTS:
            self._run(errand, Mishap(trouble.at, trouble.what, trouble.when))

    def _run(self, errand: Errand, guard: Guard = lambda _: None) -> None:
        for did in carry_out(errand, guard):
            self.tally[f"run: {did}"] += 1

    def _killed(self, errand: Errand, trouble: Trouble) -> None:
        """Half of the deaths on GitHub come at a request, the others at a call."""
        at_request = bool(self.ground.repository) and trouble.at % 2 == 0
        mishap = Mishap(10**6 if at_request else trouble.at, "killed", trouble.when)
        process = PROCESSES.Process(target=killed, args=(errand, mishap))
        befalls = self.ground.befall(replace(trouble, at=(trouble.at + 2) // 4), process.kill)
        with befalls if at_request else contextlib.nullcontext():
            process.start()
            process.join()
        self.tally["really killed"] += process.exitcode != 0
        process.close()

    def _together(self, step: Together) -> None:
        turns = Turns(len(step.writers), step.order)
        errors: list[BaseException] = []

        def work(number: int, errand: Errand) -> None:
            try:
                turns.take(number)
                guard = (lambda _: None) if self.ground.repository else lambda _: turns.take(number)
                self._run(errand, guard)
            except BaseException as error:  # noqa: BLE001 - told by the test, not by a thread
                errors.append(error)
            finally:
                turns.leave(number)

        errands = [self._errand(writer, number) for number, writer in enumerate(step.writers)]
        with self.ground.turns(turns.take):
            threads = [threading.Thread(target=work, args=given) for given in enumerate(errands)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
        if errors:
            raise errors[0]

    def _errand(self, writer: Writer, number: int = 0) -> Errand:
        at = max(0, len(self.commits) - 1 - writer.behind)
        names = [hashlib.sha1(f"{place}".encode()).hexdigest() for place in range(at + 1)]
        now = self.now + timedelta(hours=writer.clock_h)
        self.runs += 1
        cases = run_of(self.commits[at], writer)
        run = Run(
            id=f"{now:%Y%m%d-%H%M%S}-{self.runs:04d}",
            focus="unit",
            selection="tests",
            commit=names[-1],
            branch="main",
            started=f"{now:%Y-%m-%dT%H:%M:%SZ}",
            ending=Ending.CRASHED if writer.kind == "crashed" else Ending.FINISHED,
            narrowed=writer.kind == "narrowed",
            cases=cases,
            counts=Counts.of(cases),
        )
        return Errand(
            url=self.ground.url,
            folder=self.ground.folder,
            run=run,
            ancestors=frozenset(names),
            now=now + timedelta(minutes=5),
            repository=self.ground.repository,
            github=self.ground.door(number),
            token=self.ground.token,
        )


def run_of(alive: frozenset[int], writer: Writer) -> tuple[Case, ...]:
    cases: list[Case] = [build.case("tests/test_fine.py::test_fine")]
    for cause in range(CAUSES):
        for test in range(2):
            red = failing(cause, test)
            cases.append(red if cause in alive else build.case(red.node))
    if writer.kind == "narrowed":
        return tuple(cases[:3])
    if writer.kind == "crashed":
        cases[3:] = [replace(case, outcome=Outcome.NOT_RUN, failures=()) for case in cases[3:]]
    return tuple(cases)


@dataclass
class Embedded:
    """The embedded tracker: all is in the store."""

    url: str
    folder: str
    forget: Callable[[], None]
    repository: str = ""
    token: str = ""

    def door(self, writer: int) -> str:
        return ""

    def befall(self, trouble: Trouble, victim: Callable[[], None]) -> contextlib.AbstractContextManager[None]:
        return contextlib.nullcontext()

    def turns(self, take: Callable[[int], None]) -> contextlib.AbstractContextManager[None]:
        return contextlib.nullcontext()

    def lose_store(self) -> None:
        self.forget()

    def issues(self) -> Sequence[Issue]:
        with self._opened() as store:
            return store.tracker().issues()

    def say(self, number: int, how: str, words: str) -> None:
        with self._opened() as store:
            person = store.tracker(by_hand=True)
            if how == "comment":
                person.comment(number, words)
            elif how == "label":
                person.edit(number, add_labels=[words])
            elif how == "priority":
                person.edit(number, add_labels=[words], remove_labels=[p for p in PRIORITIES if p != words])
            elif how == "title":
                person.edit(number, title=words)
            else:
                person.edit(number, body=f"{words}\n\n{person.issue(number).body}")

    def decide(self, number: int, what: str) -> None:
        with self.by_hand() as person:
            if what == "reopened":
                person.reopen(number)
            else:
                person.close(number, Reason.COMPLETED if what == "completed" else Reason.NOT_PLANNED)

    @contextlib.contextmanager
    def by_hand(self) -> Iterator[Tracker]:
        with self._opened() as store:
            yield store.tracker(by_hand=True)

    def remember(self) -> None:
        pass

    def _opened(self) -> Any:
        return contextlib.closing(open_store(self.url, Path(self.folder), lambda: datetime.now(UTC)))
