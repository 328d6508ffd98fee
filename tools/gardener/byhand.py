"""What a person decides about issues: this is the finding's, file it now, these two are one, these are not."""

from collections.abc import Sequence
from dataclasses import replace

from gardener.flow import Brief, carry_out
from gardener.model.errors import TrackerError
from gardener.model.finding import Finding
from gardener.model.key import Key, Managed, rewrite_block
from gardener.model.plan import Action, Issue, Plan, Reason, State
from gardener.model.story import Story
from gardener.ports import Tracker, World
from gardener.triage.byhand import adopted_by_hand, filed_by_hand
from gardener.triage.remember import merged, without


def adopt(finding: Finding, number: int, story: Story, world: World, brief: Brief) -> Story:
    """Give an issue that somebody else wrote to a finding. TrackerError where another one has its key."""
    for holder in _holders(finding, world):
        if holder != number:
            raise TrackerError(
                f"#{holder} carries the key of this finding already.",
                f"Make them one: gardener issues merge {holder} {number}",
            )
    return _alone(adopted_by_hand(finding, world.tracker.issue(number), story.run), story, world, brief)


def file(finding: Finding, story: Story, world: World, brief: Brief) -> Story:
    """File an issue for a finding, whatever the budget says. TrackerError where there is one."""
    for holder in _holders(finding, world):
        raise TrackerError(f"#{holder} is this finding's issue already.", f"Look: gardener issues show {holder}")
    return _alone(filed_by_hand(finding, story.run), story, world, brief)


def _holders(finding: Finding, world: World) -> tuple[int, ...]:
    keys = set(finding.keys)
    known = world.tracker.issues()
    return tuple(i.number for i in known if keys & {*i.keys, *i.aliases} and i.state is State.OPEN)


def _alone(action: Action, story: Story, world: World, brief: Brief) -> Story:
    return carry_out(replace(story, plan=Plan(run=story.run.id, actions=(action,))), world, brief)


def merge(number: int, into: int, tracker: Tracker, labels: Sequence[str]) -> tuple[Issue, Issue]:
    """Make one issue of two: the other takes its keys as aliases, and it is closed as a duplicate; both, as they are.

    `labels` are those by which gardener finds its issues. The keys are written first, so that a kill loses none.
    """
    if number == into:
        raise TrackerError(f"#{number} cannot be merged into itself.", "Name two issues.")
    gone, kept = _writable(number, tracker), _writable(into, tracker)
    memory = gone.managed or (Managed(keys=gone.keys) if gone.keys else None)
    if memory is not None:
        body = rewrite_block(kept.body, merged(kept.managed, memory))
        tracker.edit(into, body=body, add_labels=[label for label in labels if "{" not in label])
        tracker.edit(number, body=rewrite_block(gone.body, replace(memory, merged_into=into)))
    tracker.link(into, number, "it was merged into this one")
    tracker.comment(number, f"Merged into #{into}, which is recognised by these keys from now on.")
    return tracker.close(number, Reason.DUPLICATE, into), tracker.issue(into)


def split(number: int, keys: Sequence[Key], tracker: Tracker) -> Issue:
    """Take keys from an issue for good. What has them gets a new issue in the next run, or the one it once had back."""
    issue = _writable(number, tracker)
    before = issue.managed or Managed()
    strange = [key for key in keys if key not in before.all_keys]
    if strange:
        have = ", ".join(map(str, before.all_keys)) or "none"
        raise TrackerError(f"#{number} does not carry the key {strange[0]}.", f"It has these: {have}")
    left = without(before, keys)
    if left is None:
        raise TrackerError(
            f"#{number} would have no key left.", f"Close it: gardener issues close {number} --reason not_planned"
        )
    issue = tracker.edit(number, body=rewrite_block(issue.body, left))
    for other in tracker.issues():
        if other.managed and other.managed.merged_into == number and set(other.keys) & set(keys):
            tracker.edit(other.number, body=rewrite_block(other.body, replace(other.managed, merged_into=0)))
            tracker.reopen(other.number)
    return issue


def _writable(number: int, tracker: Tracker) -> Issue:
    issue = tracker.issue(number)
    if issue.locked:
        raise TrackerError(f"#{number} is locked.", "Unlock it first: gardener writes nothing where people locked.")
    return issue
