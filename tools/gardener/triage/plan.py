"""What shall be done on the tracker: pure, each action with its why, nothing twice."""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from gardener.model.finding import Finding, Nature
from gardener.model.focus import Severity
from gardener.model.key import Managed
from gardener.model.plan import Action, ActionKind, Issue, Plan, Reason, State
from gardener.model.policy import Policy
from gardener.model.run import Run
from gardener.triage.baseline import held_as_known
from gardener.triage.byhand import apart
from gardener.triage.digest import digest
from gardener.triage.foreign import few
from gardener.triage.match import Match, match, told_causes, without_symptoms
from gardener.triage.remember import Bearings, remember
from gardener.triage.silence import silent
from gardener.triage.twins import duplicates, twins, without_twins

CALM_RUNS = 2  # a priority goes down only after this many runs in a row that asked for less
FLAPS = 3  # closed and reopened so often, an issue is flaky


def digests(known: Sequence[Issue]) -> tuple[str, ...]:
    """`number:digest` of each issue as far as a plan depends on it: a plan made on another state is refused."""
    return tuple(f"{issue.number}:{_digest(issue)}" for issue in known)


def _digest(issue: Issue) -> str:
    kept = (issue.managed.all_keys, issue.managed.last_runs) if issue.managed else issue.keys
    state = (issue.state, issue.state_reason, issue.locked, issue.severity, issue.severity_by_human, issue.title, kept)
    return hashlib.sha256(repr(state).encode("utf-8", "backslashreplace")).hexdigest()[:12]


def moved_on(plan: Plan, known: Sequence[Issue], done: frozenset[int]) -> tuple[int, ...]:
    """Issues that changed since the plan was made, by another hand than the plan's own actions.

    What a killed run wrote without a receipt is its own too: the block names the run.
    """
    before, now = set(plan.based_on), set(digests(known))
    changed = {int(entry.partition(":")[0]) for entry in before ^ now}
    remembered = [(issue.number, issue.managed) for issue in known if issue.managed]
    own = {number for number, block in remembered if plan.run in (block.created_by, *block.last_runs)}
    return tuple(sorted(changed - done - own))


@dataclass(slots=True, kw_only=True)
class _Piles:
    """What becomes of each finding."""

    wanted: list[tuple[Finding, Match]] = field(default_factory=list)  # there is an issue
    new: list[Action] = field(default_factory=list)
    held: list[Finding] = field(default_factory=list)  # by the budget
    aside: list[tuple[Finding, str]] = field(default_factory=list)  # not to be filed, and why
    gathered: dict[str, list[Finding]] = field(default_factory=dict)  # by title of a standing issue, still to be filed
    links: list[Action] = field(default_factory=list)


def decide(
    findings: Sequence[Finding],
    known: Sequence[Issue],
    run: Run,
    policy: Policy,
    ancestors: frozenset[str],
    now: str = "",
) -> Plan:
    """The plan of a run. `findings` come worst first; `known` is everything the tracker listed."""
    bearings = Bearings(run=run, policy=policy, ancestors=ancestors, now=now)
    doubled = tuple(twins(known))
    once = without_twins(doubled, known)
    piles = _piles(findings, once, bearings)
    listing = tuple(digest(piles.held, once, bearings))
    actions = [
        *piles.new,
        *(_gather(title, collected, bearings) for title, collected in piles.gathered.items()),
        *(_held(finding, policy, listed=bool(listing)) for finding in piles.held),
        *(_action(ActionKind.HOLD, finding, why) for finding, why in piles.aside),
        *_existing(piles.wanted, bearings),
    ]
    touched = {action.number for action in actions}
    actions.extend(action for issue in once if issue.number not in touched for action in silent(issue, bearings))
    actions.extend([*duplicates(doubled, actions), *listing])
    homes = {str(key): m.issue.number for finding, m in piles.wanted for key in finding.keys}
    links = [*piles.links, *_related_links(findings, homes)]
    return Plan(
        run=run.id,
        actions=(*actions, *_new_links(links, known)),
        based_on=digests(known),
    )


def _piles(findings: Sequence[Finding], known: Sequence[Issue], bearings: Bearings) -> _Piles:
    policy, piles = bearings.policy, _Piles()
    told = told_causes(known, policy)
    for whole in (part for each in findings for part in apart(each, known, policy)):
        matched = match(whole, known, policy, told)
        found = matched.match
        finding = without_symptoms(whole, found, known)
        follows = found.issue if found and _is_followed(found, bearings) else None
        home = None if found is None or follows else found.issue.number
        if found is not None and not follows:
            piles.wanted.append((finding, found))
        elif why := held_as_known(finding) or _mistyped(finding, bearings.run):
            piles.aside.append((finding, why))
        elif title := _standing_title(finding, policy):
            piles.gathered.setdefault(title, []).append(finding)
        elif len(piles.new) < policy.max_new_issues:
            piles.new.append(_create(finding, bearings, follows, matched.other))
        else:
            piles.held.append(finding)
        piles.links.extend(_near_links(finding, home, matched.near))
        if follows:
            why = f"it follows #{follows.number}, which is closed and locked"
            piles.links.append(_link(finding, why, follows.number))
    return piles


def _action(kind: ActionKind, finding: Finding, why: str, **rest: object) -> Action:
    return replace(Action(kind=kind, why=why, fingerprint=str(finding.fingerprint), finding=finding), **rest)  # type: ignore[arg-type]


def _link(finding: Finding, why: str, to: int, number: int | None = None) -> Action:
    return _action(ActionKind.LINK, finding, why, number=number, to=to)


def _create(finding: Finding, bearings: Bearings, follows: Issue | None, other: Match | None) -> Action:
    why = "no open or closed issue was filed for its key, and none that people filed tells of it"
    if other:
        why = f"new and not #{other.issue.number}: {other.why}"
    if follows:
        why = f"#{follows.number} carries its key, is closed and locked: a new one that links it"
    managed = remember((finding,), Managed(created_by=bearings.run.id), bearings.run)
    return _action(ActionKind.CREATE, finding, why, severity=finding.severity, managed=managed)


def _standing_title(finding: Finding, policy: Policy) -> str:
    """The title of the issue that shall gather all findings of this cause; "" where none is configured."""
    return next((each.title for each in policy.standing if each.title and each.cause is finding.cause), "")


def _gather(title: str, findings: Sequence[Finding], bearings: Bearings) -> Action:
    """File the standing issue that the settings name; the budget does not count it, for there is only ever one."""
    why = f"all findings of cause {findings[0].cause} are gathered into one issue, which is missing yet"
    managed = remember(findings, Managed(created_by=bearings.run.id), bearings.run)
    severity = min(finding.severity for finding in findings)
    action = _action(ActionKind.CREATE, findings[0], why, severity=severity, managed=managed)
    return replace(action, also=tuple(findings[1:]), title=title)


def _held(finding: Finding, policy: Policy, *, listed: bool) -> Action:
    why = f"{policy.max_new_issues} new issues are filed per run at most, and worse ones came first"
    return _action(ActionKind.HOLD, finding, f"{why}{'; the digest lists it' if listed else ''}")


def _mistyped(finding: Finding, run: Run) -> str:
    """Why a run that met no test is the doing of its command line; "" where it is not narrowed, or tells of more."""
    if run.cases or not run.narrowed or finding.root.exception not in ("EmptyCollection", "UsageError"):
        return ""
    return "a run that the command line narrowed met no test at all: what was typed may be wrong, not the repository"


def _existing(wanted: Sequence[tuple[Finding, Match]], bearings: Bearings) -> Iterator[Action]:
    """One action per issue, however many findings it gathers."""
    by_issue: dict[int, list[tuple[Finding, Match]]] = {}
    for finding, found in wanted:
        by_issue.setdefault(found.issue.number, []).append((finding, found))
    for group in by_issue.values():
        findings = [finding for finding, _ in group]
        found = group[0][1]
        if found.issue.state is State.CLOSED:
            action = _closed(findings, found, bearings)
        elif found.issue.locked:
            why = f"{found.why}, but #{found.issue.number} is locked: nothing is written where people locked"
            action = _action(ActionKind.HOLD, findings[0], why, number=found.issue.number)
        else:
            action = _open(findings, found, bearings)
        yield replace(action, also=tuple(findings[1:]))


def _is_followed(found: Match, bearings: Bearings) -> bool:
    """Whether a failure is back whose issue is closed and locked: it gets a new one."""
    closed = found.issue.state is State.CLOSED and found.issue.locked
    return closed and not _stays_closed(found, bearings)


def _stays_closed(found: Match, bearings: Bearings) -> str:
    """Why a closed issue is not reopened; "" for a failing run that started later and holds the first green commit."""
    issue, run = found.issue, bearings.run
    green = issue.managed.green_commit if issue.managed else ""
    if issue.state_reason in {Reason.NOT_PLANNED, Reason.DUPLICATE}:
        return f"{found.why}, but it was closed as {issue.state_reason}, and that decision stays"
    if issue.managed and issue.managed.merged_into:
        return f"{found.why}, but it was merged into #{issue.managed.merged_into}, which is not to be seen"
    # a closing that is still to come was dated by a clock that goes wrong: then only the commits tell
    if issue.closed_at and run.started <= issue.closed_at <= (bearings.now or issue.closed_at):
        return f"this run started at {run.started}, before the issue was closed: old news"
    if green and green not in bearings.ancestors:
        return f"this commit does not contain {green[:12]}, the first green one: old code failing as it did"
    return ""


def _closed(findings: Sequence[Finding], found: Match, bearings: Bearings) -> Action:
    """What a failing run means to a closed issue."""
    issue, finding = found.issue, findings[0]
    stays = _stays_closed(found, bearings)
    if stays:
        return _action(ActionKind.HOLD, finding, stays, number=issue.number)
    before = issue.managed or Managed()
    green = f" and contains {before.green_commit[:12]}, the first green commit" if before.green_commit else ""
    why = f"{found.why}; this run started after it was closed{green}, so it is back"
    managed = remember(findings, replace(before, reopened=before.reopened + 1), bearings.run)
    managed = replace(managed, severity=_given(finding.severity, issue, before))
    announce = f"Failing again in run {bearings.run.id}: {why}."
    if managed.reopened >= FLAPS:
        managed = replace(managed, flaky=True)
        flaps = f"closed and reopened {managed.reopened} times, so it counts as flaky and only a long silence closes it"
        why, announce = f"{why}; {flaps}", f"{announce}\n\nIt was {flaps}."
    return _action(
        ActionKind.REOPEN,
        _as_remembered(finding, managed),
        why,
        number=issue.number,
        severity=issue.severity if issue.severity_by_human else finding.severity,
        managed=managed,
        announce=announce,
    )


def _as_remembered(finding: Finding, managed: Managed) -> Finding:
    """The finding as its issue tells it: what came and went so often is flaky, whatever this one run looks like."""
    if not managed.flaky or finding.nature is Nature.FLAKY:
        return finding
    why = (
        "its issue is known to come and go"
        if managed.reopened < FLAPS
        else f"its issue was reopened {managed.reopened} times"
    )
    return replace(finding, nature=Nature.FLAKY, why=replace(finding.why, nature=why))


def _says_nothing_new(findings: Sequence[Finding], before: Managed) -> bool:
    """Whether the block knows every key and every test of them already."""
    keys = {key for finding in findings for key in finding.keys}
    tests = {test for finding in findings for test in finding.tests}
    return keys <= set(before.all_keys) and tests <= set(before.tests)


def _open(findings: Sequence[Finding], found: Match, bearings: Bearings) -> Action:
    """What a failing run means to an open issue."""
    issue, finding = found.issue, findings[0]
    before = issue.managed or Managed()
    managed = remember(findings, before, bearings.run)
    kind, severity, why, calm = _move(finding, issue, before, bearings)
    said = []
    if kind in {ActionKind.ESCALATE, ActionKind.DEESCALATE}:
        unset = "unset" if issue.severity is None else issue.severity.name
        said.append(f"Priority {unset} → {severity.name}: {why}")
    patterns = {key: key.pattern for each in findings for key in each.keys}
    modes = [patterns[key] for key in managed.keys if before.keys and key not in before.keys and key in patterns]
    if modes and found.how == "key":
        said.append(f"A new failure mode: {few(modes)}")
    announce = "\n\n".join(said)
    why_this = f"updated and not new, because {found.why}"
    adopt = found.how == "adopted" or not issue.keys
    moved = kind is not ActionKind.UPDATE or announce or adopt or calm != before.calm or before.green_streak
    if bearings.policy.status == "on-change" and not moved and _says_nothing_new(findings, before):
        why = f"nothing new to say ({why_this}); the setting status is “on-change”"
        return _action(ActionKind.HOLD, finding, why, number=issue.number)
    focus = bearings.run.focus if kind is ActionKind.ESCALATE else managed.focus
    return _action(
        kind,
        _as_remembered(finding, managed),
        f"{why}; {why_this}" if kind is not ActionKind.UPDATE else f"{why_this}{f'; {why}' if why else ''}",
        number=issue.number,
        severity=severity,
        managed=replace(managed, severity=_given(severity, issue, before), calm=calm, focus=focus),
        adopt=adopt,
        announce=announce,
    )


def _given(severity: Severity, issue: Issue, before: Managed) -> int | None:
    """The priority that gardener gave last: a person's is told from it as long as it stands."""
    return before.severity if issue.severity_by_human else int(severity)


def _move(finding: Finding, issue: Issue, before: Managed, bearings: Bearings) -> tuple[ActionKind, Severity, str, int]:
    """How the priority moves: kind, new priority, why, and how many calm runs there were in a row."""
    now, asked = issue.severity, finding.severity
    if now is None:
        return ActionKind.UPDATE, asked, "", 0
    if issue.severity_by_human or (before.severity is not None and before.severity != now):
        said = f"{now.name} was set by a person and stays" if now != asked else ""
        return ActionKind.UPDATE, now, said, 0
    if asked < now:
        higher = now.towards(asked)
        return ActionKind.ESCALATE, higher, f"{now.name} → {higher.name}: {finding.why.severity}", 0
    other_focus = before.focus not in {"", bearings.run.focus}  # it may ask for more, never for less
    if asked == now or other_focus or bearings.run.narrowed or bearings.run.id in before.last_runs:
        return ActionKind.UPDATE, now, "", 0 if asked == now else before.calm
    if before.calm < CALM_RUNS:
        calm = before.calm + 1
        return ActionKind.UPDATE, now, f"{asked.name} would do for run {calm} of {CALM_RUNS + 1}", calm
    lower = now.towards(asked)
    why = f"{now.name} → {lower.name}: {CALM_RUNS + 1} runs in a row asked for less ({finding.why.severity})"
    return ActionKind.DEESCALATE, lower, why, 0


def _near_links(finding: Finding, home: int | None, near: Sequence[Match]) -> Iterator[Action]:
    for each in near:
        state = "closed " if each.issue.state is State.CLOSED else ""
        how = "related to" if each.how == "related" else "near match with"
        yield _link(finding, f"{how} the {state}issue #{each.issue.number}: {each.why}", each.issue.number, home)


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
    """Those that are not there yet, each once, never from an issue to itself nor in one that is locked."""
    locked = {issue.number for issue in known if issue.locked}
    there = {(issue.number, link.to) for issue in known for link in issue.links}
    kept: dict[tuple[object, object], Action] = {}
    for action in links:
        ends = (action.number or action.fingerprint, action.to or action.towards)
        if ends not in there and ends[0] != ends[1] and action.number not in locked:
            kept.setdefault(ends, action)
    return list(kept.values())
