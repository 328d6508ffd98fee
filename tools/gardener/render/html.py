"""report.html: one page that opens by double-click, without scripts, and asks nothing of the network."""

import base64
import hashlib

from markupsafe import Markup

from gardener.model.finding import Kind
from gardener.model.key import split_body
from gardener.model.plan import Issue
from gardener.model.story import Story
from gardener.render.charts import bars, pieces
from gardener.render.engine import Templates
from gardener.render.markdown import clip, visible
from gardener.render.outline import outline


def report(story: Story, templates: Templates) -> str:
    """The whole page. Its style is allowed by its hash, and nothing else is allowed to load."""
    view = outline(story)
    style = templates.source("report.css")
    causes = [finding for finding in view.findings if finding.kind is not Kind.WARNING]
    return templates.html(
        "report.html.j2",
        story=story,
        view=view,
        counts=story.run.counts,
        causes=causes,
        pieces=pieces(story.run.counts),
        bars=bars(causes),
        issues={issue.number: issue for issue in story.known},
        titles={str(finding.fingerprint): finding.title for finding in view.findings},
        style=Markup(style),  # noqa: S704 - a style sheet of ours, or the repository's own
        style_hash=base64.b64encode(hashlib.sha256(style.encode()).digest()).decode(),
        prose=prose,
    )


def prose(issue: Issue) -> Markup:
    """What a person wrote in an issue, as HTML: no raw HTML, no picture, no link that acts."""
    from markdown_it import MarkdownIt

    parts = split_body(issue.body)
    text = clip(visible(parts[0] if parts else issue.body), lines=60, chars=4000)
    writer = MarkdownIt("commonmark", {"html": False}).disable(["image", "html_block", "html_inline"])
    return Markup(writer.render(text))  # noqa: S704 - raw HTML is off: the writer escapes the rest
