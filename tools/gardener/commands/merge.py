"""gardener merge: shards of one run become one run, one plan, one writer."""

from pathlib import Path
from typing import Annotated

import typer

from gardener.commands.options import ApplyOption, FormatOption


def merge(
    context: typer.Context,
    folders: Annotated[
        list[Path], typer.Argument(metavar="RUN_DIR", help="Folders .gardener/runs/<id> of the shards.")
    ],
    apply: ApplyOption = None,
    output: FormatOption = "text",
) -> None:
    """Merge the shards of one run, made with `gardener run --dry-run` on several machines, and tend the whole.

    Any grouping of the shards gives the same run.
    """
    from gardener.commands.brief import note_baseline, opened
    from gardener.commands.output import summarise
    from gardener.flow import gather
    from gardener.grounds import open_grounds
    from gardener.keep import read_story
    from gardener.render import screen
    from gardener.wiring import Wishes, gathered

    grounds = open_grounds(context.obj.root, say=screen.say)
    shards = [read_story(folder) for folder in folders]
    world, brief = opened(grounds, Wishes(apply=apply), "gardener merge")
    whole = gathered([shard.run for shard in shards])
    story = gather(shards[0].focus, shards[0].preflight, whole, world, brief)
    note_baseline(grounds, brief, story)
    summarise([story], story.exit, output)
    raise typer.Exit(story.exit)
