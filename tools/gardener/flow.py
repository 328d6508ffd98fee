"""The flow, readable aloud: one verb for each way in."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from gardener.apply import Desk, apply
from gardener.model.baseline import Baseline
from gardener.model.cause import Cause
from gardener.model.errors import Exit, TrackerError, worst
from gardener.model.figures import Figures, Turn
from gardener.model.finding import Finding
from gardener.model.focus import Focus
from gardener.model.plan import Action, ActionKind, Done, Issue, Plan
from gardener.model.policy import Policy
from gardener.model.run import Check, Origin, Outcome, Preflight, Run, moment
from gardener.model.story import Change, Outlook, Story
from gardener.model.text import CleanText
from gardener.ports import World
from gardener.render.issue import Writing
from gardener.tracing import with_spectrum
from gardener.triage.baseline import after, lasting, mark, unwritten
from gardener.triage.flaky import figures_of
from gardener.triage.group import group
from gardener.triage.judge import change_of, exit_of, judge, outlook_of, sentence
from gardener.triage.plan import decide, moved_on

IN_THE_REPOSITORY = frozenset({"build-context", "images"})  # checks of what it holds, not of the host


@dataclass(frozen=True, slots=True, kw_only=True)
class Brief:
    """What is asked of a run besides its focus."""

    policy: Policy
    write: Callable[[Focus, Preflight, Run], Writing]  # how the issue texts of a run are made
    fail_on: str = "any"
    baseline: Baseline = field(default_factory=Baseline)
    root: str = ""
    version: str = ""
    invocation: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """What is known of a run before its story is told."""

    preflight: Preflight
    run: Run
    findings: tuple[Finding, ...]
    plan: Plan
    known: tuple[Issue, ...] = ()
    change: Change = field(default_factory=Change)
    trouble: str = ""  # why the tracker could not be read


def tend(focus: Focus, world: World, brief: Brief) -> Story:
    """The whole flow for one focus, from preflight to worklog."""
    preflight = world.check(focus)
    launched = world.launch(focus, preflight)
    return gather(focus, preflight, world.read(focus, preflight, launched), world, brief, here=True)


def gather(focus: Focus, preflight: Preflight, run: Run, world: World, brief: Brief, *, here: bool = False) -> Story:
    """From a run, be it of one process or merged from shards, to its worklog; only `here` may tests run once more."""
    judged = consider(focus, preflight, run, world, brief, here=here)
    run = judged.run
    world.store.record(run, judged.findings, judged.plan)  # before anything is written outside
    story = tell(focus, judged, world, brief)
    world.note(story)
    return world.keep(carry_out(story, world, brief))


def consider(focus: Focus, preflight: Preflight, run: Run, world: World, brief: Brief, *, here: bool = False) -> Judged:
    """From a run to its plan; reads the tracker and the memory, writes nothing."""
    world.say(f"{focus.name}: {run.counts.red} of {run.counts.collected} tests are red; looking for the causes")
    evidence = replace(world.evidence(run), passed=run.passed())
    found = group([*preflight.failures(), *run.failures()], evidence, brief.policy)
    if focus.docker and any(one.cause is Cause.DOCKER_BUILD and one.tests for one in found):
        # a build that failed while the tests ran: a full disk says so in many other words
        preflight = _with_disk(preflight, world.look_again(focus))
        found = group([*preflight.failures(), *run.failures()], evidence, brief.policy)
    if here:
        evidence, note = with_spectrum(focus, preflight, run, found, evidence, world)
        run = replace(run, notes=(*run.notes, note) if note else run.notes)
    if evidence.touched:
        found = group([*preflight.failures(), *run.failures()], evidence, brief.policy)
    found = _with_blocked(found, preflight, run)
    past = world.store.past(found, focus.name, run)
    judged = judge(found, past, evidence, focus, brief.policy, run)
    findings = tuple(replace(finding, suspects=world.suspects(finding, evidence)) for finding in judged)
    findings = mark(findings, brief.baseline, run)
    try:
        known = world.tracker.issues()
    except TrackerError as error:
        trouble = f"{error.message} ({error.hint})"
        plan = _nothing_planned(findings, run, trouble)
        return Judged(preflight=preflight, run=run, findings=findings, plan=plan, trouble=trouble)
    commits = {commit for i in known if i.managed for commit in (i.managed.last_commit, i.managed.green_commit)}
    plan = decide(findings, known, run, brief.policy, world.ancestors(commits - {""}), moment(world.now().timestamp()))
    return Judged(
        preflight=preflight,
        run=run,
        findings=findings,
        plan=replace(plan, warnings=(*plan.warnings, *unwritten(findings, brief.baseline, run))),
        known=known,
        change=change_of(world.store.last_run(focus.name, run.id), findings),
    )


def tell(focus: Focus, judged: Judged, world: World, brief: Brief) -> Story:
    """The story of a run, before anything is written to the tracker."""
    run, findings = judged.run, judged.findings
    session = brief.write(focus, judged.preflight, run).session
    outlook = outlook_of(run, judged.preflight, findings)
    code = exit_of(run, outlook, findings, brief.fail_on, judged.change, lasting(findings, brief.baseline, run))
    touched = {number for action in judged.plan.actions for number in (action.number, action.to)}
    return Story(
        focus=focus,
        preflight=judged.preflight,
        run=run,
        findings=findings,
        plan=judged.plan,
        receipts=(),
        outlook=outlook,
        exit=worst([code, Exit.REFUSED]) if judged.trouble else code,
        verdict=sentence(run, outlook, findings),
        change=judged.change,
        known=tuple(issue for issue in judged.known if issue.number in touched),
        held=world.facts(run, judged.preflight),
        root=brief.root,
        session=session,
        version=brief.version,
        invocation=brief.invocation,
    )


def baseline_after(story: Story, brief: Brief) -> Baseline:
    """What is known at adoption after this run."""
    return after(brief.baseline, story.run, story.findings)


def carry_out(story: Story, world: World, brief: Brief) -> Story:
    """Apply the plan of a story; the story with what became of it."""
    desk = Desk(
        tracker=world.tracker,
        store=world.store,
        story=story,
        writing=brief.write(story.focus, story.preflight, story.run),
        forbidden=world.may_write(story.run),
    )
    receipts = apply(desk)
    world.store.settle(story.run.id, receipts)
    failed = any(receipt.outcome is Done.FAILED for receipt in receipts)
    return replace(
        story,
        receipts=receipts,
        plan=replace(story.plan, warnings=(*story.plan.warnings, *world.tracker.warnings)),
        exit=worst([story.exit, Exit.REFUSED]) if failed else story.exit,
    )


def resume(story: Story, world: World, brief: Brief) -> Story:
    """Carry out a kept plan, or the rest of it; refused where the tracker moved on in between."""
    done = frozenset(r.number for r in story.receipts if r.outcome is Done.DONE and r.number is not None)
    changed = moved_on(story.plan, world.tracker.issues(), done)
    if changed:
        numbers = ", ".join(f"#{number}" for number in changed)
        raise TrackerError(
            f"The tracker moved on since run {story.run.id} made its plan: {numbers} changed.",
            f"Run again (`gardener run {story.focus.name}`): the new plan knows of it.",
        )
    known = lasting(story.findings, brief.baseline, story.run)
    code = exit_of(story.run, story.outlook, story.findings, brief.fail_on, story.change, known)
    return world.keep(carry_out(replace(story, exit=code), world, brief))


def skip(focus: Focus, because: str, run: Run, world: World, brief: Brief) -> Story:
    """A focus whose need is not healthy: told as skipped, never as passed; not remembered, for nothing was learned."""
    plan = Plan(run=run.id, warnings=(because,))
    story = Story(
        focus=focus,
        preflight=Preflight(),
        run=run,
        findings=(),
        plan=plan,
        receipts=(),
        outlook=Outlook.SKIPPED,
        exit=Exit.FAILING,
        verdict=f"skipped: {because}",
        change=Change(),
        root=brief.root,
        version=brief.version,
        invocation=brief.invocation,
        skipped_because=because,
    )
    return world.keep(story)


def weigh(turns: Sequence[Turn]) -> Figures | None:
    """The figures of how a test or a finding went, newest first; None of nothing."""
    return figures_of(turns) if turns else None


def _with_disk(preflight: Preflight, again: Preflight) -> Preflight:
    """The answers of preflight with those on the disk as they are now."""
    kept = tuple(check for check in preflight.checks if check.id not in {one.id for one in again.checks})
    return replace(preflight, checks=(*kept, *again.checks))


def _with_blocked(found: Sequence[Finding], preflight: Preflight, run: Run) -> tuple[Finding, ...]:
    """Blocked tests stand under one finding; what would block the same tests after it says how many.

    What lies in the repository comes first: the host may be another one tomorrow.
    """
    waiting: dict[tuple[str, ...], tuple[str, ...]] = {}
    for check in preflight.blocking:
        nodes = tuple(c.node for c in run.cases if c.outcome is Outcome.BLOCKED and c.blocked_by == check.id)
        waiting[check.blocks] = tuple(dict.fromkeys((*waiting.get(check.blocks, ()), *nodes)))
    order = {
        check.found: check for check in sorted(preflight.blocking, key=lambda check: check.id not in IN_THE_REPOSITORY)
    }
    homes = {finding: _messages_of(finding, order) for finding in found}
    listed = {finding: finding for finding in found}
    given: set[tuple[str, ...]] = set()
    for message, check in order.items():
        for finding in (one for one, messages in homes.items() if message in messages):
            tests = waiting[check.blocks]
            if check.blocks in given and not listed[finding].blocked:
                listed[finding] = replace(listed[finding], would_block=len(tests))
            elif check.blocks not in given:
                listed[finding] = replace(listed[finding], blocked=tests)
                given.add(check.blocks)
    return tuple(listed[finding] for finding in found)


def _messages_of(finding: Finding, blocking: Mapping[CleanText, Check]) -> frozenset[CleanText]:
    shown = (failure.message for failure in finding.failures if failure.origin is Origin.PREFLIGHT)
    return frozenset(message for message in shown if message in blocking)


def _nothing_planned(findings: Sequence[Finding], run: Run, trouble: str) -> Plan:
    """The tracker could not be read: every finding is held, loudly, and nothing is filed on a guess."""
    actions = tuple(
        Action(
            kind=ActionKind.HOLD,
            why=f"the tracker could not be read: {trouble}",
            fingerprint=str(finding.fingerprint),
            finding=finding,
        )
        for finding in findings
    )
    return Plan(run=run.id, actions=actions, warnings=(trouble,))
