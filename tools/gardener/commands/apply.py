"""gardener apply: carry out the plan of a run."""

import typer

from gardener.commands.options import FormatOption, RunArgument


def apply(context: typer.Context, run: RunArgument = None, output: FormatOption = "text") -> None:
    """Carry out exactly the plan that a run made; what was done already is not done again.

    Refuses when the tracker has changed in between by another hand than this plan's: then run again.
    """
    from gardener.commands.brief import opened
    from gardener.commands.output import emit
    from gardener.flow import resume
    from gardener.grounds import open_grounds
    from gardener.keep import recall
    from gardener.model.errors import Exit
    from gardener.model.plan import Done
    from gardener.render import answers, screen, terminal
    from gardener.wiring import Wishes

    grounds = open_grounds(context.obj.root, say=screen.say)
    story = recall(grounds, run)
    story = resume(story, *opened(grounds, Wishes(apply=True), story.invocation, kept=story))
    screen.tell(lambda signs: terminal.plan_diff(story.plan, signs, story.receipts))
    if output == "json":
        emit(answers.result([story], story.exit))
    refused = any(receipt.outcome is Done.FAILED for receipt in story.receipts)
    raise typer.Exit(Exit.REFUSED if refused else Exit.HEALTHY)
