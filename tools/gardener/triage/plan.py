"""What shall be done on the tracker: pure, each action with its why, nothing twice."""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from gardener.model.finding import Finding, Kind
from gardener.model.focus import Severity
from gardener.model.key import Managed
from gardener.model.plan import Action, ActionKind, Issue, Plan, Reason, State
from gardener.model.policy import Policy
from gardener.model.run import BAD, Outcome, Run
from gardener.triage.match import Match, match, merge_keys, told_causes

REMEMBERED_RUNS = 10
CALM_RUNS = 2  # a priority goes down only after this many runs in a row that asked for less


@dataclass(frozen=True, slots=True, kw_only=True)
class Bearings:
    """What the plan may know besides findings and issues."""

    run: Run
    policy: Policy
    ancestors: frozenset[str]  # of the commits that issues remember, those in the history of this run's commit


def digests(known: Sequence[Issue]) -> tuple[str, ...]:
    """`number:digest` of each issue as far as a plan depends on it: a plan made on another state is refused."""
    return tuple(f"{issue.number}:{_digest(issue)}" for issue in known)


def _digest(issue: Issue) -> str:
    text = f"{issue.state} {issue.severity} {issue.title} {' '.join(map(str, issue.keys))} {issue.severity_by_human}"
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def moved_on(plan: Plan, known: Sequence[Issue], done: frozenset[int]) -> tuple[int, ...]:
    """Issues that changed since the plan was made, by another hand than the plan's own finished actions."""
    before, now = set(plan.based_on), set(digests(known))
    changed = {int(entry.partition(":")[0]) for entry in before ^ now}
    own = {issue.number for issue in known if issue.managed and issue.managed.created_by == plan.run}
    return tuple(sorted(changed - done - own))


def decide(
    findings: Sequence[Finding], known: Sequence[Issue], run: Run, policy: Policy, ancestors: frozenset[str]
) -> Plan:
    """The plan of a run. `findings` come worst first; `known` is everything the tracker listed."""
    bearings = Bearings(run=run, policy=policy, ancestors=ancestors)
    wanted: list[tuple[Finding, Match]] = []
    actions: list[Action] = []
    links: list[Action] = []
    new = 0
    told = told_causes(known, policy)
    for finding in findings:
        matched = match(finding, known, policy, told)
        if matched.match is not None:
            wanted.append((finding, matched.match))
        elif new < policy.max_new_issues:
            new += 1
            actions.append(_create(finding, bearings))
        else:
            why = f"{policy.max_new_issues} new issues are filed per run at most, and worse ones came first"
            actions.append(_action(ActionKind.HOLD, finding, why))
        links.extend(_near_links(finding, matched.match, matched.near))
    actions.extend(_existing(wanted, bearings))
    touched = {action.number for action in actions}
    actions.extend(action for issue in known if issue.number not in touched for action in _silent(issue, bearings))
    homes = {str(key): m.issue.number for finding, m in wanted for key in finding.keys}
    links.extend(_related_links(findings, homes))
    return Plan(
        run=run.id,
        actions=(*actions, *_new_links(links, known)),
        budget=policy.max_new_issues,
        based_on=digests(known),
    )


def _action(kind: ActionKind, finding: Finding, why: str, **rest: object) -> Action:
    return replace(Action(kind=kind, why=why, fingerprint=str(finding.fingerprint), finding=finding), **rest)  # type: ignore[arg-type]


def _create(finding: Finding, bearings: Bearings) -> Action:
    return _action(
        ActionKind.CREATE,
        finding,
        "no open or closed issue carries one of its keys, and none that people filed tells of it",
        severity=finding.severity,
        managed=_remember(finding, Managed(created_by=bearings.run.id), bearings),
    )


def adopted_by_hand(finding: Finding, number: int, run: Run, policy: Policy) -> Action:
    """A person says that this issue, whoever wrote it, is the finding's."""
    bearings = Bearings(run=run, policy=policy, ancestors=frozenset())
    why = "updated and not new, because a person said that it is the same"
    managed = _remember(finding, Managed(), bearings)
    return _action(ActionKind.UPDATE, finding, why, number=number, managed=managed, adopt=True)


def _remember(finding: Finding, before: Managed, bearings: Bearings) -> Managed:
    """What the issue's block shall say after this failing run."""
    run = bearings.run
    again = run.id in before.last_runs  # the same run planned twice is remembered once
    return replace(
        before,
        keys=merge_keys(before.keys, finding.keys),
        first_seen=before.first_seen or finding.past.first_seen or run.started,
        last_seen=run.started,
        last_pass=finding.past.last_pass or before.last_pass,
        green_streak=0,
        last_runs=before.last_runs if again else (run.id, *before.last_runs)[:REMEMBERED_RUNS],
        last_commit=run.commit or before.last_commit,
        green_commit="",
        tests=finding.tests or finding.blocked,
        severity=before.severity if before.severity is not None else int(finding.severity),
        focus=before.focus or run.focus,
        kind=str(finding.kind),
    )


def _existing(wanted: Sequence[tuple[Finding, Match]], bearings: Bearings) -> Iterator[Action]:
    """One action per issue, however many findings it gathers."""
    by_issue: dict[int, list[tuple[Finding, Match]]] = {}
    for finding, found in wanted:
        by_issue.setdefault(found.issue.number, []).append((finding, found))
    for group in by_issue.values():
        (finding, found), *others = group
        also = tuple(other for other, _ in others)
        if found.issue.state is State.CLOSED:
            action = _closed(finding, found, bearings)
        else:
            action = _open(finding, found, bearings, also)
        managed = action.managed
        if managed is not None:
            for other in also:
                managed = replace(
                    managed,
                    keys=merge_keys(managed.keys, other.keys),
                    tests=tuple(dict.fromkeys([*managed.tests, *other.tests])),
                )
        yield replace(action, also=also, managed=managed)


def _closed(finding: Finding, found: Match, bearings: Bearings) -> Action:
    """Reopen only on a failing run that started after the closing and holds the first green commit."""
    issue, run = found.issue, bearings.run
    if issue.state_reason in {Reason.NOT_PLANNED, Reason.DUPLICATE}:
        why = f"{found.why}, but it was closed as {issue.state_reason}, and that decision stays"
        return _action(ActionKind.HOLD, finding, why, number=issue.number)
    green = issue.managed.green_commit if issue.managed else ""
    if issue.closed_at and run.started <= issue.closed_at:
        why = f"this run started at {run.started}, before the issue was closed: old news"
        return _action(ActionKind.HOLD, finding, why, number=issue.number)
    if green and green not in bearings.ancestors:
        why = f"this commit does not contain {green[:12]}, the first green one: old code failing as it did"
        return _action(ActionKind.HOLD, finding, why, number=issue.number)
    after = f" and contains {green[:12]}, the first green commit" if green else ""
    why = f"{found.why}; this run started after it was closed{after}, so it is back"
    return _action(
        ActionKind.REOPEN,
        finding,
        why,
        number=issue.number,
        severity=issue.severity if issue.severity_by_human else finding.severity,
        managed=_remember(finding, replace(issue.managed or Managed(), severity=int(finding.severity)), bearings),
        announce=f"Failing again in run {run.id}: {why}.",
    )


def _says_nothing_new(findings: Sequence[Finding], before: Managed) -> bool:
    """Whether the block knows every key and every test of them already."""
    keys = {key for finding in findings for key in finding.keys}
    tests = {test for finding in findings for test in finding.tests}
    return keys <= set(before.keys) and tests <= set(before.tests)


def _open(finding: Finding, found: Match, bearings: Bearings, also: Sequence[Finding]) -> Action:
    issue = found.issue
    before = issue.managed or Managed()
    managed = _remember(finding, before, bearings)
    kind, severity, why, calm = _move(finding, issue, before, bearings)
    announce = ""
    if kind in {ActionKind.ESCALATE, ActionKind.DEESCALATE}:
        announce = f"Priority {issue.severity.name if issue.severity is not None else 'unset'} → {severity.name}: {why}"
    new_modes = [key for key in finding.keys if before.keys and key not in before.keys]
    if new_modes and found.how == "key":
        announce = "\n\n".join(part for part in (announce, f"A new failure mode: {new_modes[0].pattern}") if part)
    why_this = f"updated and not new, because {found.why}"
    adopt = found.how == "adopted" or not issue.keys
    moved = kind is not ActionKind.UPDATE or announce or adopt or calm != before.calm or before.green_streak
    if bearings.policy.status == "on-change" and not moved and _says_nothing_new((finding, *also), before):
        why = f"nothing new to say ({why_this}); the setting status is “on-change”"
        return _action(ActionKind.HOLD, finding, why, number=issue.number)
    return _action(
        kind,
        finding,
        f"{why}; {why_this}" if kind is not ActionKind.UPDATE else f"{why_this}{f'; {why}' if why else ''}",
        number=issue.number,
        severity=severity,
        managed=replace(
            managed,
            severity=int(severity),
            calm=calm,
            focus=bearings.run.focus if kind is ActionKind.ESCALATE else managed.focus,
        ),
        adopt=adopt,
        announce=announce,
    )


def _move(finding: Finding, issue: Issue, before: Managed, bearings: Bearings) -> tuple[ActionKind, Severity, str, int]:
    """How the priority moves: kind, new priority, why, and how many calm runs there were in a row."""
    now, asked = issue.severity, finding.severity
    if now is None:
        return ActionKind.UPDATE, asked, "", 0
    if issue.severity_by_human or (before.severity is not None and before.severity != now):
        said = f"{now.name} was set by a person and stays" if now != asked else ""
        return ActionKind.UPDATE, now, said, 0
    if asked < now:
        return (
            ActionKind.ESCALATE,
            now.towards(asked),
            f"{now.name} → {now.towards(asked).name}: {finding.why.severity}",
            0,
        )
    other_focus = before.focus not in {"", bearings.run.focus}  # it may ask for more, never for less
    if asked == now or other_focus or bearings.run.narrowed or bearings.run.id in before.last_runs:
        return ActionKind.UPDATE, now, "", 0 if asked == now else before.calm
    if before.calm < CALM_RUNS:
        return (
            ActionKind.UPDATE,
            now,
            f"{asked.name} would do for run {before.calm + 1} of {CALM_RUNS + 1}",
            before.calm + 1,
        )
    lower = now.towards(asked)
    why = f"{now.name} → {lower.name}: {CALM_RUNS + 1} runs in a row asked for less ({finding.why.severity})"
    return ActionKind.DEESCALATE, lower, why, 0


def _silent(issue: Issue, bearings: Bearings) -> Iterator[Action]:
    """An open issue of ours that no finding of this run belongs to: close it where the silence is evidence."""
    managed, run = issue.managed, bearings.run
    if managed is None or not issue.keys or issue.state is State.CLOSED or run.id in managed.last_runs:
        return
    green = _green(managed, run)
    if not green or run.narrowed or run.dirty or not run.complete:
        return
    if any(issue.number == standing.issue or issue.title == standing.title for standing in bearings.policy.standing):
        return  # a standing issue is a collection that people keep
    if managed.last_commit and managed.last_commit not in bearings.ancestors:
        return
    streak = managed.green_streak + 1
    remembered = replace(
        managed,
        green_streak=streak,
        last_pass=run.started,
        green_commit=managed.green_commit or run.commit or "",
        last_runs=(run.id, *managed.last_runs)[:REMEMBERED_RUNS],
    )
    needed = bearings.policy.close_after_green
    base = Action(
        kind=ActionKind.UPDATE,
        why=f"{green} in run {streak} of {needed} in a row that it takes to close",
        fingerprint=str(issue.keys[0]),
        number=issue.number,
        managed=remembered,
    )
    if streak < needed:
        yield base
        return
    numbers = f"{green} in {streak} runs in a row, the last being {run.id}, on commits after the last failing one"
    yield replace(
        base,
        kind=ActionKind.CLOSE,
        why=numbers,
        reason=Reason.COMPLETED,
        announce=f"Recovered: {numbers}. Closing as completed.",
    )


def _green(managed: Managed, run: Run) -> str:
    """What shows that the cause is gone, in words; "" where nothing shows it."""
    outcomes: dict[str, list[Outcome]] = {}
    for case in run.cases:
        outcomes.setdefault(case.node, []).append(case.outcome)
        outcomes.setdefault(case.node.partition("::")[0], []).append(case.outcome)
    if not managed.tests:
        same = managed.focus == run.focus and managed.kind == Kind.WARNING
        return "it was not seen" if same and run.counts.passed else ""
    fine = frozenset({Outcome.PASSED, Outcome.XFAILED})
    if managed.kind == Kind.INFRASTRUCTURE:
        fine |= BAD  # what was held up ran at last: its own failures are findings of their own
    if all(set(outcomes.get(test, [Outcome.NOT_RUN])) <= fine for test in managed.tests):
        return f"all its {len(managed.tests)} tests ran and passed" if len(managed.tests) > 1 else "its test passed"
    return ""


def _near_links(finding: Finding, found: Match | None, near: Sequence[Match]) -> Iterator[Action]:
    for each in near:
        state = "closed " if each.issue.state is State.CLOSED else ""
        how = "related to" if each.how == "related" else "near match with"
        yield _action(
            ActionKind.LINK,
            finding,
            f"{how} the {state}issue #{each.issue.number}: {each.why}",
            number=found.issue.number if found else None,
            to=each.issue.number,
        )


def _related_links(findings: Sequence[Finding], homes: dict[str, int]) -> Iterator[Action]:
    """Links between the issues of related findings, also where an issue is filed by this very plan."""
    living = {str(finding.fingerprint) for finding in findings}
    for finding in findings:
        for relation in finding.related:
            if relation.target in living:
                yield _action(
                    ActionKind.LINK,
                    finding,
                    relation.why,
                    number=homes.get(str(finding.fingerprint)),
                    to=homes.get(relation.target),
                    towards="" if relation.target in homes else relation.target,
                )


def _new_links(links: Sequence[Action], known: Sequence[Issue]) -> list[Action]:
    """Those that are not there yet, each once, never from an issue to itself."""
    there = {(issue.number, link.to) for issue in known for link in issue.links}
    kept: dict[tuple[object, object], Action] = {}
    for action in links:
        ends = (action.number or action.fingerprint, action.to or action.towards)
        if ends not in there and ends[0] != ends[1]:
            kept.setdefault(ends, action)
    return list(kept.values())
