"""What kind of failure it is: infrastructure, flaky, active-dev, regression or new; the first that holds."""

from collections.abc import Iterator
from dataclasses import replace

from gardener.model.cause import CauseGroup
from gardener.model.finding import Break, Confidence, Evidence, Finding, Lineage, Nature, Past
from gardener.triage.flaky import BY_CHANCE, rate, worse_by_chance

STUCK = 3  # failing runs in a row: two may be one bad hour
HOW = ("the error names it", "it fails there", "the test comes to it by names and imports")


def judge_nature(finding: Finding, past: Past, evidence: Evidence, *, recovered: bool = False) -> Finding:
    """The finding with its nature, why, and its past. Order and words of design: see docs/how-it-decides.md.

    `recovered`: all its tests passed when they were run again in this very run.
    """
    past = replace(past, same_commit_pass=past.same_commit_pass or recovered)
    nature, why, confidence = _decide(finding, past, evidence, stuck=not recovered and _is_stuck(past))
    return replace(
        finding,
        nature=nature,
        past=past,
        why=replace(finding.why, nature=f"{why} (confidence {confidence})"),
    )


def _decide(finding: Finding, past: Past, evidence: Evidence, *, stuck: bool) -> tuple[Nature, str, Confidence]:
    if finding.cause.group is CauseGroup.INFRASTRUCTURE:
        return Nature.INFRASTRUCTURE, f"the cause {finding.cause} belongs to the infrastructure", Confidence.HIGH
    if past.same_commit_pass and not stuck:
        return Nature.FLAKY, f"a test of it passed and failed on the same commit{_often(past)}", Confidence.HIGH
    nearest = _nearest(finding, evidence)
    being_worked_on = _being_worked_on(finding, evidence)
    if being_worked_on:
        return Nature.ACTIVE_DEV, being_worked_on, Confidence.HIGH
    if nearest and _is_unfinished(nearest[1], evidence):
        where = "on this branch alone" if nearest[1].commit else "in the work tree, not committed"
        return Nature.ACTIVE_DEV, f"{nearest[1].what} {where}; {HOW[nearest[1].near]}", Confidence.MEDIUM
    if past.tests_passed_before:
        passed = f"{past.tests_passed_before} of {len(finding.tests) or 1} tests passed before"
        before, sure = _before(past)
        return Nature.REGRESSION, f"{passed}, last in the run of {past.last_pass or 'an earlier time'}{before}", sure
    if nearest:
        line, broke = nearest
        why = f"{broke.what} in {broke.commit[:12]} (“{broke.subject}”), after {line.test} was written"
        return Nature.REGRESSION, f"{why}; {HOW[broke.near]}", Confidence.LOW if broke.near == 2 else Confidence.MEDIUM
    if past.first_seen:
        return Nature.NEW, f"never seen to pass; first seen {past.first_seen}", Confidence.MEDIUM
    nothing = evidence.no_git or "no earlier run of these tests, and no change below them since they were written"
    cut = "; the clone is shallow, what happened before it is not known" if evidence.shallow else ""
    return Nature.NEW, f"{nothing}{cut}", Confidence.LOW


def _often(past: Past) -> str:
    told = past.runs_failed + past.runs_passed
    return f"; it failed in {rate(past.runs_failed, told)} of the earlier runs that tell" if told else ""


def _before(past: Past) -> tuple[str, Confidence]:
    """What it means that it came and went before: whether it fails more now than it did then."""
    if not past.relapses:
        return "", Confidence.HIGH
    chance = _by_chance(past)
    sure = Confidence.HIGH if chance < BY_CHANCE else Confidence.LOW
    return f"; it came and went {past.relapses}× before, by chance it fails now too with p = {chance:.2g}", sure


def _is_stuck(past: Past) -> bool:
    """Whether what was flaky fails always now: run after run, and not by chance."""
    return past.failing_streak + 1 >= STUCK and _by_chance(past) < BY_CHANCE


def _by_chance(past: Past) -> float:
    """How likely the failures in a row come about where nothing changed since the runs before them."""
    failed, now = past.runs_failed - past.failing_streak, past.failing_streak + 1
    return worse_by_chance(failed, failed + past.runs_passed, now, now)


def _being_worked_on(finding: Finding, evidence: Evidence) -> str:
    touched = tuple(dict.fromkeys(_touched(finding, evidence)))
    now = [path for path in touched if path in evidence.changed_now]
    if now:
        return f"{now[0]} is changed in the work tree and not committed"
    on_branch = [path for path in touched if path in evidence.changed_on_branch]
    if on_branch and not evidence.on_default_branch:
        return f"{on_branch[0]} is changed in commits of this branch that the default branch lacks"
    return ""


def _is_unfinished(broke: Break, evidence: Evidence) -> bool:
    """Whether a change is the work tree's, or this branch's and not the default one's."""
    return not broke.commit or (broke.path in evidence.changed_on_branch and not evidence.on_default_branch)


def _touched(finding: Finding, evidence: Evidence) -> Iterator[str]:
    """The deepest own frame and the test of each failure."""
    for failure in finding.failures:
        yield from (frame.path for frame in failure.frames_below(evidence.own)[-1:])
        yield failure.subject.partition("::")[0]


def _nearest(finding: Finding, evidence: Evidence) -> tuple[Lineage, Break] | None:
    """The likeliest change below one of the tests, and that test."""
    traced = [line for line in evidence.lineages if line.test in finding.tests and line.breaks]
    line = min(traced, key=lambda each: each.breaks[0].near, default=None)
    return (line, line.breaks[0]) if line else None
