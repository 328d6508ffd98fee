"""Carry out a plan: intent written down, then the write, then its receipt. A second time does nothing."""

from dataclasses import dataclass, field, replace
from typing import Any

from gardener.model.errors import IssueMoved, OutcomeUnknown, TrackerError, TrackerReadOnly
from gardener.model.finding import Finding
from gardener.model.key import DIGEST, Managed, replace_block
from gardener.model.plan import Action, ActionKind, Done, Draft, Issue, Reason, Receipt
from gardener.model.story import Story
from gardener.ports import Store, Tracker
from gardener.render import digest
from gardener.render.issue import Writing, block, body, comment, labels, title
from gardener.triage.remember import rebased, short_hash

SUPERSEDED = "since this was planned another run wrote to the issue, or people locked it: the next run decides anew"
TRIES = 5  # to write to an issue that others write to at the same time


@dataclass(slots=True, kw_only=True)
class Desk:
    """What carrying out needs: where to write, where to note it, and how texts are made."""

    tracker: Tracker
    store: Store
    story: Story  # of the run, as far as it is known before anything is written
    writing: Writing
    forbidden: str = ""  # why nothing may be written; "" when it may
    homes: dict[str, int] = field(default_factory=dict)  # fingerprint → number of the issue filed by this plan


def apply(desk: Desk) -> tuple[Receipt, ...]:
    """One receipt per action, in order. A tracker that refuses fails the rest; what was done stays done."""
    receipts: list[Receipt] = []
    refused = ""
    for action in desk.story.plan.actions:
        if action.kind is ActionKind.HOLD:
            receipts.append(Receipt(action=action, outcome=Done.HELD, number=action.number))
        elif action.kind is ActionKind.LINK and None in _ends(action, desk) and not desk.forbidden:
            why = "one end has no issue yet: the budget held it"
            receipts.append(Receipt(action=action, outcome=Done.HELD, number=action.number, error=why))
        elif desk.forbidden:
            receipts.append(Receipt(action=action, outcome=Done.SIMULATED, number=action.number, error=desk.forbidden))
        elif refused:
            receipts.append(Receipt(action=action, outcome=Done.FAILED, number=action.number, error=refused))
        else:
            receipt = _carry_out(action, desk)
            receipts.append(receipt)
            refused = receipt.error if receipt.outcome is Done.FAILED else ""
    return tuple(receipts)


def _carry_out(action: Action, desk: Desk) -> Receipt:
    before = desk.store.begin(desk.story.run.id, action.id, action.why)
    if before is not None and before.outcome is Done.DONE:
        if before.number is not None and action.kind is ActionKind.CREATE:
            desk.homes[action.fingerprint] = before.number
        return replace(before, action=action)
    try:
        issue = _write(action, desk)
    except TrackerReadOnly as error:
        # a fork's token: the findings stand in summary and artifacts, and the exit code says what the tests said
        desk.forbidden = error.message
        receipt = Receipt(action=action, outcome=Done.SIMULATED, number=action.number, error=error.message)
    except OutcomeUnknown as error:
        receipt = Receipt(action=action, outcome=Done.FAILED, number=action.number, error=f"outcome unknown: {error}")
    except TrackerError as error:
        receipt = Receipt(action=action, outcome=Done.FAILED, number=action.number, error=str(error))
    else:
        receipt = Receipt(action=action, outcome=Done.HELD, number=action.number, error=SUPERSEDED)
        if issue is not None:
            receipt = Receipt(action=action, outcome=Done.DONE, number=issue.number, url=issue.url)
    desk.store.settle(desk.story.run.id, [receipt])
    return receipt


def _write(action: Action, desk: Desk) -> Issue | None:
    """The issue it was done to; None where what was planned holds no longer."""
    match action.kind:
        case ActionKind.CREATE:
            return _create(action, desk)
        case ActionKind.LINK:
            return _link(action, desk)
        case ActionKind.CLOSE:
            return _close(action, desk)
        case ActionKind.REOPEN:
            desk.tracker.reopen(_number(action))
            return _update(action, desk)
        case ActionKind.UPDATE | ActionKind.ESCALATE | ActionKind.DEESCALATE:
            return _update(action, desk)
        case ActionKind.HOLD:
            raise AssertionError("a held action is never carried out")


def _create(action: Action, desk: Desk) -> Issue:
    issue = desk.tracker.create(replace(_draft(action, desk), operation=f"{desk.story.run.id}/{action.fingerprint}"))
    desk.homes[action.fingerprint] = issue.number
    return issue


def _draft(action: Action, desk: Desk) -> Draft:
    writing, managed = desk.writing, action.managed
    if managed is not None and managed.kind == DIGEST:
        text = digest.block(_held(desk), managed, writing)
        return Draft(title=digest.title(writing), body=text, labels=digest.labels(writing))
    if action.finding is None or managed is None:
        raise ValueError(f"a plan that creates {action.fingerprint} without its finding is damaged")
    heading = action.title or title(action.finding, writing.title_style)
    if action.title:  # found again by it, so it never changes
        text = block(action, Issue(number=0, title=heading), managed, writing)
    else:
        text = body(action.finding, replace(managed, titled=short_hash(heading)), writing)
    return Draft(
        title=heading,
        body=text,
        labels=(*labels(action.finding, writing.labels), *writing.session_labels),
    )


def _held(desk: Desk) -> tuple[Finding, ...]:
    """What the budget held: those without an issue, but for what was there before gardener came."""
    held = [action for action in desk.story.plan.actions if action.kind is ActionKind.HOLD and action.number is None]
    return tuple(one.finding for one in held if one.finding is not None and not one.finding.known_since)


def _update(action: Action, desk: Desk) -> Issue | None:
    """The issue with its block as it shall be, and what is announced said once; None where it holds no longer."""
    for left in reversed(range(TRIES)):
        issue = desk.tracker.issue(_number(action), comments=bool(action.announce))
        managed = _managed(action, issue, desk)
        if managed is None or issue.locked:
            return None
        try:
            edited = _edit(action, issue, managed, desk)
        except IssueMoved:
            if not left:
                raise
        else:
            _say(action, issue, desk)
            return edited
    raise AssertionError("the last try ends in one way or the other")


def _managed(action: Action, issue: Issue, desk: Desk) -> Managed | None:
    """What the block shall remember, whoever wrote to it since the plan was made."""
    if action.managed is None:
        return issue.managed or Managed()
    then = next((known.managed for known in desk.story.known if known.number == issue.number), None)
    return rebased(action.managed, then, issue.managed)


def _say(action: Action, issue: Issue, desk: Desk) -> None:
    """Announce it, unless that was done before a crash; each comment names its run."""
    said = comment(action, desk.writing).strip()
    if action.announce and not any(said in each.body.replace("\r\n", "\n") for each in issue.comments):
        desk.tracker.comment(issue.number, said)


def _edit(action: Action, issue: Issue, managed: Managed, desk: Desk) -> Issue:
    """Edit the managed block in place; title and priority label follow only where they are gardener's."""
    moved = action.severity is not None and action.severity != issue.severity
    retitled = _retitled(action, issue, managed, desk, moved=moved)
    if retitled:
        managed = replace(managed, titled=short_hash(retitled))
    if managed.kind == DIGEST:
        text = digest.block(_held(desk), managed, desk.writing)
    else:
        text = block(action, issue, managed, desk.writing, kept=_kept(issue))
    new = replace_block(issue.body, text)
    changes: dict[str, Any] = {
        "title": retitled,
        "body": new if new != issue.body else None,
        "add_labels": _new_labels(action, issue, desk, moved=moved),
        "remove_labels": (issue.severity.name,) if moved and issue.severity is not None else (),
    }
    return desk.tracker.edit(issue.number, was=issue.body, **changes) if any(changes.values()) else issue


def _retitled(action: Action, issue: Issue, managed: Managed, desk: Desk, *, moved: bool) -> str | None:
    """The title that follows a new priority, or that it comes and goes; None where it stays, as a person's does."""
    before = issue.managed or Managed()
    flipped = managed.flaky and not before.flaky
    if action.finding is None or action.severity is None or action.adopt or action.also or not (moved or flipped):
        return None
    wanted = title(replace(action.finding, severity=action.severity), desk.writing.title_style)
    return wanted if before.titled == short_hash(issue.title) and wanted != issue.title else None


def _kept(issue: Issue) -> tuple[str, ...]:
    """What people set on an issue of gardener's, which it leaves alone."""
    managed = issue.managed
    if managed is None or not issue.ours:
        return ()
    titled = managed.titled and managed.titled != short_hash(issue.title)
    given = issue.severity is not None and (
        issue.severity_by_human or (managed.severity is not None and managed.severity != issue.severity)
    )
    priority = f"the priority {issue.severity.name}" if issue.severity is not None and given else ""
    return tuple(filter(None, ("the title" if titled else "", priority)))


def _new_labels(action: Action, issue: Issue, desk: Desk, *, moved: bool) -> tuple[str, ...]:
    """The priority where it moved, the session's label, and on an adopted issue those that find it again."""
    wanted = [*desk.writing.session_labels, *(desk.writing.labels if action.adopt else ())]
    if moved and action.severity is not None:
        wanted.append(action.severity.name)
    have = {label.casefold() for label in issue.labels}
    return tuple(label for label in wanted if label.casefold() not in have)


def _close(action: Action, desk: Desk) -> Issue | None:
    """Say why, then close."""
    if action.reason is Reason.DUPLICATE:
        _say(action, desk.tracker.issue(_number(action)), desk)
    elif _update(action, desk) is None:
        return None
    return desk.tracker.close(_number(action), action.reason or Reason.COMPLETED, action.to)


def _link(action: Action, desk: Desk) -> Issue:
    number, to = _ends(action, desk)
    if number is None or to is None:
        raise ValueError("a link with an open end is held before it comes here")
    return desk.tracker.link(number, to, action.why)


def _ends(action: Action, desk: Desk) -> tuple[int | None, int | None]:
    return action.number or desk.homes.get(action.fingerprint), action.to or desk.homes.get(action.towards)


def _number(action: Action) -> int:
    if action.number is None:
        raise ValueError(f"a plan that wants to {action.kind} nothing is damaged")
    return action.number
