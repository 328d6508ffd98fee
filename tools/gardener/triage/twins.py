"""Two open issues of gardener's own with one key: the lower number stays, and learns what the other knew."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from gardener.model.key import Key
from gardener.model.plan import Action, ActionKind, Issue, Reason, State
from gardener.triage.remember import merged


def twins(known: Sequence[Issue]) -> Iterator[tuple[Issue, Issue]]:
    """(lower, higher) of open issues of our own with one key: two writers filed at once, or a person reopened one.

    What is locked is nobody's duplicate, and stands for a higher one only where it knows all its keys already.
    """
    first: dict[Key, Issue] = {}
    for issue in sorted(known, key=lambda issue: issue.number):
        if issue.managed is None or not issue.ours or issue.state is State.CLOSED:
            continue
        lower = next((first[key] for key in issue.keys if key in first and _one_root(first[key], issue)), None)
        if lower is not None and not issue.locked and _may_stand_for(lower, issue):
            yield lower, issue
        else:
            for key in issue.keys:
                first.setdefault(key, issue)


def _may_stand_for(lower: Issue, higher: Issue) -> bool:
    if lower.managed is None or set(lower.managed.released) & set(map(str, higher.keys)):
        return False
    return not lower.locked or set(higher.keys) <= set(lower.managed.all_keys)


def _one_root(lower: Issue, higher: Issue) -> bool:
    """Whether one knows what the other was filed for: what only joined both is a symptom that two causes can share."""
    return higher.keys[0] in lower.keys or lower.keys[0] in higher.keys


def without_twins(doubled: Sequence[tuple[Issue, Issue]], known: Sequence[Issue]) -> tuple[Issue, ...]:
    """The issues without those that double another one, which knows their keys too."""
    kept = {issue.number: issue for issue in known}
    for lower, higher in doubled:
        del kept[higher.number]
        if higher.managed:
            kept[lower.number] = replace(lower, managed=merged(kept[lower.number].managed, higher.managed))
    return tuple(kept.values())


def duplicates(doubled: Sequence[tuple[Issue, Issue]], actions: Sequence[Action]) -> Iterator[Action]:
    """Close the higher of two, where the lower knows all its keys or learns them by this very plan."""
    learning = {action.number: action.managed.all_keys for action in actions if action.managed and action.number}
    for lower, higher in doubled:
        if not set(higher.keys) <= {*lower.keys, *lower.aliases, *learning.get(lower.number, ())}:
            continue
        key = next(key for key in higher.keys if key in lower.keys)
        why = f"#{lower.number} is open for the same key {key}: of two the lower number stays"
        yield Action(
            kind=ActionKind.CLOSE,
            why=why,
            fingerprint=str(key),
            number=higher.number,
            to=lower.number,
            reason=Reason.DUPLICATE,
            announce=f"A duplicate: {why}.",
        )
