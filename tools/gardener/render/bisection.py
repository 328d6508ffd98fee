"""What a person at the terminal and the issue are told of a bisection."""

from collections.abc import Iterable

from rich.console import Group, RenderableType
from rich.text import Text

from gardener.render.markdown import code, inline
from gardener.render.terminal import Glyphs


def answer(rows: Iterable[tuple[str, str]], signs: Glyphs) -> RenderableType:
    """What came of it, a line for each label."""
    return Group(*(Text.assemble((f"{label:<10}", "dim"), signs.text(value)) for label, value in rows))


def comment(commit: str, author: str, subject: str, why: str, probes: int) -> str:
    """The comment on the finding's issue. A stranger wrote author and subject."""
    return (
        f"**Bisection found the commit that brought this:** {code(commit)}, “{inline(subject)}” by {inline(author)}.\n"
        "\n"
        f"Verified: {inline(why)}. {probes} probes besides those that confirmed both ends; `git show {commit[:12]}` "
        "shows the change.\n"
    )
