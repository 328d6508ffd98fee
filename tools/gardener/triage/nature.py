"""What kind of failure it is: infrastructure, flaky, active-dev, regression or new; the first that holds."""

from collections.abc import Iterable, Iterator
from dataclasses import replace

from gardener.model.cause import CauseGroup
from gardener.model.finding import Confidence, Evidence, FileStory, Finding, Nature, Past


def judge_nature(finding: Finding, past: Past, evidence: Evidence) -> Finding:
    """The finding with its nature, why, and its past. Order and words of design: see docs/how-it-decides.md."""
    nature, why, confidence = _decide(finding, past, evidence)
    return replace(
        finding,
        nature=nature,
        past=past,
        why=replace(finding.why, nature=f"{why} (confidence {confidence})"),
    )


def _decide(finding: Finding, past: Past, evidence: Evidence) -> tuple[Nature, str, Confidence]:
    if finding.cause.group is CauseGroup.INFRASTRUCTURE:
        return Nature.INFRASTRUCTURE, f"the cause {finding.cause} belongs to the infrastructure", Confidence.HIGH
    if past.same_commit_pass:
        return Nature.FLAKY, "a test of it passed and failed on the same commit", Confidence.HIGH
    being_worked_on = _being_worked_on(finding, evidence)
    if being_worked_on:
        return Nature.ACTIVE_DEV, being_worked_on, Confidence.HIGH
    if past.tests_passed_before:
        passed = f"{past.tests_passed_before} of {len(finding.tests) or 1} tests passed before"
        return Nature.REGRESSION, f"{passed}, last in the run of {past.last_pass or 'an earlier time'}", Confidence.HIGH
    changed = changed_below(finding, evidence)
    if changed:
        story, test = changed
        why = f"{story.path} changed in {story.commit[:12]} (“{story.subject}”), after {test} was written"
        return Nature.REGRESSION, why, Confidence.MEDIUM
    if past.first_seen:
        return Nature.NEW, f"never seen to pass; first seen {past.first_seen}", Confidence.MEDIUM
    nothing = evidence.no_git or "no earlier run of these tests, and no older commit that explains it"
    return Nature.NEW, nothing, Confidence.LOW


def _being_worked_on(finding: Finding, evidence: Evidence) -> str:
    touched = tuple(dict.fromkeys(_touched(finding, evidence)))
    now = [path for path in touched if path in evidence.changed_now]
    if now:
        return f"{now[0]} is changed in the work tree and not committed"
    on_branch = [path for path in touched if path in evidence.changed_on_branch]
    if on_branch and not evidence.on_default_branch:
        return f"{on_branch[0]} is changed in commits of this branch that the default branch lacks"
    return ""


def _touched(finding: Finding, evidence: Evidence) -> Iterator[str]:
    """The deepest own frame and the test of each failure."""
    for failure in finding.failures:
        own = [frame.path for frame in failure.frames if _is_own(frame.path, evidence.own)]
        if own:
            yield own[-1]
        yield failure.subject.partition("::")[0]


def _is_own(path: str, own: Iterable[str]) -> bool:
    return any(path == folder or path.startswith(f"{folder}/") for folder in own)


def changed_below(finding: Finding, evidence: Evidence) -> tuple[FileStory, str] | None:
    """The product file below a test that changed after the test was written, both older than that; and the test."""
    stories = {story.path: story for story in evidence.files}
    for failure in finding.failures:
        test = stories.get(failure.subject.partition("::")[0])
        for target in _targets(failure.subject, finding, evidence, stories):
            if test and target.added > target.changed and test.changed > target.changed:
                return target, test.path
    return None


def _targets(subject: str, finding: Finding, evidence: Evidence, stories: dict[str, FileStory]) -> Iterator[FileStory]:
    """What the failing test exercises: definitions that the message names, else product frames, else its imports."""
    test = subject.partition("::")[0]
    named = [definition.path for definition in evidence.definitions if _names(finding, definition.name)]
    frames = [frame.path for failure in finding.failures for frame in failure.frames if failure.subject == subject]
    imported = dict(evidence.imports).get(test, ())
    for path in dict.fromkeys([*named, *reversed(frames), *imported]):
        if path != test and path in stories:
            yield stories[path]


def _names(finding: Finding, definition: str) -> bool:
    """Whether the error's message names the definition: `ConnectionInfo.__init__() missing …`."""
    return any(
        f"{definition}(" in failure.message or f"'{definition}'" in failure.message for failure in finding.failures
    )
