"""gardener init: adopt a repository."""

from typing import Annotated

import typer

from gardener.commands.output import note


def init(
    context: typer.Context,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Print what would be written.")] = False,
) -> None:
    """Write the focuses that were found by convention into the settings, keeping every comment; safe to repeat."""
    from gardener.wiring import adopted

    file, old, new = adopted(context.obj.root)
    if new == old:
        note(f"{file.name} holds focuses already; nothing was changed")
        return
    if dry_run:
        typer.echo(new, nl=False)
        return
    file.write_text(new, encoding="utf-8", newline="")
    note(f"wrote the focuses to {file.name}; next: gardener run")
