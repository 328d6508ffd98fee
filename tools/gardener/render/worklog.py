"""The worklog: what a run found and did, for a person to read in five minutes and a program to read at all."""

import json
import re
from collections.abc import Callable

from gardener.model.run import Outcome
from gardener.model.story import Story
from gardener.render import markdown
from gardener.render.engine import Templates
from gardener.render.outline import is_health, outline


def worklog(story: Story, templates: Templates) -> str:
    """The whole text, YAML front matter first. All numbers are those of `story.run.counts`."""
    view = outline(story)
    titles = {str(key): issue.title for issue in story.known for key in issue.keys}
    titles |= {str(finding.fingerprint): finding.title for finding in story.findings}
    return front_matter(story) + templates.markdown(
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


def front_matter(story: Story) -> str:
    """YAML that any reader understands: every scalar is written as JSON writes it."""
    run = story.run
    facts: dict[str, object] = {
        "schema": "gardener.worklog/1",
        "run": run.id,
        "session": story.session,
        "focus": story.focus.name,
        "scope": story.focus.scope,
        "match": list(story.focus.match),
        "narrowed": run.narrowed or story.focus.narrowed,
        "outlook": story.outlook.value,
        "exit_code": int(story.exit),
        "pytest_exit_code": run.exit_code,
        "started": run.started,
        "duration_s": round(run.duration_s, 2),
        "commit": run.commit,
        "branch": run.branch,
        "dirty": run.dirty,
        "versions": {"gardener": story.version, "python": run.python, "pytest": run.pytest, "platform": run.platform},
        "command": run.command,
        "counts": {name: getattr(run.counts, name) for name in run.counts.__slots__}
        | {"findings": len(story.findings)},
        "artifacts": {fact.label: fact.value for fact in story.artifacts},
    }
    lines = []
    for name, value in facts.items():
        if isinstance(value, dict) and value:
            lines += [f"{name}:", *(f"  {_name(inner)}: {_scalar(each)}" for inner, each in value.items())]
        else:
            lines.append(f"{name}: {_scalar(value)}")
    return "\n".join(["---", *lines, "---", "", ""])


def _scalar(value: object) -> str:
    plain = markdown.visible(value) if isinstance(value, str) else value
    return json.dumps(plain, ensure_ascii=False)


def _name(label: str) -> str:
    return label if re.fullmatch(r"[a-z_]{3,}", label) else _scalar(label)


def _slug(text: str) -> str:
    return re.sub(r"[^A-Za-z0-9]+", "-", text).strip("-")[:60].strip("-")
