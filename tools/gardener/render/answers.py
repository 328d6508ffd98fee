"""Records turned into the shapes that gardener prints as JSON."""

from collections.abc import Iterable, Sequence
from dataclasses import fields
from typing import Any, TypeVar

from gardener.model.finding import Finding, Verdict
from gardener.model.plan import Done, Issue, Receipt
from gardener.model.policy import UserRule
from gardener.model.run import Case, Counts, Preflight
from gardener.model.story import Story
from gardener.render import shapes
from gardener.render.outline import Filed, filed, places

FRAMES = 20
EXCERPT = 4000  # characters
S = TypeVar("S")


def _shaped(shape: type[S], record: object, **given: object) -> S:
    """A record as it is printed: what is given, and for the rest the record's own fields of the same name."""
    names = {field.name for field in fields(shape)} - given.keys()  # type: ignore[arg-type]  # a dataclass
    return shape(**{name: getattr(record, name) for name in names if hasattr(record, name)}, **given)


def finding_shape(finding: Finding, issue: int | None = None) -> shapes.FindingShape:
    """A finding as it is printed."""
    root = finding.root
    evidence = shapes.EvidenceShape(
        exception=root.exception or "",
        message=root.message,
        frames=root.frames[-FRAMES:],
        excerpt=root.detail[-EXCERPT:],
        places=places(finding),
    )
    return _shaped(
        shapes.FindingShape,
        finding,
        fingerprint=str(finding.fingerprint),
        keys=[str(key) for key in finding.keys],
        pattern=finding.fingerprint.pattern,
        severity=finding.severity.name,
        evidence=evidence,
        joins=[shapes.RelatedShape(fingerprint=str(join.key), why=join.why) for join in finding.joins],
        related=[shapes.RelatedShape(fingerprint=each.target, why=each.why) for each in finding.related],
        issue=issue,
    )


def harvest_shape(findings: Sequence[Finding], counts: Counts, notes: Sequence[str]) -> shapes.HarvestShape:
    """The answer of `gardener harvest`."""
    return shapes.HarvestShape(
        findings=tuple(finding_shape(finding) for finding in findings),
        blocked=_blocked(findings),
        counts=_counts(counts, findings),
        notes=tuple(notes),
    )


def preflight_shape(preflight: Preflight) -> shapes.PreflightShape:
    """The answer of `gardener preflight`."""
    return _shaped(shapes.PreflightShape, preflight)


def result(stories: Iterable[Story], exit_code: int) -> shapes.ResultShape:
    """The answer of `gardener run`, and what `result.json` of one run holds."""
    return shapes.ResultShape(exit_code=exit_code, runs=tuple(_run(story) for story in stories))


def _run(story: Story) -> shapes.RunShape:
    where = {fact.label: fact.value for fact in story.artifacts}
    return shapes.RunShape(
        id=story.run.id,
        focus=story.focus.name,
        scope=story.focus.scope,
        verdict=story.outlook.value,
        sentence=story.verdict,
        exit_code=int(story.exit),
        counts=_counts(story.run.counts, story.findings),
        preflight=preflight_shape(story.preflight),
        findings=tuple(_with_issue(finding, story) for finding in story.findings),
        blocked=_blocked(story.findings),
        actions=tuple(_action(receipt) for receipt in story.receipts),
        suites=_suites(story.run.cases),
        worklog=where.get("worklog", ""),
        report=where.get("report", ""),
        directory=where.get("directory", ""),
        skipped_because=story.skipped_because,
        warnings=story.plan.warnings,
    )


def plan_shape(story: Story) -> shapes.PlanShape:
    """The answer of `gardener plan`: every action, with its receipt where there is one."""
    return shapes.PlanShape(run=story.run.id, actions=_actions(story), warnings=story.plan.warnings)


def explain_shape(finding: Finding, story: Story, later: Sequence[tuple[str, Filed]]) -> shapes.ExplainShape:
    """The answer of `gardener explain` on a finding."""
    keys = {str(key) for key in finding.keys}
    return shapes.ExplainShape(
        finding=_with_issue(finding, story),
        rule=finding.verdict.rule if finding.verdict else "",
        runner_up=finding.verdict.runner_up if finding.verdict else "",
        would_raise=finding.raise_next,
        actions=tuple(action for action in _actions(story) if action.fingerprint in keys),
        later=tuple(_action(each.receipt) for _, each in later if each.receipt),
    )


def trial_shape(found: Verdict, own: Sequence[UserRule]) -> shapes.ExplainShape:
    """The answer of `gardener explain --try`."""
    return shapes.ExplainShape(
        cause=found.cause,
        rule=found.rule,
        quote=found.quote,
        runner_up=found.runner_up,
        own_rules=tuple(rule.name for rule in own),
    )


def _with_issue(finding: Finding, story: Story) -> shapes.FindingShape:
    return finding_shape(finding, filed(story.plan.actions, story.receipts, finding).number)


def _actions(story: Story) -> tuple[shapes.ActionShape, ...]:
    known = {receipt.action.id for receipt in story.receipts}
    unmade = (Receipt(action=action, outcome=Done.HELD) for action in story.plan.actions if action.id not in known)
    return tuple(_action(receipt) for receipt in (*story.receipts, *unmade))


def _action(receipt: Receipt) -> shapes.ActionShape:
    action = receipt.action
    return _shaped(
        shapes.ActionShape,
        action,
        issue=action.number if receipt.number is None else receipt.number,
        outcome=receipt.outcome,
        severity=None if action.severity is None else action.severity.name,
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


def issues(found: Iterable[Issue]) -> shapes.IssuesShape:
    """The answer of `gardener issues`."""
    return shapes.IssuesShape(issues=tuple(issue_shape(issue) for issue in found))


def _counts(counts: Counts, findings: Sequence[Finding]) -> shapes.CountsShape:
    return _shaped(shapes.CountsShape, counts, findings=len(findings))


def _blocked(findings: Sequence[Finding]) -> tuple[shapes.BlockedShape, ...]:
    """Blocked tests under what blocks them."""
    return tuple(shapes.BlockedShape(by=str(one.fingerprint), tests=one.blocked) for one in findings if one.blocked)


def _suites(cases: Sequence[Case]) -> dict[str, dict[str, int]]:
    """Outcomes per test file."""
    found: dict[str, dict[str, int]] = {}
    for case in cases:
        if case.attempt == 1:
            tally = found.setdefault(case.node.partition("::")[0], {})
            tally[case.outcome.value] = tally.get(case.outcome.value, 0) + 1
    return found
