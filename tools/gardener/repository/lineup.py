"""The commits in question for a finding, read from git, and who of them is suspected."""

from dataclasses import replace
from pathlib import Path

from gardener.model.finding import Change, Confidence, Evidence, Finding, Suspect
from gardener.repository import git
from gardener.repository.definitions import outlines, said
from gardener.repository.suspects import Range, Traits, in_question, rank, traits

COMPARED = 30  # commits whose sources are compared, the newest; of older ones only the names of files count
FILES = 12  # of one commit that are compared


def suspects(root: Path, finding: Finding, evidence: Evidence) -> tuple[Suspect, ...]:
    """Who may have brought it, the likeliest first; nobody where git cannot tell."""
    if evidence.no_git or not in_question(finding):
        return ()
    wanted = traits(finding, evidence)
    past = finding.past.last_pass_commit
    seen = bool(past) and git.is_ancestor(root, past, "HEAD")
    written = (each.written for each in evidence.lineages if each.test in finding.tests)
    start = past if seen else next(written, "")
    end = finding.past.first_fail_commit
    ended = bool(end) and git.is_ancestor(root, end, "HEAD") and git.is_ancestor(root, start or end, end)
    if not start:
        return _last_resort(root, finding, wanted)
    span = _span(root, wanted, start, end if ended else "HEAD")
    # what comes and goes, or fails beside changes that are not committed, has more possible origins than commits
    sure = seen and not finding.past.relapses and not evidence.dirty
    ranked = rank(wanted, replace(span, since_pass=sure, first_failure=ended or not finding.past.first_seen))
    return ranked or (() if seen else _last_resort(root, finding, wanted))


def _span(root: Path, wanted: Traits, start: str, end: str) -> Range:
    """The commits after one and up to another, those that come near with the definitions that they changed."""
    changes = git.changes(root, start, end)
    near = {change.commit for change in changes if wanted.files.intersection(change.paths)}
    for name in wanted.names:
        near |= {*git.mentioning(root, start, end, name.rpartition(".")[2].removeprefix("import "))}
    told = [change for change in changes if change.commit in near][:COMPARED]
    detailed = {change.commit: _detailed(root, change, wanted) for change in told}
    return Range(changes=tuple(detailed.get(change.commit, change) for change in changes))


def _detailed(root: Path, change: Change, wanted: Traits) -> Change:
    """The change with the definitions that it changed; the files that the finding speaks of first."""
    sources = sorted((path for path in change.paths if path.endswith(".py")), key=lambda each: each not in wanted.files)
    sides = {
        path: (outlines(git.text(root, f"{change.commit}^", path)), outlines(git.text(root, change.commit, path)))
        for path in sources[:FILES]
    }
    went = {said(text) for old, new in sides.values() for name, text in old.items() if name not in new}
    came = {said(text) for old, new in sides.values() for name, text in new.items() if name not in old}
    functions, signatures, idle = list[str](), list[str](), list[str]()
    for path, (old, new) in sides.items():
        differ = sorted(name for name in old.keys() | new.keys() if old.get(name) != new.get(name))
        signatures += [f"{path}::{name}" for name in differ if old.get(name, ("",))[0] != new.get(name, ("",))[0]]
        stayed = old.keys() & new.keys()
        kept = [name for name in differ if name in stayed or said(old.get(name) or new[name]) not in went & came]
        functions += [f"{path}::{name}" for name in kept]  # without what only moved
        idle += [] if kept else [path]
    return replace(change, functions=tuple(functions), signatures=tuple(signatures), idle=tuple(idle))


def _last_resort(root: Path, finding: Finding, wanted: Traits) -> tuple[Suspect, ...]:
    """Where no pass and no age is known: who touched last what the check names, or the line that fails. No more."""
    for path in wanted.named:
        for commit in git.touching(root, "HEAD", path)[:1]:
            return (_hint(root, commit, f"the last change of {path}, which the check names"),)
    for frame in reversed(finding.root.frames):
        if any(frame.path == path for path, _ in wanted.frames) and frame.line:
            commit = git.blame(root, frame.path, frame.line)
            why = f"the last to change {frame.path}:{frame.line}, where it fails; nobody remembers it passing"
            return (_hint(root, commit, why),) if commit else ()
    return ()


def _hint(root: Path, commit: str, reason: str) -> Suspect:
    author, subject = git.signed(root, commit)
    return Suspect(commit=commit, author=author, subject=subject, reason=reason, confidence=Confidence.LOW)
