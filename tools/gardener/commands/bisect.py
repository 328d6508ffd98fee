"""gardener bisect: the commit that brought a finding, verified."""

from functools import partial
from typing import TYPE_CHECKING, Annotated

import typer

from gardener.commands.options import ApplyOption, FindingArgument, FormatOption

if TYPE_CHECKING:
    from gardener.grounds import Grounds
    from gardener.model.finding import Finding
    from gardener.model.story import Story
    from gardener.render.shapes import BisectShape


def bisect(
    context: typer.Context,
    what: FindingArgument,
    good: Annotated[
        str, typer.Option(metavar="COMMIT", help="Where it passed; default: what the memory or the test's file says.")
    ] = "",
    bad: Annotated[str, typer.Option(metavar="COMMIT", help="Where it fails; default: where the run saw it.")] = "",
    python: Annotated[str | None, typer.Option(help="Interpreter; default: the one that saw it.")] = None,
    timeout: Annotated[float, typer.Option(min=1, help="Seconds for all of it; the next call goes on.")] = 1800,
    apply: ApplyOption = None,
    output: FormatOption = "text",
) -> None:
    """Find the commit that brought a finding: run its tests in a work tree of its own, and verify the answer.

    Your own files are never touched. Each end is confirmed three times, the suspect must fail and its parent pass.
    """
    from gardener.bisection import Bisection, ask, refused
    from gardener.commands.lookup import the_finding
    from gardener.commands.output import answer
    from gardener.grounds import open_grounds
    from gardener.render import screen, tables

    grounds = open_grounds(context.obj.root, say=screen.say)
    finding, story = the_finding(grounds, what)
    found = refused(finding)
    if found is None:
        asked = ask(grounds, story, finding, _python(grounds, story, python), good=good, bad=bad, box_s=timeout)
        bisection = Bisection(grounds, asked)
        found = bisection.go()
        if found.commit and not found.told and _tell(grounds, story, finding, found, wish=apply):
            found = bisection.told(found)
    answer(output, found, partial(tables.facts, _rows(found)))


def _python(grounds: "Grounds", story: "Story", wish: str | None) -> str:
    """The interpreter of the run that saw it, where it was run here and is still there."""
    import shlex
    import shutil

    from gardener.grounds import python_of

    used = (shlex.split(story.run.command) or [""])[0]
    return used if not wish and used and shutil.which(used) else python_of(grounds.settings, grounds.environ, wish)[0]


def _rows(found: "BisectShape") -> list[tuple[str, str]]:
    return [
        ("verdict", f"{found.verdict}: {found.why}"),
        ("commit", f"{found.commit} {found.subject} ({found.author})" if found.commit else ""),
        ("last good", found.last_good or ""),
        ("first bad", found.first_bad or ""),
        ("probes", f"{found.probes}, {found.skipped} commits could not be tested"),
    ]


def _tell(grounds: "Grounds", story: "Story", finding: "Finding", found: "BisectShape", *, wish: bool | None) -> bool:
    """Say it on the finding's issue, where there is one and it may be written; whether that was done."""
    from gardener.keep import open_templates

    why_not = grounds.may_write(story.run, wish=wish)
    mine = [issue.number for issue in grounds.tracker.issues() if set(issue.keys) & set(finding.keys)]
    if why_not or not mine:
        grounds.say(f"the issue is not told: {why_not or 'the finding has none'}")
        return False
    grounds.tracker.comment(mine[0], open_templates(grounds).markdown("bisection.md.j2", found=found))
    grounds.say(f"told issue #{mine[0]}")
    return True
