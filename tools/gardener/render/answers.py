"""Records turned into the shapes that gardener prints as JSON."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from gardener.model.finding import Finding
from gardener.model.plan import Done, Issue, Receipt
from gardener.model.run import Case, Check, Counts, Frame, Preflight
from gardener.model.story import Story
from gardener.render.outline import filed
from gardener.render.shapes import (
    ActionShape,
    BlockedShape,
    CheckShape,
    CountsShape,
    EvidenceShape,
    ExplainShape,
    FindingShape,
    FrameShape,
    HarvestShape,
    PlanShape,
    PreflightShape,
    RelatedShape,
    RunShape,
    SuspectShape,
    WhyShape,
)

FRAMES = 20
EXCERPT = 4000  # characters


def finding_shape(finding: Finding, issue: int | None = None) -> FindingShape:
    """A finding as it is printed."""
    root = finding.root
    return FindingShape(
        fingerprint=str(finding.fingerprint),
        keys=[str(key) for key in finding.keys],
        pattern=finding.fingerprint.pattern,
        slug=finding.slug,
        cause=finding.cause.value,
        severity=finding.severity.name,
        nature=finding.nature.value,
        kind=finding.kind.value,
        title=finding.title,
        tests=list(finding.tests),
        count=finding.count,
        blocked=list(finding.blocked),
        evidence=EvidenceShape(
            exception=root.exception or "",
            message=root.message,
            frames=[_frame(frame) for frame in root.frames[-FRAMES:]],
            excerpt=root.detail[-EXCERPT:],
            places=list(dict.fromkeys(place for failure in finding.failures for place in failure.places)),
        ),
        why=WhyShape(**asdict(finding.why)),
        confidence=finding.confidence.value,
        area=finding.area,
        impact=finding.impact,
        joins=[RelatedShape(fingerprint=str(join.key), why=join.why) for join in finding.joins],
        related=[RelatedShape(fingerprint=relation.target, why=relation.why) for relation in finding.related],
        suspects=[
            SuspectShape(commit=s.commit, author=s.author, reason=s.reason, confidence=s.confidence.value)
            for s in finding.suspects
        ],
        issue=issue,
    )


def harvest_shape(findings: Sequence[Finding], counts: Counts, notes: Sequence[str]) -> HarvestShape:
    """The answer of `gardener harvest`."""
    return HarvestShape(
        findings=[finding_shape(finding) for finding in findings],
        blocked=blocked_shapes(findings),
        counts=counts_shape(counts, findings),
        notes=list(notes),
    )


def preflight_shape(preflight: Preflight) -> PreflightShape:
    """The answer of `gardener preflight`."""
    return PreflightShape(blocked=preflight.blocked, checks=[_check(check) for check in preflight.checks])


def run_shape(story: Story) -> RunShape:
    """One run as `result.json` tells it."""
    where = {fact.label: fact.value for fact in story.artifacts}
    return RunShape(
        id=story.run.id,
        focus=story.focus.name,
        scope=story.focus.scope,
        verdict=story.outlook.value,
        sentence=story.verdict,
        exit_code=int(story.exit),
        counts=counts_shape(story.run.counts, story.findings),
        preflight=preflight_shape(story.preflight),
        findings=[finding_shape(f, filed(story.plan.actions, story.receipts, f).number) for f in story.findings],
        blocked=blocked_shapes(story.findings),
        actions=[action_shape(receipt) for receipt in story.receipts],
        suites=suites(story.run.cases),
        worklog=where.get("worklog", ""),
        report=where.get("report", ""),
        directory=where.get("directory", ""),
        skipped_because=story.skipped_because,
        warnings=list(story.plan.warnings),
    )


def plan_shape(story: Story) -> PlanShape:
    """The answer of `gardener plan`: every action, with its receipt where there is one."""
    return PlanShape(run=story.run.id, actions=_actions(story), warnings=list(story.plan.warnings))


def explain_shape(finding: Finding, story: Story) -> ExplainShape:
    """The answer of `gardener explain` on a finding."""
    keys = {str(key) for key in finding.keys}
    return ExplainShape(
        finding=finding_shape(finding, filed(story.plan.actions, story.receipts, finding).number),
        rule=finding.verdict.rule if finding.verdict else "",
        runner_up=finding.verdict.runner_up if finding.verdict else "",
        would_raise=finding.raise_next,
        actions=[action for action in _actions(story) if action.fingerprint in keys],
    )


def _actions(story: Story) -> list[ActionShape]:
    known = {receipt.action.id: receipt for receipt in story.receipts}
    unmade = (Receipt(action=action, outcome=Done.HELD) for action in story.plan.actions if action.id not in known)
    return [action_shape(receipt) for receipt in (*story.receipts, *unmade)]


def action_shape(receipt: Receipt) -> ActionShape:
    """An action and what became of it."""
    action = receipt.action
    return ActionShape(
        kind=action.kind.value,
        issue=receipt.number if receipt.number is not None else action.number,
        fingerprint=action.fingerprint,
        why=action.why,
        outcome=receipt.outcome.value,
        to=action.to,
        severity=action.severity.name if action.severity is not None else None,
        error=receipt.error,
    )


def issue_shape(issue: Issue) -> dict[str, Any]:
    """An issue as `gardener.issues/1` holds it; what `issues import` reads again."""
    return {
        "number": issue.number,
        "title": issue.title,
        "state": issue.state.value,
        "state_reason": issue.state_reason.value if issue.state_reason else None,
        "severity": issue.severity.name if issue.severity is not None else None,
        "labels": list(issue.labels),
        "keys": [str(key) for key in issue.keys],
        "links": [{"to": link.to, "why": link.why} for link in issue.links],
        "body": issue.body,
        "comments": [{"author": c.author, "body": c.body, "at": c.at} for c in issue.comments],
        "author": issue.author,
        "created_at": issue.created_at,
        "updated_at": issue.updated_at,
        "closed_at": issue.closed_at,
        "severity_by": "human" if issue.severity_by_human else "bot",
        "author_association": "OWNER" if issue.trusted else "NONE",
        "locked": issue.locked,
        "closed_by_human": issue.closed_by_human,
        "url": issue.url,
    }


def counts_shape(counts: Counts, findings: Sequence[Finding]) -> CountsShape:
    """The counts of a run with its number of findings."""
    return CountsShape(**asdict(counts), findings=len(findings))


def blocked_shapes(findings: Sequence[Finding]) -> list[BlockedShape]:
    """Blocked tests under what blocks them."""
    return [BlockedShape(by=str(f.fingerprint), tests=list(f.blocked)) for f in findings if f.blocked]


def suites(cases: Sequence[Case]) -> dict[str, dict[str, int]]:
    """Outcomes per test file."""
    found: dict[str, dict[str, int]] = {}
    for case in cases:
        if case.attempt == 1:
            tally = found.setdefault(case.node.partition("::")[0], {})
            tally[case.outcome.value] = tally.get(case.outcome.value, 0) + 1
    return found


def _frame(frame: Frame) -> FrameShape:
    return FrameShape(path=frame.path, line=frame.line, function=frame.function, code=frame.code)


def _check(check: Check) -> CheckShape:
    return CheckShape(
        id=check.id,
        status=check.status.value,
        found=check.found,
        needed=check.needed,
        why=check.why,
        remedy=check.remedy,
        location=check.location,
        service=check.service,
        blocks=list(check.blocks),
    )
