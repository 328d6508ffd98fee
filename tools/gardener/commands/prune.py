"""gardener prune: forget old runs."""

from datetime import timedelta
from typing import Annotated

import typer

from gardener.commands.options import FormatOption


def prune(
    context: typer.Context,
    keep: Annotated[int, typer.Option(min=1, help="Folders of this many newest runs stay.")] = 50,
    remember: Annotated[int, typer.Option(min=1, help="The store remembers this many newest runs.")] = 1000,
    days: Annotated[int, typer.Option(min=1, max=36500, help="What is older goes, from both.")] = 180,
    megabytes: Annotated[int | None, typer.Option(min=1, help="The oldest go until each holds no more.")] = None,
    output: FormatOption = "text",
) -> None:
    """Forget runs beyond a number, an age or a size, from `.gardener/runs` and from the store.

    Issues stay, and so does what open ones are judged by: the last run that saw each, and its last pass.
    """
    import shutil

    from gardener.commands.output import done
    from gardener.grounds import open_grounds
    from gardener.keep import Limits, kept_folders, runs_folder, surplus
    from gardener.model.errors import GardenerError
    from gardener.model.plan import State

    grounds = open_grounds(context.obj.root)
    try:
        keys = {str(key) for issue in grounds.tracker.issues() if issue.state is State.OPEN for key in issue.keys}
        needed, spared = grounds.store.needed(keys), "what open issues need stays"
    except GardenerError as error:  # the tracker is elsewhere and cannot be asked
        needed = grounds.store.needed(None)
        spared = f"what any finding needs stays, for the tracker cannot be read: {error.message}"
    before = f"{grounds.now() - timedelta(days=days):%Y%m%d-%H%M%S}"
    most = megabytes * 1_000_000 if megabytes else None
    folders = surplus(kept_folders(grounds), Limits(count=keep, before=before, most=most), needed)
    for run in folders:
        shutil.rmtree(runs_folder(grounds) / run)
    gone = surplus(grounds.store.held(), Limits(count=remember, before=before, most=most), needed)
    forgotten = grounds.store.forget(gone)
    words = f"removed {len(folders)} run folders; the store forgot {forgotten} runs; {spared}"
    done("prune", words, output, paths=folders)
