"""What every tracker does, whatever is behind it: one suite, three real parts."""

from datetime import UTC, datetime

import pytest
from standin.place import Place

from gardener.model.errors import TrackerError
from gardener.model.focus import Severity
from gardener.model.key import Key, Managed, read_block, replace_block, write_block
from gardener.model.plan import Draft, Reason, State

pytestmark = pytest.mark.integration

KEY = Key(scheme="v1", digest="0123456789abcdef")
OTHER = Key(scheme="v1", digest="fedcba9876543210")
NOON = datetime(2025, 9, 14, 12, 0, tzinfo=UTC)


def draft(title: str = "The cart loses items", key: Key | None = KEY, **rest: object) -> Draft:
    block = write_block("Three tests fail.", Managed(keys=(key,), severity=1)) if key else "Three tests fail."
    given = {"body": block, "labels": ("P1", "bug", "gardener"), "operation": f"run/{title}/{key}"} | rest
    return Draft(title=title, **given)  # type: ignore[arg-type]


def test_a_new_issue_says_what_was_filed(place: Place) -> None:
    made = place.tracker.create(draft())
    read = place.again().issue(made.number)
    assert (read.title, read.state, read.severity) == ("The cart loses items", State.OPEN, Severity.P1)
    assert set(read.labels) == {"P1", "bug", "gardener"}
    assert read.keys == (KEY,)
    assert read.managed is not None
    assert read.managed.severity == 1
    assert "Three tests fail." in read.body
    assert read.ours
    assert not read.closed_by_human
    assert not read.severity_by_human


def test_the_same_operation_twice_is_one_issue(place: Place) -> None:
    first = place.tracker.create(draft(key=None))
    second = place.again().create(draft(key=None, title="The cart loses items"))
    assert first.number == second.number
    assert len(place.tracker.issues()) == 1


def test_another_run_that_did_not_see_the_open_issue_of_a_key_files_no_second_one(place: Place) -> None:
    first = place.tracker.create(draft(operation="run-1/x"))
    second = place.again().create(draft(operation="run-2/x"))
    assert first.number == second.number


def test_a_closed_issue_of_a_key_does_not_stand_in_the_way_of_a_new_one(place: Place) -> None:
    first = place.tracker.create(draft(operation="run-1/x"))
    place.tracker.close(first.number, Reason.COMPLETED)
    assert place.tracker.create(draft(operation="run-2/x")).number != first.number


def test_two_findings_are_two_issues_in_the_order_of_filing(place: Place) -> None:
    first, second = place.tracker.create(draft()), place.tracker.create(draft("Login fails", OTHER))
    assert [issue.number for issue in place.tracker.issues()] == [first.number, second.number]


def test_an_edit_changes_what_is_given_and_leaves_the_rest(place: Place) -> None:
    number = place.tracker.create(draft()).number
    place.tracker.edit(number, title="The cart loses all items")
    place.tracker.edit(number, add_labels=["P0", "area: cart"], remove_labels=["p1"])
    edited = place.again().issue(number)
    assert edited.title == "The cart loses all items"
    assert "Three tests fail." in edited.body
    assert edited.keys == (KEY,)
    assert set(edited.labels) == {"P0", "area: cart", "bug", "gardener"}
    assert edited.severity is Severity.P0


def test_a_new_block_replaces_the_old_one(place: Place) -> None:
    before = place.tracker.create(draft())
    block = write_block("Four tests fail.", Managed(keys=(KEY, OTHER), severity=1, green_streak=2))
    place.tracker.edit(before.number, body=replace_block(before.body, block))
    after = place.again().issue(before.number)
    assert after.keys == (KEY, OTHER)
    assert after.managed is not None
    assert after.managed.green_streak == 2
    assert "Three tests" not in after.body


def test_adding_a_label_that_is_there_in_other_letters_adds_nothing(place: Place) -> None:
    number = place.tracker.create(draft()).number
    assert set(place.tracker.edit(number, add_labels=["BUG", "Gardener"]).labels) == {"P1", "bug", "gardener"}


def test_removing_a_label_that_is_not_there_is_no_error(place: Place) -> None:
    number = place.tracker.create(draft()).number
    assert set(place.tracker.edit(number, remove_labels=["P3"]).labels) == {"P1", "bug", "gardener"}


def test_comments_stay_in_their_order(place: Place) -> None:
    number = place.tracker.create(draft()).number
    place.tracker.comment(number, "It came back.")
    place.tracker.comment(number, "It is worse.")
    place.tracker.comment(number, "It came back.")
    said = [comment.body.split("\n")[0] for comment in place.again().issue(number).comments]
    assert said == ["It came back.", "It is worse.", "It came back."]


@pytest.mark.parametrize("reason", [Reason.COMPLETED, Reason.NOT_PLANNED])
def test_a_closed_issue_says_why(place: Place, reason: Reason) -> None:
    number = place.tracker.create(draft()).number
    closed = place.tracker.close(number, reason)
    assert (closed.state, closed.state_reason) == (State.CLOSED, reason)
    assert closed.closed_at
    assert place.again().issues()[0].state_reason is reason


def test_closing_a_closed_issue_does_nothing(place: Place) -> None:
    number = place.tracker.create(draft()).number
    place.tracker.close(number, Reason.NOT_PLANNED)
    assert place.tracker.close(number, Reason.COMPLETED).state_reason is Reason.NOT_PLANNED


def test_a_duplicate_is_closed(place: Place) -> None:
    first, second = place.tracker.create(draft()), place.tracker.create(draft("Twin", OTHER))
    assert place.tracker.close(second.number, Reason.DUPLICATE, first.number).state is State.CLOSED


def test_a_reopened_issue_is_as_open_as_before(place: Place) -> None:
    number = place.tracker.create(draft()).number
    place.tracker.close(number, Reason.COMPLETED)
    reopened = place.tracker.reopen(number)
    assert (reopened.state, reopened.state_reason, reopened.closed_at) == (State.OPEN, None, "")
    assert place.tracker.reopen(number).state is State.OPEN


def test_a_link_is_made_once_and_survives_a_new_block(place: Place) -> None:
    first, second = place.tracker.create(draft()), place.tracker.create(draft("Login fails", OTHER))
    place.tracker.link(first.number, second.number, "the same  service\nis down")
    linked = place.again().link(first.number, second.number, "another reason")
    assert [link.to for link in linked.links] == [second.number]
    assert " ".join(linked.links[0].why.split()) == "the same service is down"
    block = write_block("Four tests fail.", Managed(keys=(KEY,)))
    edited = place.tracker.edit(first.number, body=replace_block(linked.body, block))
    assert [link.to for link in edited.links] == [second.number]
    assert edited.keys == (KEY,)


@pytest.mark.parametrize("act", ["issue", "edit", "comment", "close", "reopen", "link"])
def test_an_unknown_number_is_an_error_that_names_it(place: Place, act: str) -> None:
    number = place.tracker.create(draft()).number
    tracker = place.tracker
    with pytest.raises(TrackerError, match="77"):
        {
            "issue": lambda: tracker.issue(77),
            "edit": lambda: tracker.edit(77, title="x"),
            "comment": lambda: tracker.comment(77, "x"),
            "close": lambda: tracker.close(77, Reason.COMPLETED),
            "reopen": lambda: tracker.reopen(77),
            "link": lambda: tracker.link(number, 77, "x"),
        }[act]()


@pytest.mark.parametrize(
    "text",
    [
        "it's \"quoted\" -- '; DROP TABLE issues",
        "100 % of _all_ tests, %s %(x)s {y}",
        "Grüße 漢字 😀 \u202etxt.exe",
        "``` fence ``` <!-- comment --> </details>",
    ],
)
def test_odd_texts_come_back_as_they_were(place: Place, text: str) -> None:
    made = place.tracker.create(draft(text, body=f"{text}\n\n{draft().body}"))
    place.tracker.comment(made.number, text)
    read = place.again().issue(made.number)
    assert read.title == text
    assert read.body.startswith(text)
    assert read.comments[0].body.startswith(text)
    assert read.keys == (KEY,)


def test_what_no_tracker_can_hold_is_made_visible(place: Place) -> None:
    made = place.tracker.create(draft("nul \0 and \udc80", body="nul \0 and \udc80"))
    read = place.again().issue(made.number)
    assert (read.title, read.body.split("\n")[0]) == ("nul \\x00 and \\udc80", "nul \\x00 and \\udc80")


@pytest.mark.parametrize("size", [65_000, 65_536, 200_000])
@pytest.mark.parametrize("letter", ["x", "😀"])
def test_a_long_body_keeps_its_keys(place: Place, size: int, letter: str) -> None:
    block = write_block(f"```\n{letter * size}\n```", Managed(keys=(KEY,)))
    made = place.tracker.create(draft(body=block))
    read = place.again().issue(made.number)
    assert read.keys == (KEY,)
    assert place.again().create(draft(body=block)).number == made.number
    if place.limit is None:
        assert read.body == block
    else:
        assert len(read.body.encode("utf-16-le")) // 2 <= place.limit
        assert read.body.count("```") % 2 == 0


def test_a_key_line_outside_the_managed_block_does_not_count(place: Place) -> None:
    quoted = f"the log says\n\ngardener-key: {OTHER}\n\n"
    made = place.tracker.create(draft(body=quoted + draft().body))
    place.tracker.comment(made.number, f"gardener-key: {OTHER}")
    assert place.again().issue(made.number).keys == (KEY,)
    block = read_block(made.body)
    assert block is not None
    assert block.keys == (KEY,)
