"""GitHub's JSON and texts to records and back."""

from typing import Any

import pytest

from gardener.model.errors import TrackerError, TrackerUnreliable
from gardener.model.focus import Severity
from gardener.model.key import Key, Managed, read_block, write_block
from gardener.model.plan import IssueLink, Reason, State
from gardener.model.text import units
from gardener.trackers.github_records import (
    LIMIT,
    Circle,
    fitted,
    issue_of,
    label_name,
    operation_line,
    read_links,
    signature,
    title_line,
    vouched_keys,
    with_links,
)

pytestmark = pytest.mark.unit

KEY = Key(scheme="v1", digest="0123456789abcdef")
CIRCLE = Circle(own=frozenset({"gardener"}), listed=frozenset({"triage[bot]"}))
BLOCK = write_block("Three tests fail.", Managed(keys=(KEY,), severity=1))


def data(**rest: Any) -> dict[str, Any]:
    return {"number": 7, "title": "t", "state": "open", "user": {"login": "Gardener", "type": "User"}, **rest}


def test_an_issue_of_ours_has_its_keys() -> None:
    issue = issue_of(data(body=f"text\r\n\r\n{BLOCK}", labels=[{"name": "P1"}, "x"], html_url="u"), CIRCLE)
    assert (issue.keys, issue.ours, issue.trusted, issue.severity) == ((KEY,), True, True, Severity.P1)
    assert (issue.labels, issue.url) == (("P1", "x"), "u")


@pytest.mark.parametrize(
    ("who", "association", "trusted"),
    [("alice", "MEMBER", True), ("mallory", "NONE", False), ("triage[bot]", "NONE", True), (None, None, False)],
)
def test_a_key_in_somebody_elses_issue_counts_only_when_we_signed_it(
    who: str | None, association: str | None, *, trusted: bool
) -> None:
    foreign = data(body=BLOCK, user={"login": who} if who else None, author_association=association)
    issue = issue_of(foreign, CIRCLE)
    assert (issue.keys, issue.managed, issue.ours, issue.trusted) == ((), None, False, trusted)
    assert issue_of(foreign, CIRCLE, vouched={KEY}).keys == (KEY,)


def test_only_a_signature_of_ours_vouches() -> None:
    signed = signature([KEY])
    said = [("mallory", signed), ("gardener", f"> {signed}"), ("gardener", f"the log says\n\ngardener-key: {KEY}")]
    assert vouched_keys([{"user": {"login": who}, "body": body} for who, body in said], CIRCLE) == frozenset()
    assert vouched_keys([{"user": {"login": "gardener"}, "body": signed.replace("\n", "\r\n")}], CIRCLE) == {KEY}


@pytest.mark.parametrize("odd", [None, [], "x", {}, {"number": "7", "state": "open"}, {"number": 7, "state": "merged"}])
def test_what_is_no_issue_is_not_taken_for_one(odd: Any) -> None:
    with pytest.raises(TrackerUnreliable):
        issue_of(odd, CIRCLE)


@pytest.mark.parametrize(
    ("reason", "closer", "human"),
    [
        ("not_planned", {"login": "alice", "type": "User"}, True),
        ("completed", {"login": "alice", "type": "User"}, True),
        ("completed", {"login": "gardener", "type": "User"}, False),
        ("not_planned", {"login": "gardener", "type": "User"}, True),
        ("not_planned", {"login": "github-actions[bot]", "type": "Bot"}, False),
        ("not_planned", None, False),
    ],
)
def test_whether_a_person_closed_it(reason: str, closer: Any, *, human: bool) -> None:
    issue = issue_of(data(state="closed", state_reason=reason, closed_by=closer), CIRCLE)
    assert (issue.state, issue.state_reason, issue.closed_by_human) == (State.CLOSED, Reason(reason), human)


def test_a_reason_that_we_do_not_know_is_none() -> None:
    assert issue_of(data(state="open", state_reason="reopened"), CIRCLE).state_reason is None
    assert issue_of(data(state="closed", state_reason="archived"), CIRCLE).state_reason is None


def test_a_link_is_noted_in_the_block_and_shown_until_the_block_is_written_anew() -> None:
    why = "the `same`\nservice --> <!-- is down"
    linked = with_links(f"people's words\n\n{BLOCK}\nmore words", [IssueLink(to=9, why=why)], shown=True)
    assert "\n\n- #9: `the same service --> <!-- is down`\n\n<!-- gardener-link:" in linked
    assert linked.startswith("people's words\n\n")
    assert linked.endswith("\nmore words")
    assert read_links(linked) == (IssueLink(to=9, why=why),)
    assert read_block(linked) == read_block(BLOCK)
    assert "- #9" not in with_links(BLOCK, [IssueLink(to=9, why=why)])


def test_a_link_is_noted_once() -> None:
    linked = with_links(BLOCK, [IssueLink(to=9, why="x")])
    assert with_links(linked, [IssueLink(to=9, why="again")]) == linked
    assert {link.to for link in read_links(with_links(linked, [IssueLink(to=8, why="y")]))} == {8, 9}


def test_a_body_that_is_cut_keeps_its_links() -> None:
    long = write_block("x" * LIMIT, Managed(keys=(KEY,)))
    assert [link.to for link in read_links(fitted(with_links(long, [IssueLink(to=9, why="y")])))] == [9]
    assert [link.to for link in read_links(fitted(with_links("x" * 9, [IssueLink(to=9, why="y")])))] == [9]


@pytest.mark.parametrize("note", ['{"to": 9, "why": "forged"}', '{"to": "x"}', "{", "{}"])
def test_a_note_outside_the_block_or_spoilt_by_hand_is_no_link(note: str) -> None:
    line = f"<!-- gardener-link: {note} -->"
    assert read_links(f"{line}\n\n{BLOCK}") == ()
    if "why" not in note:
        assert read_links(with_links(BLOCK, []).replace("Three", f"{line}\nThree")) == ()


def test_an_issue_without_a_block_can_be_linked() -> None:
    linked = with_links("words", [IssueLink(to=9, why="x")], shown=True)
    assert linked.startswith("words\n\n")
    assert [link.to for link in read_links(linked)] == [9]
    assert read_block(linked) is None


@pytest.mark.parametrize("text", ["x", "é", "😀", "```\n"])
@pytest.mark.parametrize("extra", [-1, 0, 1, LIMIT])
def test_a_body_is_never_longer_than_github_takes(text: str, extra: int) -> None:
    visible = text * ((LIMIT + extra) // units(text))
    for body in (visible, write_block(visible, Managed(keys=(KEY,)))):
        cut = fitted(body, "\n\ntail")
        assert units(cut) <= LIMIT
        assert cut.endswith("\n\ntail")
        assert (read_block(cut) is None) == (read_block(body) is None)
        cut.encode("utf-8")


def test_a_body_that_fits_stays_as_it_is() -> None:
    assert fitted(BLOCK, "t") == f"{BLOCK}t"


def test_what_people_wrote_is_never_cut() -> None:
    words = "w" * (LIMIT - 2000)
    assert fitted(f"{words}\n\n{write_block('v' * 5000, Managed(keys=(KEY,)))}").startswith(words)
    with pytest.raises(TrackerError, match="no room"):
        fitted("w" * LIMIT + "\n\n" + BLOCK)


def test_a_fence_that_was_cut_is_closed() -> None:
    body = "````\n```\n" + "x\n" * LIMIT
    assert "\n````\n\n…" in fitted(body)
    assert "```" not in fitted("```\nx\n```\n" + "y\n" * LIMIT)[12:]


@pytest.mark.parametrize(
    ("name", "label"),
    [
        ("area: cart", "area: cart"),
        ("a,b", "a b"),
        (" x \n y ", "x y"),
        ("x" * 60, "x" * 50),
        (",", ""),
        ("a\0", "a\\x00"),
    ],
)
def test_a_label_is_one_that_github_can_list_by(name: str, label: str) -> None:
    assert label_name(name) == label


def test_a_title_is_one_line() -> None:
    assert title_line("a\n b" + "x" * 300) == ("a b" + "x" * 300)[:256]


def test_one_operation_has_one_line() -> None:
    assert operation_line("run/v1:1") == operation_line("run/v1:1") != operation_line("run/v1:2")
    assert "--" not in operation_line("--><script>")[4:-3]
