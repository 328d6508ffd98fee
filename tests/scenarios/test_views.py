"""Every view of one story, as a reader gets it: a change in a text shows up here as a text."""

import io
from collections.abc import Callable

import pytest
import sample
from rich.console import Console, RenderableType

from gardener.model.finding import Finding
from gardener.model.plan import Action, ActionKind, Issue
from gardener.render import tables, terminal
from gardener.render.issue import block, body, comment, labels, title
from gardener.render.summary import annotations, summary
from gardener.render.terminal import Glyphs, glyphs
from gardener.render.worklog import worklog

pytestmark = pytest.mark.unit

Gold = Callable[[str, str], None]
STORY = sample.story()


def printed(view: RenderableType) -> str:
    stream = io.StringIO()
    Console(file=stream, width=100).print(view)
    return "\n".join(line.rstrip() for line in stream.getvalue().splitlines()) + "\n"


@pytest.mark.parametrize("finding", sample.FINDINGS, ids=lambda finding: finding.slug)
def test_issue(finding: Finding, gold: Gold) -> None:
    written = body(finding, sample.managed(finding), sample.writing())
    gold(f"views/issue-{finding.slug}.md", f"# {title(finding)}\n\n{', '.join(labels(finding))}\n\n{written}")


EDITS = [one for one in STORY.plan.actions if one.kind in {ActionKind.UPDATE, ActionKind.ESCALATE}]


@pytest.mark.parametrize("action", EDITS, ids=lambda one: one.id)
def test_update(action: Action, gold: Gold) -> None:
    assert action.managed is not None
    known = Issue(number=action.number or 0, title="as it was")
    name = f"views/{action.kind}-{action.number}.md"
    gold(name, block(action, known, action.managed, sample.writing()) + "\n\n" + comment(action, sample.writing()))


def test_worklog(gold: Gold) -> None:
    gold("views/worklog.md", worklog(STORY, sample.TEMPLATES))


def test_summary(gold: Gold) -> None:
    gold("views/summary.md", summary(STORY, sample.TEMPLATES))
    gold("views/annotations.txt", "\n".join(annotations(STORY)) + "\n")


@pytest.mark.parametrize(
    ("name", "view"),
    [
        ("run", lambda signs: terminal.run_summary(STORY, signs)),
        ("plan", lambda signs: terminal.plan_diff(STORY.plan, signs)),
        ("applied", lambda signs: terminal.plan_diff(STORY.plan, signs, STORY.receipts)),
        ("issues", lambda signs: tables.issues_table(STORY.known, signs)),
        ("doctor", lambda signs: terminal.doctor(STORY.preflight, signs)),
        ("explain", lambda signs: terminal.explained(sample.SIGNATURE, STORY, (), signs)),
    ],
)
def test_terminal(name: str, view: Callable[[Glyphs], RenderableType], gold: Gold) -> None:
    gold(f"views/terminal-{name}.txt", printed(view(glyphs("utf-8"))))
