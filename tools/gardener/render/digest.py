"""The digest: one issue that lists what the budget of a run held, worst first."""

from collections.abc import Sequence

from gardener.model.finding import Finding
from gardener.model.key import Managed, write_block
from gardener.render import markdown
from gardener.render.issue import Writing

_MOST = 100  # rows: with their titles they stay below any tracker's limit
_TITLE = 160


def title(writing: Writing) -> str:
    """The same in every run: the digest is recognised by its key, and its numbers stand in the body."""
    return markdown.heading(f"failing-tests-digest-{writing.focus.name} · findings that wait for an issue", 256)


def labels(writing: Writing) -> tuple[str, ...]:
    """Those that every issue has, so that it is listed; no priority and no area, for it has many."""
    return tuple(label for label in (*writing.labels, *writing.session_labels) if "{" not in label)


def block(held: Sequence[Finding], managed: Managed, writing: Writing) -> str:
    """The whole text, in the managed block. The keys that it lists are none of its own."""
    rows = [
        (one.severity.name, markdown.shorten(markdown.one_line(one.title), _TITLE), one.count, str(one.fingerprint))
        for one in held[:_MOST]
    ]
    visible = writing.templates.markdown(
        "digest.md.j2", rows=rows, total=len(held), example=held[0] if held else None, managed=managed, writing=writing
    )
    return write_block(visible, managed)
