"""How bad a finding is: a policy table, read from the top, first row that holds."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase

from gardener.model.cause import Cause, CauseGroup
from gardener.model.finding import Finding, Kind, Nature
from gardener.model.focus import Focus, Severity
from gardener.model.policy import Impact, Policy

USER_RULE = "rules["  # how a rule of the settings is named: by its place there
HALF = 0.5
MANY = 10  # fewer tests than this are no share of a focus worth speaking of
TEST_SUITE_STAYS = frozenset({CauseGroup.TEST_SUITE, CauseGroup.CODE_HEALTH})


@dataclass(frozen=True, slots=True, kw_only=True)
class Suite:
    """How many tests ran, in all and in each class and file."""

    ran: int = 0
    homes: Mapping[str, int] = field(default_factory=dict)

    @classmethod
    def of(cls, nodes: Sequence[str]) -> "Suite":
        """Counted once for all findings."""
        return cls(ran=len(nodes), homes=Counter(home for node in nodes for home in _homes(node)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """How far a finding reaches: what the rows of the table look at."""

    finding: Finding
    focus: Focus
    policy: Policy
    ran: int  # tests of the focus that ran
    held_up: int  # tests of the focus that were kept from running by anything
    worst_share: float  # of the tests of one class or file, the largest share that it fails


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One row: when it holds, the severity it gives, and the sentence that says so."""

    name: str
    decide: Callable[[Reach], Severity | None]
    say: Callable[[Reach], str]
    would_raise: str  # what would make this row hold for a finding below it


def judge_severity(finding: Finding, focus: Focus, policy: Policy, suite: Suite, held_up: int) -> Finding:
    """The finding with severity, impact, why, and what would raise it next. `suite` is of the tests that ran."""
    impact = impact_of(finding, policy.impacts)
    finding = replace(
        finding, impact=impact.text if impact else "", critical=finding.critical or bool(impact and impact.critical)
    )
    reach = Reach(
        finding=finding,
        focus=focus,
        policy=policy,
        ran=suite.ran,
        held_up=held_up,
        worst_share=_worst_share(finding.tests, suite.homes),
    )
    for row in ROWS:
        severity = row.decide(reach)
        if severity is not None:
            why = replace(finding.why, severity=f"{row.say(reach)} (row “{row.name}” of the severity table)")
            return replace(finding, severity=severity, why=why, raise_next=_raise_next(reach, severity))
    raise AssertionError("the last row holds for every finding")


def impact_of(finding: Finding, impacts: Sequence[Impact]) -> Impact | None:
    """The first configured impact whose glob matches a test or blocked test of the finding; critical ones first."""
    nodes = [*finding.tests, *finding.blocked, *(failure.subject for failure in finding.failures)]
    for impact in sorted(impacts, key=lambda impact: not impact.critical):
        if any(matches(node, impact.match) for node in nodes):
            return impact
    return None


def matches(node: str, pattern: str) -> bool:
    """Whether a node id or its file matches a glob; `**/` also matches no folder at all."""
    file = node.partition("::")[0]
    patterns = {pattern, pattern.replace("**/", "")}
    return any(fnmatchcase(text, each) for text in (node, file) for each in patterns)


def _fixed(reach: Reach) -> Severity | None:
    verdict = reach.finding.verdict
    if verdict and verdict.severity is not None and verdict.rule.startswith(USER_RULE):
        return verdict.severity
    return dict(reach.policy.severities).get(reach.finding.cause)


def _blocks_all(reach: Reach) -> Severity | None:
    blocked = len(reach.finding.blocked)
    return Severity.P0 if blocked and blocked >= reach.held_up else None


def _blocks_some(reach: Reach) -> Severity | None:
    return _above(reach.focus) if reach.finding.blocked or reach.finding.would_block else None


def _critical(reach: Reach) -> Severity | None:
    if not reach.finding.critical or reach.finding.kind is Kind.WARNING:
        return None
    return Severity.P0 if reach.worst_share >= HALF else _above(reach.focus)


def _wide(reach: Reach) -> Severity | None:
    failing = len(reach.finding.tests)
    return _above(reach.focus) if failing >= MANY and failing >= HALF * reach.ran else None


def _flaky(reach: Reach) -> Severity | None:
    """What mostly passes hinders less; what fails in half of its runs is as bad as anything else."""
    past = reach.finding.past
    told = past.runs_failed + past.runs_passed
    often = told >= MANY and past.runs_failed >= HALF * told
    return _below(reach.focus) if reach.finding.nature is Nature.FLAKY and not often else None


def _regression(reach: Reach) -> Severity | None:
    if reach.finding.nature is not Nature.REGRESSION or reach.finding.cause.group in TEST_SUITE_STAYS:
        return None
    return _above(reach.focus)


def _warning(reach: Reach) -> Severity | None:
    return _below(reach.focus) if reach.finding.kind is Kind.WARNING else None


def _above(focus: Focus) -> Severity:
    # P0 means "blocks": only the rows that say so give it
    return max(Severity.P1, focus.severity.towards(Severity.P0))


def _below(focus: Focus) -> Severity:
    return focus.severity.towards(Severity.P3)


ROWS = (
    Row(
        name="configured",
        decide=_fixed,
        say=lambda r: f"the repository's settings fix it ({_rule(r)})",
        would_raise="a rule or severity in the settings",
    ),
    Row(
        name="blocks everything",
        decide=_blocks_all,
        say=lambda r: f"it keeps {len(r.finding.blocked)} of {r.held_up} held-up tests from running",
        would_raise="when it keeps every Docker-dependent test from running",
    ),
    Row(
        name="blocks some",
        decide=_blocks_some,
        say=lambda r: (
            f"it keeps {len(r.finding.blocked)} tests from running, others are held up by something else"
            if r.finding.blocked
            else f"it would keep {r.finding.would_block} tests from running next, which something else holds up"
        ),
        would_raise="when it keeps tests from running",
    ),
    Row(
        name="business-critical",
        decide=_critical,
        say=lambda r: f"configured as critical, and it fails {r.worst_share:.0%} of the tests of one class or file",
        would_raise="when it fails half of the tests of a class or file that is configured as critical",
    ),
    Row(
        name="wide",
        decide=_wide,
        say=lambda r: f"it fails {len(r.finding.tests)} of the {r.ran} tests that ran",
        would_raise="when it fails half of the focus",
    ),
    Row(
        name="flaky",
        decide=_flaky,
        say=lambda r: (
            f"the same commit passes and fails, one below the usual {r.focus.severity.name} of {r.focus.name}"
        ),
        would_raise="when it fails in half of its runs, or in all of them from now on",
    ),
    Row(
        name="regression",
        decide=_regression,
        say=lambda r: f"the product worked before, one above the usual {r.focus.severity.name} of {r.focus.name}",
        would_raise="when its tests are known to have passed before",
    ),
    Row(
        name="warning",
        decide=_warning,
        say=lambda r: f"no test fails by it, one below the usual {r.focus.severity.name} of {r.focus.name}",
        would_raise="when a test fails by it",
    ),
    Row(
        name="usual",
        decide=lambda r: r.focus.severity,
        say=lambda r: f"the usual severity of the focus {r.focus.name}",
        would_raise="",
    ),
)


def _rule(reach: Reach) -> str:
    verdict = reach.finding.verdict
    if verdict and verdict.rule.startswith(USER_RULE):
        return verdict.rule
    return f"severities.{reach.finding.cause}"


def _raise_next(reach: Reach, severity: Severity) -> str:
    """What would raise the severity: the nearest row above that does not hold yet and would give more."""
    if severity is Severity.P0:
        return "nothing: it is the highest"
    asked = {"blocks everything", "business-critical", "wide"}
    if reach.finding.cause.group is CauseGroup.PRODUCT:
        asked.add("regression")
    if reach.finding.kind is Kind.WARNING:
        asked = {"warning"}
    steps = [row.would_raise for row in ROWS if row.name in asked and row.decide(reach) != severity]
    if _flaky(reach) is severity:
        steps = [*(row.would_raise for row in ROWS if row.name == "flaky"), *steps]
    if reach.finding.cause not in {Cause.DOCKER_BUILD, Cause.DOCKER_DAEMON, Cause.DOCKER_DISK, Cause.DOCKER_IMAGE}:
        steps = [step for step in steps if "Docker" not in step]
    return "; or ".join(steps) if steps else ROWS[-2].would_raise


def _worst_share(failing: Sequence[str], ran: Mapping[str, int]) -> float:
    """The largest share of one class's or file's tests that fail; a file that cannot be collected counts whole."""
    bad = Counter(home for node in failing for home in _homes(node))
    return max((count / max(ran.get(home, 0), count) for home, count in bad.items()), default=0.0)


def _homes(node: str) -> tuple[str, ...]:
    parts = node.partition("[")[0].split("::")
    return tuple("::".join(parts[:n]) for n in range(1, max(len(parts), 2)))
