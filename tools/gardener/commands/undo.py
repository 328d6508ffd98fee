"""gardener undo: take back what one run created."""

from typing import Annotated

import typer

from gardener.commands.options import FormatOption


def undo(
    context: typer.Context,
    run: Annotated[str, typer.Argument(help="The run id.")],
    output: FormatOption = "text",
) -> None:
    """Close as not planned every issue that this run created; they are not reopened by later runs."""
    from gardener.commands.output import done
    from gardener.grounds import open_grounds
    from gardener.model.plan import Reason, State

    tracker = open_grounds(context.obj.root).by_hand()
    created = [i for i in tracker.issues() if i.managed and i.managed.created_by == run and i.state is State.OPEN]
    for issue in created:
        tracker.comment(issue.number, f"Taken back: run {run} created this, and `gardener undo` was called for it.")
        tracker.close(issue.number, Reason.NOT_PLANNED)
    numbers = [issue.number for issue in created]
    listed = "".join(f" #{number}" for number in numbers)
    done(
        "undo",
        f"closed as not planned, of run {run}:{listed or ' nothing, it has no open issue'}",
        output,
        issues=numbers,
    )
