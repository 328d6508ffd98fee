"""gardener prune: forget old runs."""

from datetime import timedelta
from typing import Annotated

import typer

from gardener.commands.options import Format, FormatOption


def prune(
    context: typer.Context,
    keep: Annotated[int, typer.Option(min=1, help="Folders of this many newest runs stay.")] = 50,
    days: Annotated[int, typer.Option(min=1, help="What the store knows of runs older than this goes.")] = 180,
    output: FormatOption = Format.TEXT,
) -> None:
    """Remove the folders of old runs and what the store knows of very old ones. Issues stay."""
    import shutil

    from gardener.commands.output import done
    from gardener.grounds import open_grounds
    from gardener.keep import run_ids, runs_folder

    grounds = open_grounds(context.obj.root, {})
    gone = run_ids(grounds)[:-keep]
    for run in gone:
        shutil.rmtree(runs_folder(grounds) / run)
    before = grounds.now() - timedelta(days=days)
    forgotten = grounds.store.prune(f"{before:%Y-%m-%dT%H:%M:%SZ}")
    done("prune", f"removed {len(gone)} run folders; the store forgot {forgotten} runs", output, paths=gone)
