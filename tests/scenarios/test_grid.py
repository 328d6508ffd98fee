"""Failure × issues already there: every action with its why, every outward call and every body, as texts."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
import sample

from gardener.apply import Desk, apply
from gardener.model.finding import Finding
from gardener.model.key import Managed
from gardener.model.policy import Policy
from gardener.ports import Tracker
from gardener.render.issue import body, title
from gardener.store.issues import EmbeddedTracker
from gardener.store.runs import SqlStore
from gardener.triage.plan import decide
from gardener.triage.remember import remember, short_hash

pytestmark = pytest.mark.unit

FAILURES = {
    "failing": sample.SIGNATURE,
    "flaky": sample.FLAKY,
    "infrastructure": sample.DOCKER,
    "uncollectable": sample.SYNTAX,
    "warning": sample.DEPRECATED,
}
ISSUES = ("none", "open", "closed", "related", "foreign", "several", "locked", "over-budget")
EARLIER = replace(sample.run(), id="20260228-071500-b2xa", started="2026-02-28T07:15:00Z", commit="c" * 40)
NOW = datetime(2026, 2, 28, 8, tzinfo=UTC)  # before the run that is told


class Recording:
    """A tracker that writes down what is done to it from outside."""

    def __init__(self, inner: EmbeddedTracker) -> None:
        self._inner = inner
        self.calls: list[str] = []

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._inner, name)
        if name not in {"create", "edit", "comment", "close", "reopen", "link"}:
            return found

        def call(*given: Any, **named: Any) -> Any:
            self.calls.append(told(name, given, named))
            return found(*given, **named)

        return call


def told(name: str, given: tuple[Any, ...], named: dict[str, Any]) -> str:
    """A call as a reader sees it: short values in a line, texts below it."""
    if name == "create":
        (draft,) = given
        return f"## create\n\n# {draft.title}\n\n{', '.join(draft.labels)}\n\n{draft.body}"
    named = {key: value for key, value in named.items() if key != "was"}  # the body that is replaced
    texts = [value for value in (*given, *named.values()) if isinstance(value, str) and "\n" in value]
    short = [str(value) for value in given if value not in texts]
    short += [f"{key}={value}" for key, value in named.items() if value not in texts and value not in (None, ())]
    return "\n\n".join([f"## {name} {' '.join(short)}", *texts])


def filed(finding: Finding, number: int, **rest: Any) -> dict[str, Any]:
    """An issue that gardener filed for it in an earlier run."""
    heading = title(finding)
    managed = remember((finding,), Managed(created_by=EARLIER.id, titled=short_hash(heading)), EARLIER)
    text = body(finding, managed, sample.writing(run=EARLIER))
    given = {"number": number, "title": heading, "body": text, "labels": ["gardener"], "author": "gardener"}
    return given | {"severity": finding.severity.name, "severity_by": "bot"} | rest


def written(finding: Finding, number: int, *, same: bool) -> dict[str, Any]:
    """An issue of a person about it, or about another failure of its test."""
    test = finding.tests[0] if finding.tests else finding.failures[0].subject
    words = f"`{finding.failures[0].message}`" if same else "It takes a minute, could it be faster?"
    text = (
        f"Seen in {test}:\n\n{words}\n"
        if same or finding.tests
        else f"`{finding.failures[0].message[:30]}` – what is that?"
    )
    return {"number": number, "title": "Please look at this", "body": text, "labels": ["bug"], "author": "mira"}


def there(issues: str, finding: Finding) -> list[dict[str, Any]]:
    closing = {"state": "closed", "state_reason": "completed", "closed_at": NOW.isoformat(), "closed_by_human": False}
    return {
        "open": [filed(finding, 7)],
        "closed": [filed(finding, 7, **closing)],
        "related": [written(finding, 5, same=False)],
        "foreign": [written(finding, 5, same=True)],
        "several": [
            filed(finding, 3, **closing),
            filed(finding, 7),
            filed(finding, 9),
            written(finding, 11, same=True),
        ],
        "locked": [filed(finding, 7, locked=True)],
    }.get(issues, [])


@pytest.mark.parametrize("issues", ISSUES)
@pytest.mark.parametrize("failure", FAILURES)
def test_what_is_done_on_the_tracker(
    failure: str, issues: str, store: SqlStore, gold: Callable[[str, str], None]
) -> None:
    finding = FAILURES[failure]
    store.tracker(by_hand=True).import_issues(there(issues, finding))
    recording = Recording(store.tracker())
    tracker: Tracker = recording  # type: ignore[assignment]
    budget = 0 if issues == "over-budget" else 10
    run = sample.run()
    policy = Policy(max_new_issues=budget)
    plan = decide([finding], tracker.issues(), run, policy, frozenset({"c" * 40}))
    story = sample.story(findings=(finding,), plan=plan, receipts=(), run=run)
    receipts = apply(Desk(tracker=tracker, store=store, story=story, writing=sample.writing()))
    lines = [
        f"{one.action.kind} {one.number or one.action.number or ''} – {one.outcome} – {one.action.why}"
        for one in receipts
    ]
    text = "\n\n".join(["\n".join(lines), *recording.calls])
    gold(f"grid/{failure}/{issues}.md", f"# {failure} × {issues}\n\n{text.rstrip()}\n")
