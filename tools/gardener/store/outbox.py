"""The outbox: an intent is written down before the act, its receipt after, so that a crash between can be resumed."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, select, update

from gardener.model.plan import ActionKind, Done, Receipt
from gardener.store.rows import receipt_from, receipt_text
from gardener.store.schema import intents


def begin(connection: Connection, run: str, action: str, what: str, at: datetime) -> Receipt | None:
    """Write down an intent. The receipt of an earlier time where it was carried out then."""
    mine = (intents.c.run == run) & (intents.c.action == action)
    known = connection.execute(select(intents.c.receipt, intents.c.outcome).where(mine)).one_or_none()
    if known is None:
        row = {"run": run, "action": action, "what": what, "at": at.isoformat()}
        connection.execute(intents.insert().values(row))
        return None
    receipt = receipt_from(known.receipt, known.outcome)
    if receipt is None:
        again = {"what": what, "outcome": None, "receipt": None, "at": at.isoformat()}
        connection.execute(update(intents).where(mine).values(again))
    return receipt


def settle(connection: Connection, run: str, receipts: Sequence[Receipt], at: datetime) -> None:
    """Write down what became of actions, also of those that were never begun."""
    for receipt in receipts:
        action = receipt.action.id
        mine = (intents.c.run == run) & (intents.c.action == action)
        became = {"outcome": receipt.outcome.value, "receipt": receipt_text(receipt), "at": at.isoformat()}
        if connection.execute(update(intents).where(mine).values(became)).rowcount == 0:
            connection.execute(intents.insert().values(run=run, action=action, what=receipt.action.why, **became))


def pending(connection: Connection) -> tuple[tuple[str, str], ...]:
    """(run, action) of intents whose outcome nobody wrote down, oldest run first."""
    chosen = select(intents.c.run, intents.c.action).where(intents.c.outcome.is_(None))
    rows = connection.execute(chosen.order_by(intents.c.run, intents.c.at, intents.c.action))
    return tuple((row.run, row.action) for row in rows)


def filed(connection: Connection, repository: str) -> frozenset[int]:
    """The numbers of the issues that were created in a repository of a tracker elsewhere."""
    mine = (intents.c.outcome == Done.DONE.value) & intents.c.action.startswith(f"{ActionKind.CREATE}/")
    receipts = [
        receipt_from(text, Done.DONE.value) for text in connection.scalars(select(intents.c.receipt).where(mine))
    ]
    there = f"/{repository}/issues/".casefold()
    return frozenset(each.number for each in receipts if each and each.number and there in each.url.casefold())
