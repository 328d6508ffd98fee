"""The worklog: what a run found and did, for a person to read in five minutes and a program to read at all."""

import re
from collections.abc import Callable
from dataclasses import asdict

from gardener.model.run import Outcome
from gardener.model.story import Story
from gardener.render.engine import Templates
from gardener.render.outline import is_health, outline


def worklog(story: Story, templates: Templates) -> str:
    """The whole text, YAML front matter first. All numbers are those of `story.run.counts`."""
    view = outline(story)
    titles = {str(key): issue.title for issue in story.known for key in issue.keys}
    titles |= {str(finding.fingerprint): finding.title for finding in story.findings}
    return front_matter(story, templates) + templates.markdown(
        "worklog.md.j2",
        story=story,
        view=view,
        titles=titles,
        counts=story.run.counts,
        health=[one for one in view.findings if is_health(one)],
        causes=[one for one in view.findings if not is_health(one)],
        unreached=[case for case in story.run.cases if case.outcome in (Outcome.NOT_RUN, Outcome.LOST)],
        waiting=[case for case in story.run.cases if case.outcome is Outcome.BLOCKED],
    )


def file_name(focus: str, scope: str | None, at: str, taken: Callable[[str], bool]) -> str:
    """The name for a run that started `at` (ISO 8601 UTC); `-2`, `-3` follow where it is taken."""
    what = "-".join(filter(None, (_slug(focus) or "tests", _slug(scope or ""))))
    digits = re.sub(r"\D", "", at)[:14].ljust(14, "0")
    stem = f"FAILING-TEST-GARDENER-WORKLOG-{what}-{digits[:4]}-{digits[4:6]}-{digits[6:8]}-{digits[8:]}"
    name, number = f"{stem}.md", 1
    while taken(name):
        number += 1
        name = f"{stem}-{number}.md"
    return name


def front_matter(story: Story, templates: Templates) -> str:
    """YAML that any reader understands; it stands before every worklog, whatever a repository makes of the rest."""
    numbers = {**asdict(story.run.counts), "findings": len(story.findings)}
    return templates.markdown("front-matter.md.j2", story=story, numbers=numbers) + "\n"


def _slug(text: str) -> str:
    return re.sub(r"[^A-Za-z0-9]+", "-", text).strip("-")[:60].strip("-")
