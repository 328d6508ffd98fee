"""gardener config: every setting with its origin."""

import typer

from gardener.commands.options import FormatOption

app = typer.Typer(help="Show the settings, and where each came from.", no_args_is_help=True)


@app.command()
def show(context: typer.Context, output: FormatOption = "text") -> None:
    """Show every setting with its value and its origin."""
    from gardener.codec import to_plain
    from gardener.commands.output import answer
    from gardener.grounds import open_grounds
    from gardener.render import tables
    from gardener.render.shapes import RowsShape
    from gardener.settings import entries

    found = entries(open_grounds(context.obj.root).settings)
    document = RowsShape(schema="gardener.config/1", rows=to_plain(found))
    rows = [(each.name, str(each.value), each.origin) for each in found]
    answer(output, document, lambda signs: tables.settings_table(rows, signs))


@app.callback()
def _alone() -> None:
    """Show the settings, and where each came from."""
