"""What a run's failures come down to: findings, with what is known of each."""

import enum
from dataclasses import dataclass, field

from gardener.model.cause import Cause
from gardener.model.focus import Severity
from gardener.model.key import Key
from gardener.model.run import Failure
from gardener.model.text import CleanText


class Nature(enum.StrEnum):
    """Found from history and git, never guessed; `new` where nothing is known."""

    REGRESSION = "regression"
    NEW = "new"
    ACTIVE_DEV = "active-dev"
    FLAKY = "flaky"
    INFRASTRUCTURE = "infrastructure"


class Kind(enum.StrEnum):
    """What the user sees of a finding."""

    FAILING = "failing"
    UNCOLLECTABLE = "uncollectable"
    WARNING = "warning"
    INFRASTRUCTURE = "infrastructure"


class Confidence(enum.StrEnum):
    """How sure a decision is."""

    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """A cause with the rule that named it, and what came second."""

    cause: Cause
    rule: str  # "signature.missing-argument"
    confidence: Confidence = Confidence.HIGH
    severity: Severity | None = None  # where the rule fixes it
    quote: CleanText = CleanText("")  # the words that the rule matched
    runner_up: str = ""  # "attribute.no-attribute: later in the table"
    area: str = ""  # where a user rule names it
    group: str = ""  # where a user rule groups by it
    ignore: bool = False  # where a user rule says that this is no finding


@dataclass(frozen=True, slots=True, kw_only=True)
class Past:
    """What is remembered of a finding's keys. All zero and empty: never seen before."""

    first_seen: str = ""  # ISO 8601 UTC
    last_seen: str = ""
    runs_failed: int = 0  # those in which one of the keys was seen
    runs_passed: int = 0  # those in which all its tests passed and none of the keys was seen
    failing_streak: int = 0  # of those that failed, the newest ones without a pass between them
    relapses: int = 0  # how often it passed after it had failed: above 0, it comes and goes
    first_fail_commit: str = ""  # of the first run that failed since the last pass; "" where none did before this one
    last_pass: str = ""  # start of the last run in which all its tests passed
    last_pass_commit: str = ""
    green_streak: int = 0
    tests_passed_before: int = 0  # tests of this finding that passed in an earlier run
    same_commit_pass: bool = False  # at least half of its tests passed and failed on one commit


@dataclass(frozen=True, slots=True, kw_only=True)
class Suspect:
    """A commit that may have brought the finding."""

    commit: str  # full hash
    author: str
    reason: str
    confidence: Confidence
    subject: str = ""  # first line of the commit's message


@dataclass(frozen=True, slots=True, kw_only=True)
class Join:
    """Two keys of one finding, and why they are one."""

    key: Key
    why: str
    evidence: str = "text"  # text, sources, git, spectrum


@dataclass(frozen=True, slots=True, kw_only=True)
class Relation:
    """Another finding or issue that has to do with this one."""

    target: str  # a fingerprint or "#12"
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Why:
    """One sentence for each decision about a finding; none is ever empty once judged."""

    cause: str = ""
    group: str = ""
    nature: str = ""
    severity: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """The failures of a run that share one root cause."""

    keys: tuple[Key, ...]  # the first is the fingerprint
    failures: tuple[Failure, ...]  # the root member first
    kind: Kind
    cause: Cause
    slug: str  # readable, from the evidence: "connection-info-constructor"
    title: str  # one human sentence
    tests: tuple[str, ...] = ()  # node ids, each once, in order of the run
    verdict: Verdict | None = None
    joins: tuple[Join, ...] = ()
    nature: Nature = Nature.NEW
    severity: Severity = Severity.P2
    confidence: Confidence = Confidence.HIGH  # of the grouping and the cause together
    area: str = ""
    raise_next: str = ""  # what would raise the severity
    past: Past = field(default_factory=Past)
    known_since: str = ""  # it was there when gardener came: start of the run that wrote it down
    suspects: tuple[Suspect, ...] = ()
    related: tuple[Relation, ...] = ()
    impact: str = ""  # configured text; "" where none matches
    critical: bool = False  # touches what the repository calls business-critical
    blocked: tuple[str, ...] = ()  # tests that this finding kept from running; each stands under one finding
    akin: tuple[Key, ...] = ()  # coarser or finer keys of its wrong values: another run may have filed it by them
    would_block: int = 0  # tests that it would keep from running next, were another finding mended
    why: Why = field(default_factory=Why)

    @property
    def fingerprint(self) -> Key:
        """The key of the root member."""
        return self.keys[0]

    @property
    def count(self) -> int:
        """Tests that fail by it; where there are none (warnings), how often it was seen."""
        return len(self.tests) or sum(failure.count for failure in self.failures)

    @property
    def root(self) -> Failure:
        """The failure that shows the cause best."""
        return self.failures[0]


@dataclass(frozen=True, slots=True, kw_only=True)
class Definition:
    """A class or function as the sources define it."""

    path: str
    name: str  # qualified: "TestEvents.setUp"
    kind: str  # "class", "function", "async function"
    bases: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A commit and what it touched since the last good run."""

    commit: str
    author: str
    subject: str
    paths: tuple[str, ...] = ()
    functions: tuple[str, ...] = ()  # "path::Qualified.name"
    signatures: tuple[str, ...] = ()  # those of them that came, went, or can be called or used in another way now
    idle: tuple[str, ...] = ()  # paths in which no definition changed: comments, layout, what only moved


@dataclass(frozen=True, slots=True, kw_only=True)
class Touched:
    """A definition that changed since a good run, and the lines by which a test meets the change."""

    path: str
    name: str  # qualified
    lines: tuple[int, ...] = ()
    gone: bool = False  # it is there no more, or under another name
    first: int = 0  # the line where a function begins
    now: str = ""  # the source of a function, in classes that hold nothing else
    before: str = ""  # what it was in the good run

    def __str__(self) -> str:
        """`path::name`."""
        return f"{self.path}::{self.name}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Trace:
    """What one test ran, when it was watched, of that which changed since it passed.

    Undone alone, the change of `healed` let the test pass, and those of `vain` did not.
    """

    test: str
    passed: bool
    met: tuple[str, ...] = ()  # `path::name` of each
    healed: str = ""
    vain: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Break:
    """A change of something that a test exercises, made after the test was changed last."""

    commit: str  # of the first-parent line, full hash; "" for the work tree
    author: str
    subject: str
    path: str
    place: str  # "path::Qualified.name", or the path alone
    what: str  # "Cart.total in shop/cart.py changed"
    near: int  # 0: the error names it, 1: it fails there, 2: the test comes to it by names and imports


@dataclass(frozen=True, slots=True, kw_only=True)
class Lineage:
    """When a failing test was changed last, and what broke below it since, the likeliest first."""

    test: str  # node id
    written: str  # full hash; "" for the work tree
    breaks: tuple[Break, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What sources, git and spectrum know, as values for triage. Empty: only the text speaks."""

    own: tuple[str, ...] = ()  # folders and files of the repository's own code
    passed: tuple[str, ...] = ()  # node ids of the tests that passed in this run
    definitions: tuple[Definition, ...] = ()
    unawaited_setups: tuple[str, ...] = ()  # "path::Class" whose async setUp nothing awaits
    changed_now: tuple[str, ...] = ()  # paths changed in the work tree
    changed_on_branch: tuple[str, ...] = ()  # paths changed in commits the default branch lacks
    lineages: tuple[Lineage, ...] = ()  # of the failing tests
    imports: tuple[tuple[str, tuple[str, ...]], ...] = ()  # test file → own product files it imports
    touched: tuple[Touched, ...] = ()  # product definitions that changed since the failing tests passed
    traces: tuple[Trace, ...] = ()  # of the failing tests that were watched, and of passing ones beside them
    on_default_branch: bool = False
    dirty: bool = False  # tracked files are changed and not committed
    shallow: bool = False  # history ends where it was cut off
    no_git: str = ""  # why git could tell nothing
