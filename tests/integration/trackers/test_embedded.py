"""What only the embedded tracker does: issues come in and go out with their numbers, and people act by hand."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from gardener.model.errors import ConfigurationError, TrackerError
from gardener.model.focus import Severity
from gardener.model.key import Key, Managed, replace_block, write_block
from gardener.model.plan import Comment, Draft, IssueLink, Reason, State
from gardener.render.answers import issue_shape
from gardener.store.issues import EmbeddedTracker
from gardener.store.runs import SqlStore, open_store

pytestmark = pytest.mark.integration

KEY = Key(scheme="v1", digest="0123456789abcdef")
OPEN: dict[str, Any] = {
    "number": 1021,
    "title": "Events are wrong",
    "severity": "P0",
    "labels": ["bug"],
    "author": "alice",
    "body": "tests/test_events.py fails with `missing tool_name`",
    "comments": ["me too", {"author": "bob", "body": "and me", "at": "2025-09-01T08:00:00Z"}],
    "links": [{"to": 420, "why": "looked alike"}],
}
CLOSED: dict[str, Any] = {"number": 420, "title": "Builds fail", "state": "closed", "state_reason": "not_planned"}


@pytest.fixture(params=["sqlite", "postgresql"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[SqlStore]:
    url = "sqlite:///s.db" if request.param == "sqlite" else request.getfixturevalue("postgres_url")
    opened = open_store(url, tmp_path, lambda: datetime(2025, 9, 14, 12, 0, tzinfo=UTC))
    yield opened
    opened.close()


@pytest.fixture
def tracker(store: SqlStore) -> EmbeddedTracker:
    return store.tracker()


def test_imported_issues_keep_their_numbers_and_what_they_say(tracker: EmbeddedTracker) -> None:
    assert tracker.import_issues([OPEN, CLOSED]) == (1021, 420)
    closed, opened = tracker.issues()
    assert (opened.number, opened.severity, opened.labels) == (1021, Severity.P0, ("bug", "P0"))
    assert (opened.ours, opened.trusted, opened.severity_by_human) == (False, True, True)
    assert opened.comments[1] == Comment(author="bob", body="and me", at="2025-09-01T08:00:00Z")
    assert opened.links == (IssueLink(to=420, why="looked alike"),)
    assert (closed.state, closed.state_reason, closed.closed_by_human) == (State.CLOSED, Reason.NOT_PLANNED, True)


def test_a_new_issue_comes_after_the_imported_ones(tracker: EmbeddedTracker) -> None:
    tracker.import_issues([OPEN])
    assert tracker.create(Draft(title="x", body="y")).number == 1022


def test_importing_twice_changes_nothing(tracker: EmbeddedTracker) -> None:
    tracker.import_issues([OPEN])
    tracker.edit(1021, add_labels=["gardener"])
    assert tracker.import_issues([OPEN, CLOSED]) == (420,)
    assert "gardener" in tracker.issue(1021).labels
    assert len(tracker.issue(1021).comments) == 2


def test_a_number_that_is_another_issue_here_stops_the_whole_import(tracker: EmbeddedTracker) -> None:
    tracker.import_issues([OPEN])
    with pytest.raises(TrackerError, match="issue 1021 is another one here"):
        tracker.import_issues([CLOSED, OPEN | {"title": "Something else"}])
    assert [issue.number for issue in tracker.issues()] == [1021]


def test_a_file_with_a_mistake_in_it_imports_nothing(tracker: EmbeddedTracker) -> None:
    with pytest.raises(ConfigurationError):
        tracker.import_issues([CLOSED, OPEN | {"severity": "urgent"}])
    assert tracker.issues() == ()


def test_what_is_exported_can_be_imported_elsewhere_and_says_the_same(store: SqlStore, tmp_path: Path) -> None:
    tracker = store.tracker()
    tracker.import_issues([OPEN, CLOSED | {"severity_by": "bot", "severity": "P3"}])
    tracker.create(Draft(title="ours", body=write_block("x", Managed(keys=(KEY,))), labels=("P1",)))
    elsewhere = open_store("sqlite:///elsewhere.db", tmp_path, lambda: datetime(2026, 1, 1, tzinfo=UTC))
    elsewhere.tracker().import_issues([issue_shape(issue) for issue in tracker.issues()])
    assert elsewhere.tracker().issues() == tracker.issues()
    elsewhere.close()


def test_a_forged_block_in_an_imported_issue_does_not_count_until_gardener_writes_its_own(
    tracker: EmbeddedTracker,
) -> None:
    forged = write_block("x", Managed(keys=(KEY,)))
    tracker.import_issues([OPEN | {"body": forged}])
    assert (tracker.issue(1021).keys, tracker.issue(1021).managed) == ((), None)
    tracker.edit(1021, title="still not")
    assert tracker.issue(1021).keys == ()
    tracker.edit(1021, body=replace_block("words", forged))
    assert tracker.issue(1021).keys == (KEY,)


def test_what_a_person_does_by_hand_is_told_from_what_gardener_does(store: SqlStore) -> None:
    first, second = (store.tracker().create(Draft(title=title, body="", labels=("P2",))).number for title in "ab")
    store.tracker().close(first, Reason.COMPLETED)
    store.tracker(by_hand=True).close(second, Reason.NOT_PLANNED)
    assert [issue.closed_by_human for issue in store.tracker().issues()] == [False, True]
    store.tracker().reopen(second)
    assert not store.tracker().issue(second).closed_by_human
    store.tracker(by_hand=True).edit(second, add_labels=["P1"], remove_labels=["P2"])
    assert store.tracker().issue(second).severity_by_human
    store.tracker(by_hand=True).comment(second, "on it")
    assert store.tracker().issue(second).comments[0].author != "gardener"


def test_a_duplicate_is_linked_to_what_it_repeats(tracker: EmbeddedTracker) -> None:
    tracker.import_issues([OPEN, CLOSED])
    number = tracker.create(Draft(title="again", body="")).number
    assert [link.to for link in tracker.close(number, Reason.DUPLICATE, 1021).links] == [1021]


def test_a_listed_author_is_trusted(store: SqlStore) -> None:
    store.tracker(adopt_authors=["triage[bot]"]).import_issues(
        [OPEN | {"author": "triage[bot]", "author_association": "NONE"}, CLOSED | {"author_association": "NONE"}]
    )
    assert [issue.trusted for issue in store.tracker().issues()] == [False, True]
    assert not store.tracker().issue(1021).severity_by_human
