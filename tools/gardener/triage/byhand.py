"""What people said of issues by hand: adopted, filed; and findings divided where they split an issue."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from gardener.model.finding import Finding
from gardener.model.key import Key, Managed
from gardener.model.plan import Action, ActionKind, Issue
from gardener.model.policy import Policy
from gardener.model.run import Failure, Run
from gardener.triage.cause import name_cause
from gardener.triage.keys import key_of, mark_of
from gardener.triage.remember import remember
from gardener.triage.slug import describe


def adopted_by_hand(finding: Finding, issue: Issue, run: Run) -> Action:
    """A person says that this issue, whoever wrote it, is the finding's."""
    return Action(
        kind=ActionKind.UPDATE,
        why="updated and not new, because a person said that it is the same",
        fingerprint=str(finding.fingerprint),
        finding=finding,
        number=issue.number,
        managed=remember((finding,), issue.managed or Managed(), run),
        adopt=True,
    )


def filed_by_hand(finding: Finding, run: Run) -> Action:
    """A person asks for an issue of its own, whatever the budget says."""
    return Action(
        kind=ActionKind.CREATE,
        why="a person asked for an issue of its own",
        fingerprint=str(finding.fingerprint),
        finding=finding,
        severity=finding.severity,
        managed=remember((finding,), Managed(created_by=run.id), run),
    )


def apart(finding: Finding, known: Sequence[Issue], policy: Policy) -> Iterator[Finding]:
    """The finding, divided where a person split its keys from an issue that holds the others."""
    mine = set(finding.keys)
    holding = [issue.managed for issue in known if issue.managed and mine & set(issue.managed.all_keys)]
    released = {key for managed in holding for key in managed.released}
    gone = tuple(key for key in finding.keys if str(key) in released)
    keys = tuple(key for key in finding.keys if key not in gone)
    keyed = [(failure, _key(failure, policy)) for failure in finding.failures] if gone and keys else []
    away = [failure for failure, key in keyed if key in gone]
    stay = tuple(failure for failure, key in keyed if key not in gone)
    if not away or not stay:
        yield finding
        return
    tests = {failure.subject for failure in away}
    yield replace(finding, keys=keys, failures=stay, tests=tuple(t for t in finding.tests if t not in tests))
    verdict = name_cause(away[0], policy)
    slug, title = describe(mark_of(away[0], policy.rulebook.masks, verdict.group), away, verdict.cause)
    yield replace(
        finding,
        keys=gone,
        failures=tuple(away),
        tests=tuple(test for test in finding.tests if test in tests),
        slug=slug,
        title=title,
        cause=verdict.cause,
        verdict=verdict,
        why=replace(finding.why, group="a person split it from what it was one finding with"),
    )


def _key(failure: Failure, policy: Policy) -> Key:
    return key_of(failure, policy.rulebook.masks, name_cause(failure, policy).group)
