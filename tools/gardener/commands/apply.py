"""gardener apply: carry out the plan of a run."""

import typer

from gardener.commands.options import Format, FormatOption, RunArgument


def apply(context: typer.Context, run: RunArgument = None, output: FormatOption = Format.TEXT) -> None:
    """Carry out exactly the plan that a run made; what was done already is not done again.

    Refuses when the tracker has changed in between by another hand than this plan's: then run again.
    """
    from gardener.commands.output import emit
    from gardener.flow import resume
    from gardener.grounds import open_grounds
    from gardener.keep import recall
    from gardener.model.errors import Exit
    from gardener.model.plan import Done
    from gardener.render import terminal
    from gardener.render.answers import run_shape
    from gardener.render.shapes import ResultShape
    from gardener.wiring import Wishes, open_brief, open_world

    grounds = open_grounds(context.obj.root, {}, say=terminal.say)
    story = recall(grounds, run)
    wishes = Wishes(apply=True)
    story = resume(story, open_world(grounds, wishes, story), open_brief(grounds, wishes, story.focus))
    terminal.show(terminal.plan_diff(story))
    if output is Format.JSON:
        emit(ResultShape(exit_code=story.exit, runs=[run_shape(story)]))
    refused = any(receipt.outcome is Done.FAILED for receipt in story.receipts)
    raise typer.Exit(Exit.REFUSED if refused else Exit.HEALTHY)
