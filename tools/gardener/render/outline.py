"""What every view tells of a Story, derived once: the headline, the order, what became of it, what to do next."""

import re
import shlex
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from gardener.model.cause import Cause, CauseGroup
from gardener.model.finding import Finding, Kind
from gardener.model.focus import Focus, Severity
from gardener.model.plan import Action, ActionKind, Done, Receipt
from gardener.model.run import Case, Counts, Failure, Frame, Outcome, Run, Status, is_own
from gardener.model.story import Story

_VERBS = {  # done, and to be done
    ActionKind.CREATE: ("filed", "be filed"),
    ActionKind.UPDATE: ("updated", "update"),
    ActionKind.ESCALATE: ("escalated", "escalate"),
    ActionKind.DEESCALATE: ("de-escalated", "de-escalate"),
    ActionKind.REOPEN: ("reopened", "reopen"),
    ActionKind.LINK: ("linked", "link"),
    ActionKind.CLOSE: ("closed", "close"),
    ActionKind.HOLD: ("held back", "hold"),
}
_FEW = 6  # names in a sentence
_TELLS = {  # where neighbours pass
    CauseGroup.INFRASTRUCTURE: "the component level works, the connection level fails",
    CauseGroup.TEST_SUITE: "the product and its environment work, these tests or their set-up do not",
    CauseGroup.PRODUCT: "the set-up works, the fault lies in what only the failing tests touch",
    CauseGroup.CODE_HEALTH: "nothing is broken yet",
}
_JOINTS = {"cause": "which was the direct cause of", "context": "while handling it"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Filed:
    """What the plan does about a finding, and what became of it."""

    action: Action | None = None
    receipt: Receipt | None = None
    links: tuple[Action, ...] = ()

    @property
    def number(self) -> int | None:
        """The issue, where there is one."""
        return (self.receipt.number if self.receipt else None) or (self.action.number if self.action else None)

    @property
    def words(self) -> str:
        """`updated #12`, `would be filed`, `could not update #12`."""
        if self.action is None:
            return "no action"
        issue = f" #{self.number}" if self.number else ""
        issue += f" to #{self.action.to}" if self.action.to else ""
        past, plain = _VERBS[self.action.kind]
        match self.receipt.outcome if self.receipt else None:
            case Done.DONE:
                return past + issue
            case Done.HELD:
                return f"held back{issue}"
            case Done.FAILED:
                return f"could not {plain}{issue}"
            case Done.SIMULATED | None:
                held = self.action.kind is ActionKind.HOLD
                return f"{past}{issue}" if held else f"would {plain}{issue}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Suite:
    """One test file with what became of its tests, and what stands in their way."""

    name: str
    counts: Counts
    status: str  # "passed", "4/8 failed", "collection error", "0 collected"
    passed: tuple[str, ...]  # the names of its tests that passed
    factor: Finding | None  # the worst finding that touches it


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """Something to do next: a command or a place, and what it is for."""

    what: str
    where: str
    severity: Severity | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Outline:
    """A Story as its views tell it."""

    headline: str  # the verdict without its first word: how many red tests from how many causes
    became: str  # what became of the findings on the tracker, in one line
    findings: tuple[Finding, ...]  # worst first
    filed: Mapping[str, Filed]  # by fingerprint
    actions: tuple[Filed, ...]  # everything planned, in the order of the plan
    suites: tuple[Suite, ...]
    steps: tuple[Step, ...]
    passing: tuple[str, ...]  # what passes, and what that tells, in sentences

    def of(self, finding: Finding) -> Filed:
        """What became of a finding."""
        return self.filed[str(finding.fingerprint)]


def outline(story: Story) -> Outline:
    """Everything that is derived, at once."""
    findings = worst_first(story.findings)
    actions = tuple(done(action, story.receipts) for action in story.plan.actions)
    all_suites = suites(story, findings)
    return Outline(
        headline=_sentence(story.verdict.partition(": ")[2] or story.verdict),
        became=_became(actions),
        findings=findings,
        filed={str(finding.fingerprint): filed(story.plan.actions, story.receipts, finding) for finding in findings},
        actions=actions,
        suites=all_suites,
        steps=steps(story, findings),
        passing=tuple(_passing(all_suites)),
    )


def many(number: int, noun: str) -> str:
    """`1 test`, `2,000 tests`."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def worst_first(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """By severity, then by how many tests, then by name, so that two runs list alike."""
    return tuple(sorted(findings, key=lambda one: (one.severity, one.kind is Kind.WARNING, -one.count, one.slug)))


def is_health(finding: Finding) -> bool:
    """Code that still works but should not stay so: it stands apart from what fails."""
    return finding.kind is Kind.WARNING and finding.cause.group is CauseGroup.CODE_HEALTH


def _became(actions: Iterable[Filed]) -> str:
    """`2 filed, 1 escalated, 1 held back`; links are not counted."""
    verbs = (one.words.partition(" #")[0] for one in actions if one.action and one.action.kind is not ActionKind.LINK)
    return ", ".join(f"{number} {verb}" for verb, number in Counter(verbs).items()) or "nothing to file"


def done(action: Action, receipts: Sequence[Receipt]) -> Filed:
    """An action with its receipt."""
    return Filed(action=action, receipt=next((one for one in receipts if one.action.id == action.id), None))


def filed(actions: Sequence[Action], receipts: Sequence[Receipt], finding: Finding) -> Filed:
    """The finding's own action with its receipt; links stand apart."""
    keys = {str(key) for key in finding.keys}
    mine = [action for action in actions if action.fingerprint in keys or finding in action.also]
    links = tuple(one for one in mine if one.kind is ActionKind.LINK)
    main = next((action for action in mine if action.kind is not ActionKind.LINK), None)
    return replace(done(main, receipts), links=links) if main else Filed(links=links)


def suites(story: Story, findings: Sequence[Finding]) -> tuple[Suite, ...]:
    """Test files in the order of the run, then the selected files that hold no test. Reruns count once."""
    files: dict[str, list[Case]] = {}
    for case in story.run.cases:
        if case.attempt == 1:
            files.setdefault(case.node.partition("::")[0], []).append(case)
    factors: dict[str, Finding] = {}
    for finding in findings:
        subjects = [failure.subject for failure in finding.failures]
        for node in (*finding.tests, *finding.blocked, *subjects):
            factors.setdefault(node.partition("::")[0], finding)
        files |= {subject: [] for subject in subjects if finding.cause is Cause.EMPTY and subject not in files}
    return tuple(_suite(name, cases, factors.get(name)) for name, cases in files.items())


def _suite(name: str, cases: Sequence[Case], factor: Finding | None) -> Suite:
    counts = Counts.of(cases)
    status = "passed" if counts.skipped < counts.collected else "all skipped" if cases else "0 collected"
    for word, number in (("not run", counts.not_run), ("blocked", counts.blocked), ("failed", counts.red)):
        status = f"{number}/{counts.collected} {word}" if number else status
    if counts.red and any(case.node == name for case in cases):
        status = "0 collected" if factor and factor.cause is Cause.EMPTY else "collection error"
    passed = tuple(case.node.partition("::")[2] for case in cases if case.outcome is Outcome.PASSED)
    return Suite(name=name, counts=counts, status=status, passed=passed, factor=factor)


def _passing(known: Sequence[Suite]) -> Iterable[str]:
    green = [suite for suite in known if suite.status == "passed"]
    red = [(suite, _TELLS[suite.factor.cause.group]) for suite in known if suite.counts.red and suite.factor]
    if green:
        nodes = [f"{suite.name}::{test}" for suite in green for test in suite.passed]
        listed = _some(nodes if len(nodes) <= _FEW else [suite.name for suite in green], _FEW)
        tells = {tell for _, tell in red}
        share = f"{many(len(nodes), 'test')} in {many(len(green), 'file')} without a failure"
        yield f"{share}: {listed}{f' – beside what fails: {tells.pop()}' if len(tells) == 1 else ''}"
    for suite, tell in red:
        if suite.passed:
            names = [f"{name} × {number}" if number > 1 else name for name, number in fold(suite.passed)]
            share = f"{suite.counts.passed} of {suite.counts.collected} pass"
            yield f"{suite.name}: {share} ({_some(names, _FEW)}): {tell}"


def steps(story: Story, findings: Sequence[Finding]) -> tuple[Step, ...]:
    """What to do next, worst first: each a command or a place."""
    remedies = {(check.id, check.found): check for check in story.preflight.checks if check.status is not Status.OK}
    found = []
    for one in findings:
        check = remedies.get((one.root.subject, one.root.message))
        where = (check.remedy or check.location if check else "") or place(one) or rerun(one.tests)
        found.append(Step(severity=one.severity, what=one.title, where=where or f"gardener explain {one.slug}"))
    unwritten = sum(receipt.outcome in (Done.SIMULATED, Done.FAILED) for receipt in story.receipts)
    if unwritten:
        what = f"{many(unwritten, 'action')} not written to the tracker yet"
        found.append(Step(what=what, where=f"gardener apply {story.run.id}"))
    if found and story.invocation:
        found.append(Step(what="look again when these are mended", where=story.invocation))
    return tuple(found)


def place(finding: Finding) -> str:
    """`path:line` of the deepest frame in the repository's own code, or where a warning or check points; else empty."""
    frames = [f"{frame.path}:{frame.line}" for frame in reversed(_own(finding.root.frames)) if frame.line]
    spots = places(finding)
    return next((spot for spot in (*frames, *spots) if is_own(spot)), next(iter(spots), ""))


def places(finding: Finding) -> tuple[str, ...]:
    """Every place that a warning or a check named, each once; a line of 0 is none."""
    return tuple(dict.fromkeys(spot.removesuffix(":0") for failure in finding.failures for spot in failure.places))


def rerun(tests: Sequence[str]) -> str:
    """The exact pytest command for these tests; their files where they are too many for one line.

    "" where none is a test: what happened to the run as a whole has its selection for a subject.
    """
    known = tuple(node for node in tests if "::" in node or node.endswith(".py"))
    if not known:
        return ""
    chosen = known if len(known) <= 12 else tuple(dict.fromkeys(node.split("::")[0] for node in known))
    return shlex.join(("python", "-m", "pytest", *chosen[:40]))


def reproduction(finding: Finding, focus: Focus, run: Run) -> tuple[str, ...]:
    """The commands that show it again: checkout, preflight, the exact tests."""
    return (
        *([f"git checkout {run.commit}"] if run.commit else []),
        shlex.join(("gardener", "preflight", focus.name)),
        rerun(finding.tests) or shlex.join(("gardener", "run", focus.name)),
    )


def excerpt(failure: Failure) -> str:
    """The shortest complete evidence: the chain root first, the own frames with their code, the message last."""
    lines = []
    if failure.printed:
        root = failure.printed[0]
        lines += [f"{root.exception}: {root.message}".rstrip(": "), "", "stands in what the test printed, and then", ""]
    for link in failure.chain:
        if (link.exception, link.message) != (failure.exception, failure.message):
            lines += [f"{link.exception}: {link.message}".rstrip(": "), "", _JOINTS.get(link.joint or "", "then"), ""]
    for frame in (_own(failure.frames) or failure.frames)[-8:]:
        lines.append(f"{frame.path}:{frame.line or '?'}" + (f" in {frame.function}" if frame.function else ""))
        lines += [f"    {frame.code.strip()}"] if frame.code else []
    message = f"{failure.exception}: {failure.message}" if failure.exception and failure.message else failure.exception
    return "\n".join([*lines, message or failure.message or failure.detail])


def fold(tests: Sequence[str]) -> tuple[tuple[str, int], ...]:
    """Tests with the parameters of parametrised ones folded: (name, how many)."""
    folded: dict[str, list[str]] = {}
    for node in tests:
        folded.setdefault(re.sub(r"\[.*\]$", "[…]", node, flags=re.DOTALL), []).append(node)
    return tuple((nodes[0] if len(nodes) == 1 else name, len(nodes)) for name, nodes in folded.items())


def _own(frames: Sequence[Frame]) -> Sequence[Frame]:
    return [frame for frame in frames if is_own(frame.path)]


def _sentence(words: str) -> str:
    return f"{words[:1].upper()}{words[1:].rstrip('.')}."


def _some(names: Sequence[str], most: int) -> str:
    left = len(names) - most
    return ", ".join(names[:most]) + (f" and {left} more" if left > 0 else "")
