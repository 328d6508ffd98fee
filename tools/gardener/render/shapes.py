"""The shapes of the JSON that gardener prints: typed, versioned, the source of the shipped schemas."""

from dataclasses import dataclass
from typing import Any

from gardener.model.figures import Figures
from gardener.model.finding import Suspect, Why
from gardener.model.run import Check, Counts, Frame


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidenceShape:
    """What the finding rests on."""

    exception: str
    message: str
    frames: tuple[Frame, ...]
    excerpt: str
    places: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RelatedShape:
    """Another finding or issue that has to do with this one."""

    fingerprint: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FindingShape:
    """One root cause."""

    fingerprint: str
    keys: tuple[str, ...]
    pattern: str
    slug: str
    cause: str
    severity: str
    nature: str
    kind: str
    title: str
    tests: tuple[str, ...]
    count: int
    blocked: tuple[str, ...]
    evidence: EvidenceShape
    why: Why
    confidence: str
    area: str
    impact: str
    joins: tuple[RelatedShape, ...]
    related: tuple[RelatedShape, ...]
    suspects: tuple[Suspect, ...]
    issue: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class BlockedShape:
    """Tests that were kept from running, under what blocks them."""

    by: str
    tests: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CountsShape(Counts):
    """Tests by outcome, and findings."""

    findings: int


@dataclass(frozen=True, slots=True, kw_only=True)
class HarvestShape:
    """What `gardener harvest --format json` prints."""

    schema: str = "gardener.harvest/1"
    findings: tuple[FindingShape, ...] = ()
    blocked: tuple[BlockedShape, ...] = ()
    counts: CountsShape | None = None
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PreflightShape:
    """What `gardener preflight --format json` prints."""

    schema: str = "gardener.preflight/1"
    blocked: bool = False
    checks: tuple[Check, ...] = ()


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
    findings: tuple[FindingShape, ...]
    blocked: tuple[BlockedShape, ...]
    actions: tuple[ActionShape, ...]
    suites: dict[str, dict[str, int]]
    worklog: str
    report: str
    directory: str
    skipped_because: str
    warnings: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ResultShape:
    """What `gardener run --format json` prints, and `result.json` of one run holds."""

    schema: str = "gardener.run/1"
    exit_code: int = 0
    runs: tuple[RunShape, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class IssuesShape:
    """What `gardener issues … --format json` prints."""

    schema: str = "gardener.issues/1"
    issues: tuple[dict[str, Any], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanShape:
    """What `gardener plan --format json` prints."""

    schema: str = "gardener.plan/1"
    run: str = ""
    actions: tuple[ActionShape, ...] = ()
    warnings: tuple[str, ...] = ()


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
    actions: tuple[ActionShape, ...] = ()
    later: tuple[ActionShape, ...] = ()  # of newer runs that did not see the finding
    checks: tuple[Check, ...] = ()  # what the last run that asked a check was answered
    cause: str = ""  # of a text that was tried
    quote: str = ""  # the words of it that the rule matched
    own_rules: tuple[str, ...] = ()  # the repository's own rules that hold for it: the first one counts


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
class HistoryShape:
    """What `gardener history --format json` prints: the runs, or how a test or a finding went in them."""

    schema: str = "gardener.history/1"
    rows: tuple[dict[str, Any], ...] = ()
    figures: Figures | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RowsShape:
    """Plain rows: what `focuses`, `config show` and `classify` print under their own schema names."""

    schema: str
    rows: tuple[dict[str, Any], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class DoneShape:
    """What a command that only does something prints: `report`, `undo`, `prune`, `init`, `issues import`."""

    schema: str
    done: str  # in words
    paths: tuple[str, ...] = ()
    issues: tuple[int, ...] = ()


SCHEMAS: dict[str, type] = {
    "gardener.harvest/1": HarvestShape,
    "gardener.preflight/1": PreflightShape,
    "gardener.run/1": ResultShape,
    "gardener.issues/1": IssuesShape,
    "gardener.plan/1": PlanShape,
    "gardener.bisect/1": BisectShape,
    "gardener.explain/1": ExplainShape,
    "gardener.history/1": HistoryShape,
    **{f"gardener.{name}/1": RowsShape for name in ("focuses", "config", "classify")},
    **{f"gardener.{name}/1": DoneShape for name in ("report", "undo", "prune", "init", "import")},
}
