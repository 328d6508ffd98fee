"""The commits in question for a finding, read from git, and who of them is suspected."""

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from gardener.model.finding import Change, Confidence, Evidence, Finding, Suspect
from gardener.repository import git
from gardener.repository.definitions import changed
from gardener.repository.suspects import Range, Traits, in_question, rank, traits

COMPARED = 30  # commits whose sources are compared, the newest; of older ones only the names of files count
FILES = 12  # of one commit that are compared


def suspects(root: Path, finding: Finding, evidence: Evidence) -> tuple[Suspect, ...]:
    """Who may have brought it, the likeliest first; nobody where git cannot tell."""
    if evidence.no_git or not in_question(finding):
        return ()
    if not finding.tests:
        return _last_touched(root, finding)
    wanted = traits(finding, evidence)
    past = finding.past.last_pass_commit
    seen = bool(past) and git.is_ancestor(root, past, "HEAD")
    start = past if seen else next((each.written for each in evidence.lineages if each.test in finding.tests), "")
    if not start:
        return ()
    changes = git.changes(root, start)
    near = {change.commit for change in changes if wanted.files.intersection(change.paths)}
    near |= {commit for name in wanted.names for commit in git.mentioning(root, start, name.rpartition(".")[2])}
    told = [change for change in changes if change.commit in near][:COMPARED]
    detailed = {change.commit: _detailed(root, change, wanted) for change in told}
    span = Range(
        changes=tuple(detailed.get(change.commit, change) for change in changes),
        since_pass=seen,
        first_failure=not finding.past.first_seen,
    )
    return rank(wanted, span)


def _detailed(root: Path, change: Change, wanted: Traits) -> Change:
    """The change with the definitions that it changed; the files that the finding speaks of first."""
    sources = [path for path in change.paths if path.endswith(".py")]
    functions, signatures = list[str](), list[str]()
    for path in sorted(sources, key=lambda each: each not in wanted.files)[:FILES]:
        differ, signed = changed(git.text(root, f"{change.commit}^", path), git.text(root, change.commit, path))
        functions += _placed(path, differ)
        signatures += _placed(path, signed)
    return replace(change, functions=tuple(functions), signatures=tuple(signatures))


def _placed(path: str, names: Iterable[str]) -> list[str]:
    return sorted(f"{path}::{name}" for name in names)


def _last_touched(root: Path, finding: Finding) -> tuple[Suspect, ...]:
    """The last commit to the file that a check complains of: a hint, no more."""
    for place in finding.root.places:
        path = place.rpartition(":")[0] or place
        for commit in git.touching(root, "HEAD", path)[:1]:
            author, subject = git.signed(root, commit)
            reason = f"the last change of {path}, which the check names"
            return (Suspect(commit=commit, author=author, subject=subject, reason=reason, confidence=Confidence.LOW),)
    return ()
