"""Adds to the evidence what changed since the failing tests passed, and which tests ran what of it."""

from collections.abc import Sequence
from dataclasses import replace

from gardener.model.errors import GardenerError
from gardener.model.finding import Evidence, Finding, Past, Touched, Trace
from gardener.model.focus import Focus
from gardener.model.run import Ending, Preflight, Run
from gardener.ports import Watched, World
from gardener.triage.places import is_test
from gardener.triage.spectrum import open_question

COMMITS = 4  # good ones that are compared with; findings that passed at still others are left to their text


def with_spectrum(
    focus: Focus, preflight: Preflight, run: Run, found: Sequence[Finding], evidence: Evidence, world: World
) -> tuple[Evidence, str]:
    """The evidence with changes and traces as far as there are any, and in words what was done; "" for nothing."""
    question = open_question(found)
    if not question:
        return evidence, ""
    if run.ending is not Ending.FINISHED or run.narrowed:
        return evidence, f"spectrum: not taken, as the run {'is narrowed' if run.narrowed else 'did not end by itself'}"
    past = world.store.past(found, focus.name, run)
    good = [past.get(str(finding.fingerprint), Past()).last_pass_commit for finding in found]
    since = {test: commit for finding, commit in zip(found, good, strict=True) if commit for test in finding.tests}
    commits = list(dict.fromkeys(since[test] for test in question if test in since))[:COMMITS]
    changed = {commit: [each for each in world.touched(commit) if not is_test(each.path)] for commit in commits}
    touched = _together([each for same in changed.values() for each in same])
    if not touched:
        why = "no run is remembered in which they passed" if not commits else "nothing of the product changed since"
        return evidence, f"spectrum: not taken for {len(question)} failing tests, as {why}"
    if not any(each.lines for each in touched):
        return replace(evidence, touched=touched), "spectrum: not taken, as what changed is gone: no test can run it"
    tests = [test for test in question if since.get(test) in changed]
    try:
        watched = world.watch(focus, preflight, run, tests, touched)
    except (GardenerError, OSError) as error:  # a run is never lost to what was only to explain it
        watched = Watched(note=f"spectrum: not taken, as {error}")
    traces = tuple(
        _trace(test, watched, changed.get(since.get(test, ""), touched))
        for test in sorted(watched.ran)
        if test in watched.passed | watched.failed and (test in watched.failed) == (test in since)
    )
    return replace(evidence, touched=touched, traces=traces), watched.note


def _together(found: Sequence[Touched]) -> tuple[Touched, ...]:
    """Each definition once, with the lines of every comparison."""
    lines: dict[str, set[int]] = {}
    first: dict[str, Touched] = {}
    for each in found:
        lines.setdefault(str(each), set()).update(each.lines)
        first.setdefault(str(each), each)
    return tuple(replace(first[name], lines=tuple(sorted(lines[name]))) for name in sorted(first))


def _trace(test: str, watched: Watched, changes: Sequence[Touched]) -> Trace:
    """What a test ran of the changes that came after it passed."""
    ran, tried = watched.ran[test], watched.tried.get(test, {})
    met = [str(each) for each in changes if not set(ran.get(each.path, ())).isdisjoint(each.lines)]
    return Trace(
        test=test,
        passed=test in watched.passed,
        met=tuple(met),
        healed=next((name for name in met if tried.get(name)), ""),
        vain=tuple(name for name in met if not tried.get(name, True)),
    )
