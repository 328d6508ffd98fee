"""The shapes of the JSON that gardener prints: typed, versioned, the source of the shipped schemas."""

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class FrameShape:
    """One line of a traceback."""

    path: str
    line: int | None
    function: str | None
    code: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidenceShape:
    """What the finding rests on."""

    exception: str
    message: str
    frames: list[FrameShape]
    excerpt: str
    places: list[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class WhyShape:
    """One sentence for each decision."""

    cause: str
    group: str
    nature: str
    severity: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RelatedShape:
    """Another finding or issue that has to do with this one."""

    fingerprint: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SuspectShape:
    """A commit that may have brought it."""

    commit: str
    author: str
    reason: str
    confidence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FindingShape:
    """One root cause."""

    fingerprint: str
    keys: list[str]
    pattern: str
    slug: str
    cause: str
    severity: str
    nature: str
    kind: str
    title: str
    tests: list[str]
    count: int
    blocked: list[str]
    evidence: EvidenceShape
    why: WhyShape
    confidence: str
    area: str
    impact: str
    joins: list[RelatedShape]
    related: list[RelatedShape]
    suspects: list[SuspectShape]
    issue: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class BlockedShape:
    """Tests that were kept from running, under what blocks them."""

    by: str
    tests: list[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class CountsShape:
    """Tests by outcome, and findings."""

    collected: int
    passed: int
    failed: int
    error: int
    skipped: int
    xfailed: int
    xpassed: int
    blocked: int
    lost: int
    not_run: int
    findings: int


@dataclass(frozen=True, slots=True, kw_only=True)
class HarvestShape:
    """What `gardener harvest --format json` prints."""

    schema: str = "gardener.harvest/1"
    findings: list[FindingShape] = field(default_factory=list)
    blocked: list[BlockedShape] = field(default_factory=list)
    counts: CountsShape | None = None
    notes: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckShape:
    """One preflight answer."""

    id: str
    status: str
    found: str
    needed: str
    why: str
    remedy: str
    location: str | None
    service: str | None
    blocks: list[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class PreflightShape:
    """What `gardener preflight --format json` prints."""

    schema: str = "gardener.preflight/1"
    blocked: bool = False
    checks: list[CheckShape] = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class ActionShape:
    """One change on the tracker and what became of it."""

    kind: str
    issue: int | None
    fingerprint: str
    why: str
    outcome: str
    to: int | None
    severity: str | None
    error: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RunShape:
    """One run of one focus."""

    id: str
    focus: str
    scope: str | None
    verdict: str
    sentence: str
    exit_code: int
    counts: CountsShape
    preflight: PreflightShape
    findings: list[FindingShape]
    blocked: list[BlockedShape]
    actions: list[ActionShape]
    suites: dict[str, dict[str, int]]
    worklog: str
    report: str
    directory: str
    skipped_because: str
    warnings: list[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class ResultShape:
    """What `gardener run --format json` prints, and `result.json` of one run holds."""

    schema: str = "gardener.run/1"
    exit_code: int = 0
    runs: list[RunShape] = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class IssuesShape:
    """What `gardener issues … --format json` prints."""

    schema: str = "gardener.issues/1"
    issues: list[dict[str, Any]] = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanShape:
    """What `gardener plan --format json` prints."""

    schema: str = "gardener.plan/1"
    run: str = ""
    actions: list[ActionShape] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class ExplainShape:
    """What `gardener explain --format json` prints: a finding, or one of gardener's own words."""

    schema: str = "gardener.explain/1"
    word: str = ""
    meaning: str = ""
    finding: FindingShape | None = None
    rule: str = ""
    runner_up: str = ""
    would_raise: str = ""
    actions: list[ActionShape] = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class BisectShape:
    """What `gardener bisect --format json` prints."""

    schema: str = "gardener.bisect/1"
    verdict: str  # found, flaky, not-reproduced, inconclusive
    why: str
    commit: str | None = None
    author: str = ""
    subject: str = ""
    first_bad: str | None = None
    last_good: str | None = None
    probes: int = 0  # runs that answered, besides those that confirm the ends
    skipped: int = 0  # commits that could not answer
    verified: bool = False
    told: bool = False  # whether the issue knows


@dataclass(frozen=True, slots=True, kw_only=True)
class RowsShape:
    """Plain rows: what `history`, `focuses`, `config show` and `classify` print under their own schema names."""

    schema: str
    rows: list[dict[str, Any]] = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class DoneShape:
    """What a command that only does something prints: `report`, `undo`, `prune`, `init`, `issues import`."""

    schema: str
    done: str  # in words
    paths: list[str] = field(default_factory=list)
    issues: list[int] = field(default_factory=list)


SCHEMAS: dict[str, type] = {
    "gardener.harvest/1": HarvestShape,
    "gardener.preflight/1": PreflightShape,
    "gardener.run/1": ResultShape,
    "gardener.issues/1": IssuesShape,
    "gardener.plan/1": PlanShape,
    "gardener.bisect/1": BisectShape,
    "gardener.explain/1": ExplainShape,
    **{f"gardener.{name}/1": RowsShape for name in ("history", "focuses", "config", "classify")},
    **{f"gardener.{name}/1": DoneShape for name in ("report", "undo", "prune", "init", "import")},
}
