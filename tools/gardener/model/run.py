"""What one execution of a focus recorded: checks, cases, failures."""

import enum
import functools
import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime

from gardener.model.text import CleanText

_OUTSIDE = re.compile(r"^(?:\.\.|[/\\<]|[A-Za-z]:)")
_INSTALLED = re.compile(r"^<|(?:^|/)(?:site-packages|dist-packages|\.?v?env|\.tox|\.nox|[Ll]ib/python3[^/]*)/")


def moment(at: float) -> str:
    """A time of the epoch as records hold it: ISO 8601 UTC to the second; "" for 0, and for what is in no calendar."""
    try:
        return f"{datetime.fromtimestamp(at, UTC):%Y-%m-%dT%H:%M:%SZ}" if at else ""
    except (ValueError, OverflowError, OSError):
        return ""


class Origin(enum.StrEnum):
    """Where a failure came from."""

    PREFLIGHT = "preflight"
    COLLECTION = "collection"
    SETUP = "setup"
    CALL = "call"
    TEARDOWN = "teardown"
    CRASH = "crash"
    BUILD = "build"  # a service was not built or started; no test of its own
    WARNING = "warning"


class Outcome(enum.StrEnum):
    """What became of one test."""

    PASSED = "passed"
    FAILED = "failed"
    ERROR = "error"
    SKIPPED = "skipped"
    XFAILED = "xfailed"
    XPASSED = "xpassed"
    BLOCKED = "blocked"  # never started: preflight found what it needs missing
    LOST = "lost"  # was running when the process ended
    NOT_RUN = "not_run"  # selected, never reached


BAD = frozenset({Outcome.FAILED, Outcome.ERROR})


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """One line of a traceback, outermost first in any list of frames."""

    path: str  # as printed, forward slashes; relative to the root when inside it
    line: int | None = None
    function: str | None = None  # None where the report does not name it
    code: str | None = None  # the source line, where the report quotes it


@functools.lru_cache(maxsize=4096)  # the frames of a run lie in few files
def is_own(path: str) -> bool:
    """Whether a path lies in the repository: relative to its root, and not in an environment below it."""
    return not (_OUTSIDE.search(path) or _INSTALLED.search(path))


def is_installed(path: str) -> bool:
    """Whether a path lies in an environment or an interpreter, wherever the repository may be."""
    return bool(_INSTALLED.search(path))


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """One exception of a chain, root cause first."""

    exception: str  # "KeyError", "json.decoder.JSONDecodeError"
    message: CleanText
    frames: tuple[Frame, ...] = ()
    joint: str | None = None  # how the next one followed: "cause" (raise from), "context" (during handling)


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """One thing that went wrong: a test phase, a collector, a warning, a preflight check, a crash."""

    subject: str  # node id; the file for a collector; the check's id for preflight; the file for a warning
    origin: Origin
    exception: str | None = None  # type name of the last exception, as printed
    message: CleanText = CleanText("")  # message of the last exception, without its type
    chain: tuple[Link, ...] = ()  # root first; () where only one exception is known
    frames: tuple[Frame, ...] = ()  # of the last exception, outermost first
    detail: CleanText = CleanText("")  # the whole traceback as pytest printed it, bounded
    captured: CleanText = CleanText("")  # log, stdout, stderr of the test, bounded
    printed: tuple[Link, ...] = ()  # the one exception, root first, whose traceback stands in `captured`
    shard: str = ""
    attempt: int = 1
    places: tuple[str, ...] = ()  # "path:line" of a warning's places
    count: int = 1  # how often a warning was seen

    def frames_below(self, folders: Collection[str]) -> tuple[Frame, ...]:
        """The frames in one of these folders or files."""
        return tuple(
            frame
            for frame in self.frames
            if any(frame.path == folder or frame.path.startswith(f"{folder}/") for folder in folders)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One test and what became of it, with the failures of its phases."""

    node: str
    outcome: Outcome
    duration_s: float = 0.0
    shard: str = ""
    attempt: int = 1
    failures: tuple[Failure, ...] = ()
    blocked_by: str | None = None  # a check's id, where the outcome is blocked
    reason: str = ""  # why skipped, xfailed, blocked, lost


class Status(enum.StrEnum):
    """The answer of a preflight check."""

    OK = "ok"
    WARN = "warn"
    BLOCK = "block"
    UNKNOWN = "unknown"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One preflight question with its answer: one entry per problem, one `ok` entry where there is none."""

    id: str  # engine, disk, build-context, images, ports, services
    status: Status
    found: CleanText = CleanText("")
    needed: str = ""
    why: str = ""  # why it matters to this focus
    remedy: str = ""  # one command
    location: str | None = None  # "path:line" of the compose file, Dockerfile or ignore file
    service: str | None = None
    blocks: tuple[str, ...] = ()  # node ids or selectors of the tests that cannot run
    cause: str | None = None  # the cause (causes.md) that this problem would show up as


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One thing that gardener tried: a command and what came of it."""

    command: str
    result: str
    error: CleanText = CleanText("")


@dataclass(frozen=True, slots=True, kw_only=True)
class Preflight:
    """The answers of all checks of a focus."""

    checks: tuple[Check, ...] = ()
    attempts: tuple[Attempt, ...] = ()  # what recovery tried, in order

    @property
    def blocking(self) -> tuple[Check, ...]:
        """The checks that keep tests from running."""
        return tuple(check for check in self.checks if check.status is Status.BLOCK)

    @property
    def blocked(self) -> bool:
        """Whether any check blocks at least some tests."""
        return bool(self.blocking)

    def failures(self) -> tuple[Failure, ...]:
        """Blocking checks and warnings as failures like any other: they become findings."""
        return tuple(
            Failure(
                subject=check.id,
                origin=Origin.PREFLIGHT,
                exception=check.cause,
                message=check.found,
                detail=CleanText("\n".join(part for part in (check.found, check.needed, check.remedy) if part)),
                places=(check.location,) if check.location else (),
            )
            for check in self.checks
            if check.status in (Status.BLOCK, Status.WARN)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """How many tests, by outcome. The one place where tests are counted."""

    collected: int = 0
    passed: int = 0
    failed: int = 0
    error: int = 0
    skipped: int = 0
    xfailed: int = 0
    xpassed: int = 0
    blocked: int = 0
    lost: int = 0
    not_run: int = 0

    @classmethod
    def of(cls, cases: Iterable["Case"]) -> "Counts":
        """Count tests by the outcome of their first attempt; `collected` is all of them."""
        tally = dict.fromkeys((outcome.value for outcome in Outcome), 0)
        for case in cases:
            tally[case.outcome.value] += case.attempt == 1
        return cls(collected=sum(tally.values()), **tally)

    @property
    def red(self) -> int:
        """Tests that are not fine: failed, error and lost."""
        return self.failed + self.error + self.lost


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What one reader understood of one report, before reports of a run are merged."""

    kind: str  # the reader's name: pytest-json-report, journal, reportlog, junit, console
    cases: tuple[Case, ...] = ()
    failures: tuple[Failure, ...] = ()  # those that belong to no case: warnings, crashes
    empty_files: tuple[str, ...] = ()  # selected files that hold no test
    complete: bool = True  # the session ended and the report says so
    exit_code: int | None = None  # as the report claims it
    deselected: int = 0
    root: str = ""  # rootdir of the run, as the report names it
    started: str = ""  # ISO 8601 UTC; "" where unknown
    duration_s: float = 0.0
    python: str = ""
    pytest: str = ""
    platform: str = ""
    notes: tuple[str, ...] = ()  # what was missing or odd, in words


class Ending(enum.StrEnum):
    """How the test process ended, as gardener saw it."""

    FINISHED = "finished"
    CRASHED = "crashed"
    TIMED_OUT = "timed-out"
    INTERRUPTED = "interrupted"


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One execution of one focus with everything it recorded."""

    id: str  # UTC time plus four random characters: 20250914-115900-k3x9
    focus: str
    selection: str  # the pytest arguments, as one shell-quoted line
    commit: str | None = None
    branch: str | None = None
    dirty: bool = False  # tracked files are changed
    started: str = ""  # ISO 8601 UTC
    duration_s: float = 0.0
    python: str = ""
    pytest: str = ""
    platform: str = ""
    command: str = ""
    exit_code: int | None = None  # of pytest; None when it never ended by itself
    ending: Ending = Ending.FINISHED
    partial: bool = False  # the reports say that something is missing from them
    narrowed: bool = False
    shards: tuple[str, ...] = ()
    expected_shards: tuple[str, ...] = ()
    cases: tuple[Case, ...] = ()
    loose: tuple[Failure, ...] = ()  # failures that belong to no case: warnings, crashes, empty files
    notes: tuple[str, ...] = ()
    counts: Counts = field(default_factory=Counts)

    @property
    def complete(self) -> bool:
        """Whether every selected test was accounted for; only complete runs are evidence for closing."""
        whole = self.ending is Ending.FINISHED and not (self.partial or self.counts.lost or self.counts.not_run)
        return whole and set(self.expected_shards) <= set(self.shards)

    def passed(self) -> tuple[str, ...]:
        """Node ids of the tests that passed."""
        return tuple(case.node for case in self.cases if case.outcome is Outcome.PASSED)

    def failures(self) -> tuple[Failure, ...]:
        """Every failure of the run: those of its cases in order, then the loose ones."""
        return tuple(failure for case in self.cases for failure in case.failures) + self.loose


@dataclass(frozen=True, slots=True, kw_only=True)
class Launched:
    """What a test process left behind: raw files in a private folder, and how it ended."""

    folder: str  # private, mode 0700; removed once it was read
    reports: tuple[str, ...] = ()  # report files in it, or those that were given
    console: str | None = None  # the file that holds stdout and stderr
    exit_code: int | None = None
    ending: Ending = Ending.FINISHED
    limit_s: float | None = None  # the time limit of the whole run
    tail: CleanText = CleanText("")  # the end of what was printed
    command: str = ""  # what was run, shell-quoted
    selection: str = ""  # the pytest arguments alone, shell-quoted
    started: str = ""  # ISO 8601 UTC
    duration_s: float = 0.0
    notes: tuple[str, ...] = ()  # what was neutralised or missing, in words
