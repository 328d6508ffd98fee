"""One issue for everything that the budget held: filed once, kept true, closed when nothing waits any more."""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import replace

from gardener.model.finding import Finding
from gardener.model.key import DIGEST, Key, Managed
from gardener.model.plan import Action, ActionKind, Issue, Reason, State
from gardener.triage.match import holder
from gardener.triage.remember import REMEMBERED_RUNS, Bearings, short_hash


def digest_key(focus: str) -> Key:
    """The key of a focus's digest: another scheme than any finding's."""
    name = hashlib.sha256(f"{DIGEST}\n{focus}".encode()).hexdigest()[:32]
    return Key(scheme=DIGEST, digest=name, pattern=f"what the budget held of {focus}")


def digest(held: Sequence[Finding], known: Sequence[Issue], bearings: Bearings) -> Iterator[Action]:
    """What is done about the digest of this run's focus. A narrowed run sees too little to rewrite the list."""
    run, key = bearings.run, digest_key(bearings.run.focus)
    there = holder((key,), known)
    listed = short_hash(" ".join(sorted(str(finding.fingerprint) for finding in held)))
    before = there.managed if there and there.managed else Managed(keys=(key,), kind=DIGEST, created_by=run.id)
    action = Action(
        kind=ActionKind.CREATE,
        why=f"the budget held {_findings(held)}: one issue lists them",
        fingerprint=str(key),
        managed=replace(
            before,
            focus=run.focus,
            listed=listed,
            first_seen=before.first_seen or run.started,
            last_seen=run.started,
            last_runs=tuple(dict.fromkeys((run.id, *before.last_runs)))[:REMEMBERED_RUNS],
        ),
    )
    if there is None:
        if held:
            yield action
        return
    if there.locked or run.narrowed:
        return
    action = replace(action, number=there.number)
    if there.state is State.CLOSED:
        if held and there.state_reason is Reason.COMPLETED:
            yield replace(action, kind=ActionKind.REOPEN, announce=f"{action.why} again.")
    elif held:
        if bearings.policy.status != "on-change" or listed != before.listed:
            yield replace(action, kind=ActionKind.UPDATE)
    elif run.complete and not run.dirty:
        why = f"the budget of run {run.id} held nothing any more"
        done = replace(action, kind=ActionKind.CLOSE, reason=Reason.COMPLETED, why=why)
        yield replace(done, announce=f"Nothing waits any more: {why}. Closing as completed.")


def _findings(held: Sequence[Finding]) -> str:
    return "1 finding" if len(held) == 1 else f"{len(held)} findings"
