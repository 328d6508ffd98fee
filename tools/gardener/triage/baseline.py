"""Known at adoption: which findings of a run were there when gardener came, and what becomes of the list."""

from collections.abc import Sequence
from dataclasses import replace

from gardener.model.baseline import BASELINE, Baseline, Entry
from gardener.model.finding import Finding
from gardener.model.run import Run


def mark(findings: Sequence[Finding], baseline: Baseline, run: Run) -> tuple[Finding, ...]:
    """The findings, those that were there at adoption with `known_since`. What passed after that is known no more."""
    return tuple(replace(finding, known_since=_since(finding, baseline, run)) for finding in findings)


def _since(finding: Finding, baseline: Baseline, run: Run) -> str:
    return _written(finding, baseline, run) or (run.started if run.focus in baseline.awaited else "")


def _written(finding: Finding, baseline: Baseline, run: Run) -> str:
    """Since when it is written down as known; "" where it is not, or passed since."""
    keys = {str(key) for key in finding.keys}
    since = [entry.since for entry in baseline.entries if entry.focus == run.focus and entry.key in keys]
    return since[0] if since and finding.past.last_pass <= since[0] else ""


def held_as_known(finding: Finding) -> str:
    """Why it is not filed; "" where it was not there at adoption."""
    if not finding.known_since:
        return ""
    return (
        f"known at adoption: it was there when gardener came ({finding.known_since}); filed when it heals and comes "
        f"back, or when its line leaves {BASELINE}"
    )


def lasting(findings: Sequence[Finding], baseline: Baseline, run: Run) -> frozenset[str]:
    """Fingerprints of those that are not new: written down before, or written down now where that stays."""
    known = (each for each in findings if each.known_since and (baseline.lasts or _written(each, baseline, run)))
    return frozenset(str(each.fingerprint) for each in known)


def unwritten(findings: Sequence[Finding], baseline: Baseline, run: Run) -> tuple[str, ...]:
    """What to say where findings are held that nobody has written down for good."""
    if baseline.lasts or not any(each.known_since and not _written(each, baseline, run) for each in findings):
        return ()
    hint = f"run `gardener run --baseline {run.focus}` where files stay, and commit {BASELINE}"
    return (f"{BASELINE} awaits the first run of {run.focus}, and what this one writes is lost: {hint}",)


def after(baseline: Baseline, run: Run, findings: Sequence[Finding]) -> Baseline:
    """The baseline after a run: what was found by an awaited run comes in, what healed goes out.

    Only a whole run from a clean tree says what healed: complete, not narrowed, nothing held up.
    """
    whole = run.complete and not run.narrowed
    says_all = whole and not (run.dirty or run.counts.blocked or run.counts.not_run)
    elsewhere = [entry for entry in baseline.entries if entry.focus != run.focus]
    here = {} if says_all else {entry.key: entry for entry in baseline.entries if entry.focus == run.focus}
    for finding in findings:
        for key in map(str, finding.keys):
            here[key] = Entry(focus=run.focus, key=key, since=finding.known_since, slug=finding.slug)
    known = [entry for entry in here.values() if entry.since]
    return replace(
        baseline, entries=(*elsewhere, *known), awaited=baseline.awaited - {run.focus} if whole else baseline.awaited
    )
