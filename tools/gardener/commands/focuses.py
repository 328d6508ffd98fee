"""gardener focuses: what can be run, and the matrix for a CI."""

import typer

from gardener.commands.options import FormatOption


def focuses(context: typer.Context, output: FormatOption = "text") -> None:
    """List the focuses in stage order, with what each selects; as JSON the matrix for a CI."""
    from gardener.commands.output import answer
    from gardener.grounds import open_grounds
    from gardener.render import tables
    from gardener.render.shapes import RowsShape
    from gardener.settings import focuses as in_order

    found = in_order(open_grounds(context.obj.root).settings)
    rows = tuple(
        {"name": each.name, "needs": each.needs, "paths": each.paths, "docker": bool(each.docker)} for each in found
    )
    document = RowsShape(schema="gardener.focuses/1", rows=rows)
    answer(output, document, lambda signs: tables.focus_table(found, signs))
