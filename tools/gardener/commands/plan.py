"""gardener plan: what a run wants to do on the tracker."""

import typer

from gardener.commands.options import Format, FormatOption, RunArgument


def plan(context: typer.Context, run: RunArgument = None, output: FormatOption = Format.TEXT) -> None:
    """Show the plan of a run as a diff; `gardener apply` carries out exactly this."""
    from gardener.commands.output import emit
    from gardener.grounds import open_grounds
    from gardener.keep import recall
    from gardener.render import screen, terminal
    from gardener.render.answers import plan_shape

    story = recall(open_grounds(context.obj.root, {}), run)
    if output is Format.JSON:
        emit(plan_shape(story))
    else:
        screen.show(lambda signs: terminal.plan_diff(story.plan, signs, story.receipts))
