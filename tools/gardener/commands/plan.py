"""gardener plan: what a run wants to do on the tracker."""

import typer

from gardener.commands.options import FormatOption, RunArgument


def plan(context: typer.Context, run: RunArgument = None, output: FormatOption = "text") -> None:
    """Show the plan of a run as a diff; `gardener apply` carries out exactly this."""
    from gardener.commands.output import answer
    from gardener.grounds import open_grounds
    from gardener.keep import recall
    from gardener.render import answers, terminal

    story = recall(open_grounds(context.obj.root), run)
    answer(output, answers.plan_shape(story), lambda signs: terminal.plan_diff(story.plan, signs, story.receipts))
