"""What carries out a plan, with the story of a failing run that the plan was made for."""

from typing import Any

import sample

from gardener.apply import Desk
from gardener.model.errors import Exit
from gardener.model.focus import Focus
from gardener.model.plan import Plan
from gardener.model.run import Preflight, Run
from gardener.model.story import Change, Outlook, Story
from gardener.ports import Store, Tracker
from gardener.render.issue import Writing


def desk_for(plan: Plan, run: Run, store: Store, tracker: Tracker, *, forbidden: str = "", **told: Any) -> Desk:
    given: dict[str, Any] = {
        "focus": Focus(name="unit"),
        "preflight": Preflight(),
        "run": run,
        "findings": (),
        "plan": plan,
        "receipts": (),
        "outlook": Outlook.FAILING,
        "exit": Exit.FAILING,
        "verdict": "failing",
        "change": Change(),
    }
    story = Story(**(given | told))
    writing = Writing(templates=sample.TEMPLATES, focus=story.focus, run=run)
    return Desk(tracker=tracker, store=store, story=story, writing=writing, forbidden=forbidden)
