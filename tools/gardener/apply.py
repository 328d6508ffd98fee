"""Carry out a plan: intent written down, then the write, then its receipt. A second time does nothing."""

from dataclasses import dataclass, field, replace

from gardener.model.errors import OutcomeUnknown, TrackerError, TrackerReadOnly
from gardener.model.key import Managed, replace_block
from gardener.model.plan import Action, ActionKind, Done, Draft, Issue, Reason, Receipt
from gardener.model.story import Story
from gardener.ports import Store, Tracker
from gardener.render.issue import Writing, block, body, comment, labels, title


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
        receipt = Receipt(action=action, outcome=Done.DONE, number=issue.number, url=issue.url)
    desk.store.settle(desk.story.run.id, [receipt])
    return receipt


def _write(action: Action, desk: Desk) -> Issue:
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
    if action.finding is None or action.managed is None:
        raise ValueError(f"a plan that creates {action.fingerprint} without its finding is damaged")
    writing = desk.writing
    issue = desk.tracker.create(
        Draft(
            title=title(action.finding, writing.title_style),
            body=body(action.finding, action.managed, writing),
            labels=(*labels(action.finding, writing.labels), *writing.session_labels),
            operation=f"{desk.story.run.id}/{action.fingerprint}",
        )
    )
    desk.homes[action.fingerprint] = issue.number
    return issue


def _update(action: Action, desk: Desk) -> Issue:
    """Edit the managed block in place; title and priority label follow only where they are gardener's."""
    issue = desk.tracker.issue(_number(action))
    managed = action.managed or issue.managed or Managed()
    new = replace_block(issue.body, block(action, issue, managed, desk.writing))
    moved = action.severity is not None and action.severity != issue.severity
    ours = issue.ours and action.finding is not None and not action.adopt and not action.also
    retitled = None
    if ours and action.finding is not None and action.severity is not None:
        retitled = title(replace(action.finding, severity=action.severity), desk.writing.title_style)
    issue = desk.tracker.edit(
        issue.number,
        title=retitled if retitled != issue.title and moved else None,
        body=new if new != issue.body else None,
        add_labels=_new_labels(action, issue, desk, moved=moved),
        remove_labels=(issue.severity.name,) if moved and issue.severity is not None else (),
    )
    if action.announce:
        desk.tracker.comment(issue.number, comment(action, desk.writing))
    return issue


def _new_labels(action: Action, issue: Issue, desk: Desk, *, moved: bool) -> tuple[str, ...]:
    """The priority where it moved, the session's label, and on an adopted issue those that find it again."""
    wanted = [*desk.writing.session_labels, *(desk.writing.labels if action.adopt else ())]
    if moved and action.severity is not None:
        wanted.append(action.severity.name)
    have = {label.casefold() for label in issue.labels}
    return tuple(label for label in wanted if label.casefold() not in have)


def _close(action: Action, desk: Desk) -> Issue:
    _update(action, desk)  # the comment with the numbers comes first, then the closing
    return desk.tracker.close(_number(action), action.reason or Reason.COMPLETED)


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
