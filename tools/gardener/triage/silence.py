"""An issue that no finding of a run belongs to: closed where the silence is evidence, and only there."""

from collections.abc import Iterator
from dataclasses import replace

from gardener.model.finding import Kind
from gardener.model.key import Managed
from gardener.model.plan import Action, ActionKind, Issue, Reason, State
from gardener.model.run import BAD, Outcome, Run
from gardener.triage.flaky import judge_silence
from gardener.triage.remember import REMEMBERED_RUNS, Bearings, days


def silent(issue: Issue, bearings: Bearings) -> Iterator[Action]:
    """What becomes of an issue of ours that this run did not meet; nothing where the run proves nothing about it."""
    managed, run = issue.managed, bearings.run
    if managed is None or issue.state is State.CLOSED or issue.locked or run.id in managed.last_runs:
        return
    green = _green(managed, run)
    if not green or run.narrowed or run.dirty or not run.complete:
        return
    if any(issue.number == standing.issue or issue.title == standing.title for standing in bearings.policy.standing):
        return  # a standing issue is a collection that people keep
    if managed.last_commit and managed.last_commit not in bearings.ancestors:
        return
    streak = managed.green_streak + 1
    gone, why = _gone(managed, green, streak, bearings)
    update = Action(
        kind=ActionKind.UPDATE,
        why=why,
        fingerprint=str(issue.keys[0]),
        number=issue.number,
        managed=replace(
            managed,
            green_streak=streak,
            last_pass=run.started,
            green_commit=managed.green_commit or run.commit or "",
            last_runs=(run.id, *managed.last_runs)[:REMEMBERED_RUNS],
        ),
    )
    announce = f"Recovered: {why}. Closing as completed."
    yield replace(update, kind=ActionKind.CLOSE, reason=Reason.COMPLETED, announce=announce) if gone else update


def _gone(managed: Managed, green: str, streak: int, bearings: Bearings) -> tuple[bool, str]:
    """Whether the cause is gone, and the numbers: some green runs, or a longer silence where it comes and goes."""
    run = bearings.run
    if managed.flaky:
        silence = judge_silence(
            events=managed.events,
            span=days(managed.first_seen, managed.last_seen),
            longest_gap=managed.longest_gap,
            quiet=days(managed.last_seen, run.started),
            runs=streak,
        )
        return silence.gone, f"it is flaky; {silence.why}"
    needed = bearings.policy.close_after_green
    if streak < needed:
        return False, f"{green} in run {streak} of {needed} in a row that it takes to close"
    return True, f"{green} in {streak} runs in a row, the last being {run.id}, on commits after the last failing one"


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
