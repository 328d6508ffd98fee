"""Nature and severity for every finding of a run, and the verdict on the run itself."""

from collections.abc import Mapping, Sequence

from gardener.model.errors import Exit
from gardener.model.finding import Evidence, Finding, Kind, Nature, Past
from gardener.model.focus import Focus
from gardener.model.policy import Policy
from gardener.model.run import BAD, Ending, Outcome, Preflight, Run
from gardener.model.story import Change, Outlook
from gardener.triage.nature import judge_nature
from gardener.triage.severity import Suite, judge_severity

NOT_RAN = frozenset({Outcome.BLOCKED, Outcome.NOT_RUN, Outcome.LOST})


def judge(
    findings: Sequence[Finding], past: Mapping[str, Past], evidence: Evidence, focus: Focus, policy: Policy, run: Run
) -> tuple[Finding, ...]:
    """The findings with nature, severity and every `why`, the worst first."""
    reran_green = passed_on_rerun(run)
    suite = Suite.of([case.node for case in run.cases if case.outcome not in NOT_RAN])
    held_up = sum(case.outcome is Outcome.BLOCKED for case in run.cases)
    judged = []
    for finding in findings:
        known = past.get(str(finding.fingerprint), Past())
        recovered = bool(finding.tests) and reran_green.issuperset(finding.tests)
        natured = judge_nature(finding, known, evidence, recovered=recovered)
        judged.append(judge_severity(natured, focus, policy, suite, held_up))
    return tuple(sorted(judged, key=lambda finding: (finding.severity, -finding.count, finding.slug)))


def passed_on_rerun(run: Run) -> frozenset[str]:
    """Tests that failed first and passed when they were run again in this run, on the same commit."""
    failed = {case.node for case in run.cases if case.attempt == 1 and case.outcome in BAD}
    return frozenset(case.node for case in run.cases if case.attempt > 1 and case.outcome is Outcome.PASSED) & failed


def outlook_of(run: Run, preflight: Preflight, findings: Sequence[Finding]) -> Outlook:
    """What the run comes to. A run that proves nothing is never healthy."""
    if run.ending is Ending.TIMED_OUT:
        return Outlook.TIMED_OUT
    if run.ending is not Ending.FINISHED or run.counts.lost:
        return Outlook.CRASHED
    counts = run.counts
    if preflight.blocked and counts.blocked == counts.collected:
        return Outlook.BLOCKED
    ran = counts.passed + counts.failed + counts.error + counts.xfailed + counts.xpassed
    if not ran:
        return Outlook.EMPTY
    if counts.red or any(finding.kind in {Kind.FAILING, Kind.UNCOLLECTABLE} for finding in findings):
        return Outlook.FAILING
    return Outlook.FAILING if counts.blocked or counts.not_run else Outlook.HEALTHY


def exit_of(
    run: Run, outlook: Outlook, findings: Sequence[Finding], fail_on: str, change: Change, known: frozenset[str]
) -> Exit:
    """The exit code of a run, before what the tracker says. `known` are fingerprints that are not new by adoption."""
    if run.ending is Ending.INTERRUPTED:
        return Exit.INTERRUPTED
    match outlook:
        case Outlook.HEALTHY:
            return Exit.HEALTHY
        case Outlook.CRASHED | Outlook.TIMED_OUT:
            return Exit.CRASHED
        case Outlook.BLOCKED:
            return Exit.BLOCKED
        case Outlook.EMPTY:
            return Exit.EMPTY
        case Outlook.SKIPPED:
            return Exit.FAILING
        case Outlook.FAILING:
            if fail_on == "never":
                return Exit.HEALTHY
            known |= set(change.stayed) if change.previous else set()
            fresh = [f for f in findings if f.kind is not Kind.WARNING and str(f.fingerprint) not in known]
            return Exit.HEALTHY if fail_on == "new" and not fresh else Exit.FAILING


def change_of(previous: tuple[str, tuple[str, ...]] | None, findings: Sequence[Finding]) -> Change:
    """What came and went since the last run of this focus."""
    now = [str(finding.fingerprint) for finding in findings]
    if previous is None:
        return Change(appeared=tuple(now))
    run, before = previous
    return Change(
        previous=run,
        appeared=tuple(key for key in now if key not in before),
        gone=tuple(key for key in before if key not in now),
        stayed=tuple(key for key in now if key in before),
    )


def sentence(run: Run, outlook: Outlook, findings: Sequence[Finding]) -> str:
    """The verdict in one sentence, with its numbers from `run.counts` alone."""
    counts = run.counts
    causes = len([finding for finding in findings if finding.kind is not Kind.WARNING])
    old = sum(bool(finding.known_since) for finding in findings)
    flaky = sum(finding.nature is Nature.FLAKY for finding in findings)
    red = f"{counts.red} of {_tests(counts.collected)} red"
    blocked = f", {counts.blocked} blocked" if counts.blocked else ""
    unreached = f", {counts.not_run} not reached" if counts.not_run else ""
    why = f", from {_causes(causes)}" if causes else ""
    match outlook:
        case Outlook.HEALTHY:
            rest = {
                "skipped": counts.skipped,
                "failing as expected": counts.xfailed,
                "unexpectedly passing": counts.xpassed,
            }
            others = "".join(f", {number} {word}" for word, number in rest.items() if number)
            return f"healthy: {counts.passed} of {_tests(counts.collected)} passed{others}, nothing wrong found"
        case Outlook.EMPTY:
            return f"nothing ran: {counts.collected} collected, {counts.skipped} skipped; this is not a pass"
        case Outlook.BLOCKED:
            return f"blocked: none of {_tests(counts.collected)} could run{why}"
        case Outlook.SKIPPED:
            return "skipped: a focus that this one needs is not healthy"
        case Outlook.CRASHED | Outlook.TIMED_OUT:
            word = "the run crashed" if outlook is Outlook.CRASHED else "the run hit its time limit"
            return f"{word}: {red}, {counts.lost} lost{blocked}{unreached}{why}"
        case Outlook.FAILING:
            told = [f"{number} {word}" for number, word in ((flaky, "flaky"), (old, "known at adoption")) if number]
            aside = f" ({', '.join(told)})" if told else ""
            return f"failing: {red}{blocked}{unreached}{why}{aside}"


def _tests(number: int) -> str:
    return f"{number} test" if number == 1 else f"{number} tests"


def _causes(number: int) -> str:
    return "one root cause" if number == 1 else f"{number} root causes"
