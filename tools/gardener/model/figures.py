"""What the statistics of a past say: a rate, where it broke, all of it together."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """How often of how many times, with the interval that holds the true rate in 95 of 100 cases."""

    hits: int
    of: int
    low: float
    high: float

    def __str__(self) -> str:
        if not self.of:
            return "never ran"
        percent = f"{self.hits / self.of:.1%}, 95 % interval {self.low:.1%} to {self.high:.1%}"
        return f"{self.hits} of {self.of} ({percent})"


@dataclass(frozen=True, slots=True, kw_only=True)
class BadRange:
    """Where it broke: somewhere in (good, bad]. Empty `good`: it was never seen to pass before."""

    good: str  # the last that passed
    bad: str  # the first that failed after it
    between: int  # how many lie between them and told nothing
    relapses: int  # how often it went from failed to passed before: above 0, it comes and goes

    def __str__(self) -> str:
        since = f"passed at {self.good[:12]}, " if self.good else "never seen to pass, "
        untold = f", {self.between} between them not tried" if self.good and self.between else ""
        before = f"; it came and went {self.relapses}× before" if self.relapses else ""
        return f"{since}failed from {self.bad[:12]} on{untold}{before}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """A test or a finding in one remembered run."""

    run: str
    focus: str
    started: str  # ISO 8601 UTC
    commit: str | None
    outcome: str  # passed, failed, error, lost; flaky where a later attempt passed


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """The past of a test or a finding in numbers."""

    course: str  # a letter for each run that tells, oldest first: p passed, f failed, x both
    failing: Rate
    last_pass: str = ""  # start of the run
    first_bad: BadRange | None = None  # where it fails now
    mixed: tuple[str, ...]  # commits at which it both passed and failed: flaky
    worse_by_chance: float | None = None  # Fisher's exact test of the failures since the last pass against those before
