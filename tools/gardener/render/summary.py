"""What a hosted CI shows of a run: the job summary, and one annotation per finding."""

from gardener.model.finding import Kind
from gardener.model.story import Story
from gardener.render.engine import Templates
from gardener.render.markdown import one_line
from gardener.render.outline import outline, place

LIMIT = 1_000_000  # bytes; above 1 MiB GitHub drops the summary without a word
_MOST_ANNOTATIONS = 10  # of each level, per step; GitHub drops the rest
# What may be shown, richest first: findings, lines and characters of evidence for each
_RATIONS = ((200, 30, 4000), (100, 20, 2000), (40, 10, 1000), (20, 4, 300))


def summary(story: Story, templates: Templates) -> str:
    """The job summary as Markdown, below 1 MiB, the worst findings first."""
    view = outline(story)
    text = ""
    for most, lines, chars in _RATIONS:
        text = templates.markdown(
            "summary.md.j2",
            story=story,
            view=view,
            counts=story.run.counts,
            most=most,
            lines=lines,
            chars=chars,
        )
        if len(text.encode()) < LIMIT:
            break
    return text


def annotations(story: Story) -> tuple[str, ...]:
    """Workflow commands, one line each: an error per finding, a warning per code-health finding, the worst first."""
    view = outline(story)
    made: dict[str, list[str]] = {"error": [], "warning": []}
    for finding in view.findings:
        level = "warning" if finding.kind is Kind.WARNING else "error"
        path, _, line = place(finding).rpartition(":")
        where = {"file": path, "line": line, "title": f"{finding.severity.name} {finding.slug}"}
        fields = ",".join(f"{name}={_property(value)}" for name, value in where.items() if value.strip())
        tests = f"{finding.count} × " if finding.count > 1 else ""
        made[level].append(f"::{level} {fields}::{_data(f'{tests}{finding.title} – {view.of(finding).words}')}")
    return tuple(line for lines in made.values() for line in lines[:_MOST_ANNOTATIONS])


def _data(text: str) -> str:
    return one_line(text)[:1000].replace("%", "%25")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
