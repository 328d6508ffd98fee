"""Issues of other hands, in many shapes: the right ones are recognised, the others never."""

import re
import tomllib
from functools import cache
from pathlib import Path

import build
import pytest

from gardener.model.cause import Cause
from gardener.model.finding import Finding, Kind
from gardener.model.plan import Issue
from gardener.model.policy import Policy
from gardener.model.run import Origin
from gardener.triage.foreign import tells
from gardener.triage.match import match

pytestmark = pytest.mark.unit

HERE = Path(__file__).parent / "foreign"  # seen: the scoring was made with these; unseen: written before it met them
DOCS = Path(__file__).parents[3] / "docs" / "quality.md"
Truth = str  # right: the finding's own; near: alike, and another one; stranger


@cache
def cases(half: str) -> tuple[tuple[Finding, tuple[tuple[Truth, Issue], ...]], ...]:
    """The findings of a half, each with the issues that were written about it or near it."""
    found = []
    numbers = iter(range(1, 1000))
    for path in sorted((HERE / half).glob("*.toml")):
        told = tomllib.loads(path.read_text(encoding="utf-8"))
        failures = [
            build.failure(
                each["subject"],
                each.get("exception", ""),
                each["message"],
                origin=Origin(each.get("origin", "call")),
            )
            for each in told["failures"]
        ]
        kind = Kind(told.get("kind", "failing"))
        finding = build.finding(
            *failures,
            kind=kind,
            cause=Cause(told.get("cause", "assertion")),
            tests=tuple(dict.fromkeys(each.subject for each in failures)) if kind is Kind.FAILING else (),
        )
        issues = [
            (each["truth"], build.issue(next(numbers), title=each["title"], body=each["body"], labels=("bug",)))
            for each in told["issues"]
        ]
        found.append((finding, tuple(issues)))
    return tuple(found)


def scores(half: str) -> list[tuple[float, bool]]:
    """(score, whether it is right) of every finding with every issue of its half."""
    return [
        (tells(finding, f"{issue.title}\n{issue.body}").score, truth == "right" and issues is own)
        for finding, own in cases(half)
        for _, issues in cases(half)
        for truth, issue in issues
    ]


def found_at(threshold: float, half: str) -> tuple[int, int, int]:
    """Right ones adopted, right ones there are, wrong ones adopted."""
    known = scores(half)
    adopted = [right for score, right in known if score >= threshold]
    return sum(adopted), sum(right for _, right in known), len(adopted) - sum(adopted)


@pytest.mark.parametrize("half", ["seen", "unseen"])
def test_at_the_threshold_nine_of_ten_are_recognised_and_nothing_wrong_is_adopted(half: str) -> None:
    adopted, right, wrong = found_at(Policy().adopt_threshold, half)
    assert adopted / right >= 0.9
    assert wrong == 0


@pytest.mark.parametrize("half", ["seen", "unseen"])
def test_each_finding_is_given_an_issue_of_its_own_among_all_of_them(half: str) -> None:
    everything = [issue for _, issues in cases(half) for _, issue in issues]
    for finding, issues in cases(half):
        found = match(finding, everything, Policy()).match
        assert found is not None
        assert found.issue in [issue for truth, issue in issues if truth == "right"]


def test_the_table_in_the_docs_is_what_is_measured() -> None:
    rows = re.findall(r"^\| \**(0\.\d+)\** \| (.+?) \| (.+?) \|$", DOCS.read_text(encoding="utf-8"), re.MULTILINE)
    measured = [(float(threshold), *(cell.strip("*") for cell in cells)) for threshold, *cells in rows]
    assert len(measured) >= 5
    for threshold, *cells in measured:
        expected = []
        for half in ("seen", "unseen"):
            adopted, right, wrong = found_at(float(threshold), half)
            expected.append(f"{adopted} of {right}, {wrong} wrong")
        assert cells == expected, f"docs/quality.md at {threshold}: {expected}"


def test_a_test_that_fails_for_another_reason_is_another_finding_worth_a_link() -> None:
    finding = build.finding(build.failure("tests/test_cart.py::test_total", "KeyError", "'shipping_zone' is not set"))
    issue = build.issue(12, title="test_total is slow", body="It takes a minute.", labels=("bug",))
    found = match(finding, [issue], Policy())
    assert found.match is None
    assert [near.issue.number for near in found.near] == [12]
    assert "score: error 0.00 × tests 1.00 = 0.00" in found.near[0].why
