"""gardener init: adopt a repository."""

from typing import Annotated

import typer

from gardener.commands.options import FormatOption


def init(
    context: typer.Context,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Print what would be written.")] = False,
    output: FormatOption = "text",
) -> None:
    """Write the focuses that were found by convention into the settings, keeping every comment; safe to repeat."""
    from gardener.commands.output import done
    from gardener.grounds import open_grounds, writing
    from gardener.keep import await_baseline
    from gardener.settings import focuses
    from gardener.wiring import adopted

    file, old, new = adopted(context.obj.root)
    if new == old:
        done("init", f"{file.name} holds focuses already; nothing was changed", output)
    elif dry_run and output == "text":
        typer.echo(new, nl=False)
    elif dry_run:
        done("init", new, output)
    else:
        with writing(file):
            file.write_text(new, encoding="utf-8", newline="")
        grounds = open_grounds(context.obj.root)
        baseline = await_baseline(grounds, [focus.name for focus in focuses(grounds.settings)])
        words = f"wrote the focuses to {file.name}; next: gardener run: what is red then is known at adoption"
        done("init", f"{words}, listed in {baseline.name} and not filed", output, paths=[str(file), str(baseline)])
