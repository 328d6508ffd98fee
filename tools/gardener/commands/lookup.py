"""What a person means: a finding by fingerprint, its unique beginning, slug or issue number; what is known of it."""

from gardener.grounds import Grounds
from gardener.keep import recall, run_ids
from gardener.model.errors import ConfigurationError
from gardener.model.finding import Finding
from gardener.model.run import Check
from gardener.model.story import Story
from gardener.render.outline import Filed, done, filed

LEAST = 4  # characters of a fingerprint


def find(grounds: Grounds, what: str, run: str | None = None) -> tuple[Finding, Story] | None:
    """The finding with its story, in the given run or the last one that knows it; None where none is called so.

    ConfigurationError for a beginning that several findings of that run share.
    """
    for each in [run] if run else reversed(run_ids(grounds)):
        story = recall(grounds, each)
        found = called(what, story)
        if len(found) > 1 and what not in {finding.slug for finding in found}:
            shown = ", ".join(str(finding.fingerprint)[:15] for finding in found[:5])
            raise ConfigurationError(f"“{what}” may be one of {len(found)} findings: {shown}.", "Give more of it.")
        if found:
            return found[0], story
    return None


def the_finding(grounds: Grounds, what: str) -> tuple[Finding, Story]:
    """The same; ConfigurationError where none is called so."""
    known = find(grounds, what)
    if known is None:
        hint = "`gardener issues list` shows the issues; result.json of a run holds the fingerprints."
        raise ConfigurationError(f"No finding of a kept run is called “{what}”.", hint)
    return known


def since(grounds: Grounds, finding: Finding, story: Story) -> list[tuple[str, Filed]]:
    """What newer runs did to the issue of a finding that they did not see, oldest first: closed it, say."""
    number = filed(story.plan.actions, story.receipts, finding).number
    newer = [recall(grounds, run) for run in run_ids(grounds) if number is not None and run > story.run.id]
    return [
        (each.run.id, done(action, each.receipts))
        for each in newer
        for action in each.plan.actions
        if action.number == number and action.to is None
    ]


def answers_of(grounds: Grounds, check: str) -> tuple[Check, ...]:
    """What the newest run that asked a preflight check was answered."""
    for run in reversed(run_ids(grounds)):
        found = tuple(each for each in recall(grounds, run).preflight.checks if each.id == check)
        if found:
            return found
    return ()


def called(what: str, story: Story) -> tuple[Finding, ...]:
    """The findings of a story with this issue number or slug; only where there are none, those whose key begins so."""
    named = tuple(finding for finding in story.findings if what in (finding.slug, *_numbers(finding, story)))
    if named or len(what.rpartition(":")[2]) < LEAST:  # so short, it is a number
        return named
    return tuple(
        finding
        for finding in story.findings
        if any(str(key).startswith(what) or key.digest.startswith(what) for key in finding.keys)
    )


def _numbers(finding: Finding, story: Story) -> tuple[str, str]:
    number = filed(story.plan.actions, story.receipts, finding).number
    return str(number), f"#{number}"
