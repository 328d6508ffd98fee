"""Issues as they are imported."""

import pytest

from gardener.model.errors import ConfigurationError
from gardener.store.exchange import entries_of

pytestmark = pytest.mark.unit


def entry(**rest: object) -> object:
    return entries_of([{"number": 12, "title": "Cart broken", **rest}])[0]


def test_number_and_title_are_enough() -> None:
    assert entry().state == "open"


def test_what_is_not_known_is_passed_over() -> None:
    assert entry(reactions=3, url="x").number == 12


@pytest.mark.parametrize(
    "wrong",
    [{"state": "ajar"}, {"severity": "P9"}, {"number": "12"}, {"number": 0}, {"title": None}, {"keys": ["abc"]}],
)
def test_a_wrong_value_is_named(wrong: dict[str, object]) -> None:
    with pytest.raises(ConfigurationError, match="cannot be imported"):
        entry(**wrong)


def test_one_number_cannot_be_two_issues() -> None:
    with pytest.raises(ConfigurationError, match="issue 12"):
        entries_of([{"number": 12, "title": "a"}, {"number": 12, "title": "b"}])


@pytest.mark.parametrize(
    ("said", "human"),
    [
        ({"author": "alice"}, True),
        ({}, True),
        ({"author": "triage[bot]"}, False),
        ({"author": "gardener"}, False),
        ({"keys": ["v1:0123456789abcdef"]}, False),
        ({"author": "alice", "severity_by": "bot"}, False),
        ({"author": "triage[bot]", "severity_by": "human"}, True),
    ],
)
def test_whose_priority_it_is_follows_from_the_author_unless_it_is_said(
    said: dict[str, object], *, human: bool
) -> None:
    assert entry(**said).priority_by_human is human


@pytest.mark.parametrize(
    ("said", "human"),
    [
        ({"state": "closed", "state_reason": "not_planned"}, True),
        ({"state": "closed", "state_reason": "completed"}, False),
        ({"state": "closed", "state_reason": "not_planned", "closed_by_human": False}, False),
        ({}, False),
    ],
)
def test_an_issue_closed_as_not_planned_stays_closed_unless_it_is_said(said: dict[str, object], *, human: bool) -> None:
    assert entry(**said).human_closed is human


@pytest.mark.parametrize(
    ("said", "trusted"),
    [
        ({"author": "alice"}, True),
        ({"author": "alice", "author_association": "MEMBER"}, True),
        ({"author": "mallory", "author_association": "NONE"}, False),
        ({"author": "listed", "author_association": "NONE"}, True),
    ],
)
def test_who_is_trusted(said: dict[str, object], *, trusted: bool) -> None:
    assert entry(**said).trusted(["listed"]) is trusted
