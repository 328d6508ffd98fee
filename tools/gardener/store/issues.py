"""EmbeddedTracker: issues in the store, for a repository without a tracker or beside one."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, RowMapping, Table, delete, func, select, update

from gardener.model.errors import IssueMoved, TrackerError
from gardener.model.plan import Comment, Draft, Issue, Reason, State, severity_of
from gardener.model.text import storable
from gardener.store.database import Database
from gardener.store.exchange import Entry, entries_of
from gardener.store.rows import issue_from, key_texts
from gardener.store.schema import comments, issue_keys, issue_links, issues, labels


class EmbeddedTracker:
    """Issues in the store; implements `ports.Tracker`. All of them are listed: nothing in it is a stranger's.

    `by_hand` says that a person acts through it: what they close or label stays as they leave it.
    """

    name = "embedded"
    warnings: Sequence[str] = ()  # it does a thing or refuses it

    def __init__(
        self,
        database: Database,
        now: Callable[[], datetime],
        *,
        by_hand: bool = False,
        adopt_authors: Sequence[str] = (),
    ) -> None:
        self._database = database
        self._now = now
        self._author = "a person" if by_hand else "gardener"
        self._by_hand = by_hand
        self._adopt_authors = tuple(adopt_authors)

    def issues(self) -> tuple[Issue, ...]:
        """Every issue, open and closed, by number."""
        with self._database.read() as connection:
            return _load(connection)

    def issue(self, number: int, *, comments: bool = True) -> Issue:  # noqa: ARG002 - they are there anyway
        """One issue with its comments, read anew. TrackerError when there is none."""
        with self._database.read() as connection:
            return _one(connection, number)

    def create(self, draft: Draft) -> Issue:
        """File it. What was filed for the same operation, or is open for the same key, is returned instead."""
        with self._database.write() as connection:
            number = _filed(connection, storable(draft.operation), key_texts(draft.body))
            if number is None:
                number = (connection.scalar(select(func.max(issues.c.number))) or 0) + 1
                stamp = self._stamp()
                entry = Entry(
                    number=number,
                    title=draft.title,
                    body=draft.body,
                    labels=draft.labels,
                    author=self._author,
                    created_at=stamp,
                    updated_at=stamp,
                )
                self._insert(connection, entry, draft.operation)
            return _one(connection, number)

    def edit(
        self,
        number: int,
        *,
        title: str | None = None,
        body: str | None = None,
        add_labels: Sequence[str] = (),
        remove_labels: Sequence[str] = (),
        was: str | None = None,
    ) -> Issue:
        """Change what is given and leave the rest. IssueMoved where the body is no longer what it `was`."""
        with self._database.write() as connection:
            known = _one(connection, number)
            if was is not None and known.body != was:
                raise IssueMoved(f"issue {number} was written in between", "run again")
            gone = {name.casefold() for name in remove_labels}
            drop = [name for name in known.labels if name.casefold() in gone]
            connection.execute(delete(labels).where(labels.c.issue == number, labels.c.label.in_(drop)))
            _label(connection, number, add_labels, by_human=self._by_hand)
            if body is not None and key_texts(body):
                _write_keys(connection, number, key_texts(body))
            given = {name: storable(text) for name, text in (("title", title), ("body", body)) if text is not None}
            return self._touch(connection, number, **given)

    def comment(self, number: int, text: str) -> None:
        """Say something on an issue."""
        with self._database.write() as connection:
            self._touch(connection, number)
            _say(connection, number, Comment(author=self._author, body=text, at=self._stamp()))

    def close(self, number: int, reason: Reason, duplicate_of: int | None = None) -> Issue:
        """Close it; closing a closed one does nothing."""
        with self._database.write() as connection:
            known = _one(connection, number)
            if known.state is State.CLOSED:
                return known
            if duplicate_of is not None:
                _link(connection, known, duplicate_of, "this is a duplicate of it")
            closing = {"state": "closed", "state_reason": reason.value, "closed_at": self._stamp()}
            return self._touch(connection, number, **closing, closed_by_human=self._by_hand)

    def reopen(self, number: int) -> Issue:
        """Open it again; reopening an open one does nothing."""
        with self._database.write() as connection:
            known = _one(connection, number)
            if known.state is State.OPEN:
                return known
            opening = {"state": "open", "state_reason": None, "closed_at": "", "closed_by_human": False}
            return self._touch(connection, number, **opening)

    def link(self, number: int, to: int, why: str) -> Issue:
        """Link one issue to another, once."""
        with self._database.write() as connection:
            _link(connection, _one(connection, number), to, why)
            return self._touch(connection, number)

    def import_issues(self, records: Sequence[Mapping[str, Any]]) -> tuple[int, ...]:
        """Take in issues under their own numbers, all or none; those that are there already stay as they are.

        Records are of the shape `gardener.issues/1`; they may also say `author`, `author_association`,
        `severity_by` (`human` or `bot`), `locked`, `closed_by_human` and times. The numbers that are new.
        Raises TrackerError where a number is taken by an issue with another title.
        """
        entries = entries_of(records)
        with self._database.write() as connection:
            there = {row.number: row.title for row in connection.execute(select(issues.c.number, issues.c.title))}
            taken = [entry for entry in entries if there.get(entry.number, entry.title) != storable(entry.title)]
            if taken:
                first = taken[0].number
                hint = "import into an empty store, or leave these numbers out"
                raise TrackerError(f"issue {first} is another one here: {there[first]!r}", hint)
            new = [entry for entry in entries if entry.number not in there]
            for entry in new:
                self._insert(connection, entry)
            return tuple(entry.number for entry in new)

    def _insert(self, connection: Connection, entry: Entry, operation: str = "") -> None:
        same = ("number", "author", "ours", "locked", "created_at", "updated_at", "closed_at")
        row = {
            **{name: getattr(entry, name) for name in same},
            "title": storable(entry.title),
            "body": storable(entry.body),
            "state": entry.state.value,
            "state_reason": entry.state_reason.value if entry.state_reason else None,
            "trusted": entry.trusted(self._adopt_authors),
            "closed_by_human": entry.human_closed,
            "operation": storable(operation) or None,
        }
        connection.execute(issues.insert().values(row))
        names = [*entry.labels]
        if entry.severity is not None and severity_of(names) is None:
            names.append(entry.severity)
        _label(connection, entry.number, names, by_human=entry.priority_by_human)
        _write_keys(connection, entry.number, entry.keys or (key_texts(entry.body) if entry.ours else ()))
        for place, link in enumerate(entry.links):
            linked = {"issue": entry.number, "to": link.to, "why": storable(link.why), "place": place}
            connection.execute(issue_links.insert().values(linked))
        for said in entry.comments:
            words = Comment(author=entry.author, body=said) if isinstance(said, str) else said
            _say(connection, entry.number, words)

    def _touch(self, connection: Connection, number: int, **changes: Any) -> Issue:
        stamped = {**changes, "updated_at": self._stamp()}
        connection.execute(update(issues).where(issues.c.number == number).values(stamped))
        return _one(connection, number)

    def _stamp(self) -> str:
        return self._now().isoformat()


def _label(connection: Connection, number: int, names: Sequence[str], *, by_human: bool) -> None:
    there = [name.casefold() for name in connection.scalars(select(labels.c.label).where(labels.c.issue == number))]
    for name in map(storable, names):
        if name and name.casefold() not in there:
            row = {"issue": number, "label": name, "place": len(there), "by_human": by_human}
            connection.execute(labels.insert().values(row))
            there.append(name.casefold())


def _link(connection: Connection, issue: Issue, to: int, why: str) -> None:
    _one(connection, to)
    if to not in {link.to for link in issue.links}:
        row = {"issue": issue.number, "to": to, "why": storable(why), "place": len(issue.links)}
        connection.execute(issue_links.insert().values(row))


def _say(connection: Connection, number: int, said: Comment) -> None:
    row = {"issue": number, "author": said.author, "body": storable(said.body), "at": said.at}
    connection.execute(comments.insert().values(row))


def _filed(connection: Connection, operation: str, keys: Sequence[str]) -> int | None:
    same = connection.scalar(select(issues.c.number).where(issues.c.operation == operation)) if operation else None
    open_twin = select(func.min(issues.c.number)).join(issue_keys).where(issues.c.state == State.OPEN.value)
    return same or (connection.scalar(open_twin.where(issue_keys.c.key.in_(keys))) if keys else None)


def _write_keys(connection: Connection, number: int, keys: Sequence[str]) -> None:
    connection.execute(delete(issue_keys).where(issue_keys.c.issue == number))
    for place, key in enumerate(keys):
        connection.execute(issue_keys.insert().values(issue=number, key=key, place=place))


def _one(connection: Connection, number: int) -> Issue:
    found = _load(connection, number)
    if not found:
        raise TrackerError(f"there is no issue {number} in the embedded tracker", "see: gardener issues list")
    return found[0]


def _load(connection: Connection, number: int | None = None) -> tuple[Issue, ...]:
    chosen = select(issues).order_by(issues.c.number)
    rows = connection.execute(chosen if number is None else chosen.where(issues.c.number == number)).mappings().all()
    named = _parts(connection, labels, labels.c.place, number)
    keyed = _parts(connection, issue_keys, issue_keys.c.place, number)
    linked = _parts(connection, issue_links, issue_links.c.place, number)
    said = _parts(connection, comments, comments.c.id, number)
    return tuple(
        issue_from(
            row,
            labels=named[row["number"]],
            keys=[key["key"] for key in keyed[row["number"]]],
            links=linked[row["number"]],
            comments=said[row["number"]],
        )
        for row in rows
    )


def _parts(
    connection: Connection, table: Table, order: ColumnElement[Any], number: int | None
) -> Mapping[int, Sequence[RowMapping]]:
    """The rows of a part of issues, by issue."""
    chosen = select(table).order_by(order)
    rows = connection.execute(chosen if number is None else chosen.where(table.c.issue == number)).mappings()
    by_issue = defaultdict[int, list[RowMapping]](list)
    for row in rows:
        by_issue[row["issue"]].append(row)
    return by_issue
