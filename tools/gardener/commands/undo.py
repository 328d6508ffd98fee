"""gardener undo: take back what one run created."""

import typer

from gardener.commands.output import note


def undo(context: typer.Context, run: str = typer.Argument(help="The run id.")) -> None:
    """Close as not planned every issue that this run created; they are not reopened by later runs."""
    from gardener.grounds import open_grounds
    from gardener.model.plan import Reason, State

    tracker = open_grounds(context.obj.root, {}).by_hand()
    created = [i for i in tracker.issues() if i.managed and i.managed.created_by == run and i.state is State.OPEN]
    for issue in created:
        tracker.comment(issue.number, f"Taken back: run {run} created this, and `gardener undo` was called for it.")
        tracker.close(issue.number, Reason.NOT_PLANNED)
        note(f"closed #{issue.number} {issue.title}")
    note(f"{len(created)} open issues of run {run} were closed as not planned")
