"""The phases of tests, in the order in which they were logged, as cases."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from gardener.model.run import Case, Failure, Origin, Outcome
from gardener.model.text import Redactor
from gardener.readers.traceback import printed_in, quoted_in, read_traceback

LIMIT = 64 * 1024  # characters kept of one text
_ORIGINS = {"setup": Origin.SETUP, "call": Origin.CALL, "teardown": Origin.TEARDOWN}


@dataclass(frozen=True, slots=True, kw_only=True)
class Phase:
    """One phase of one test as its report tells it; `when` is "???" where an xdist worker died."""

    node: str
    when: str
    outcome: str  # passed, failed, skipped, rerun
    seconds: float = 0.0
    text: str = ""  # the printed traceback
    captured: str = ""
    reason: str = ""  # of a skip
    xfail: bool = False  # marked so; a reason need not be given


@dataclass(frozen=True, slots=True, kw_only=True)
class Scribe:
    """Makes records from raw texts: clean, bounded, with paths relative to `root`."""

    redactor: Redactor
    root: str = ""

    def failure(self, subject: str, origin: Origin, text: str, captured: str = "") -> Failure:
        """A failure from its printed traceback."""
        detail = self.redactor.keep(text, LIMIT)
        traced = read_traceback(detail, self.root)
        kept = self.redactor.keep(captured, LIMIT)
        return Failure(
            subject=self.redactor.clean(subject),
            origin=origin,
            exception=traced.exception,
            message=traced.message,
            chain=traced.chain,
            frames=traced.frames,
            detail=detail,
            captured=kept,
            printed=printed_in(quoted_in(traced.message) or kept, self.root),
        )

    def uncollected(self, node: str, text: str, captured: str = "") -> Case:
        """A file that cannot be collected is one test whose node id is the file."""
        failure = self.failure(node or ".", Origin.COLLECTION, text, captured)
        return Case(node=failure.subject, outcome=Outcome.ERROR, failures=(failure,))

    def skipped(self, node: str, reason: str) -> Case:
        """A file that skips itself as a whole."""
        return Case(node=self.redactor.clean(node), outcome=Outcome.SKIPPED, reason=self._reason(reason))

    def cases(self, phases: Iterable[Phase], begun: Iterable[str] = ()) -> tuple[Case, ...]:
        """A case for every attempt of every test that began, in the order of their beginning."""
        tests: dict[str, list[_Attempt]] = {node: [_Attempt()] for node in begun}
        for phase in phases:
            attempts = tests.setdefault(phase.node, [_Attempt()])
            if phase.when == "setup" and attempts[-1].has("setup"):
                attempts.append(_Attempt())
            attempts[-1].phases.append(phase)
        return tuple(
            self._case(node, attempt, number)
            for node, attempts in tests.items()
            for number, attempt in enumerate(attempts, 1)
        )

    def _case(self, node: str, attempt: "_Attempt", number: int) -> Case:
        outcome = attempt.outcome()
        failures = tuple(
            self.failure(node, _ORIGINS.get(phase.when, Origin.CRASH), phase.text, phase.captured)
            for phase in attempt.phases
            if phase.outcome in ("failed", "rerun")
        )
        reason = next((phase.reason for phase in attempt.phases if phase.outcome == "skipped"), "")
        return Case(
            node=self.redactor.clean(node),
            outcome=outcome,
            duration_s=round(sum(phase.seconds for phase in attempt.phases), 6),
            attempt=number,
            failures=tuple(_numbered(failures, number)) if outcome in (Outcome.FAILED, Outcome.ERROR) else (),
            reason=self._reason(reason),
        )

    def _reason(self, text: str) -> str:
        return self.redactor.keep(text.removeprefix("Skipped: "), 500)


def _numbered(failures: Sequence[Failure], number: int) -> Iterable[Failure]:
    return failures if number == 1 else (replace(failure, attempt=number) for failure in failures)


@dataclass(slots=True)
class _Attempt:
    phases: list[Phase] = field(default_factory=list)

    def has(self, when: str) -> bool:
        return any(phase.when == when for phase in self.phases)

    def outcome(self) -> Outcome:
        """Passed is only what passed its call, failed in no phase and came to its end."""
        failed = {phase.when for phase in self.phases if phase.outcome in ("failed", "rerun")}
        skipped = [phase for phase in self.phases if phase.outcome == "skipped"]
        calls = [phase for phase in self.phases if phase.when == "call"]
        if failed - {"setup", "teardown"}:
            return Outcome.FAILED
        if failed:
            return Outcome.ERROR
        if not self.has("teardown"):
            return Outcome.LOST
        if skipped:
            return Outcome.XFAILED if skipped[0].xfail else Outcome.SKIPPED
        if not calls:
            return Outcome.NOT_RUN
        return Outcome.XPASSED if calls[0].xfail else Outcome.PASSED
