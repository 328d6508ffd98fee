"""gardener history: how a test or a finding went."""

from typing import Annotated

import typer

from gardener.commands.options import MOST, FormatOption


def history(
    context: typer.Context,
    what: Annotated[
        str | None,
        typer.Argument(
            metavar="TEST|FINDING",
            help="A node id; or a fingerprint, its beginning, a slug or an issue number; default: the runs.",
        ),
    ] = None,
    focus: Annotated[str | None, typer.Option(help="Only runs of this focus.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=MOST, help="How many, the newest first.")] = 30,
    check: Annotated[bool, typer.Option("--check", help="Look through the whole store instead.")] = False,
    output: FormatOption = "text",
) -> None:
    """Show the remembered runs, or how one test or finding went in them, the newest first."""
    from gardener.codec import to_plain
    from gardener.commands.lookup import find
    from gardener.commands.output import answer
    from gardener.flow import weigh
    from gardener.grounds import open_grounds
    from gardener.render import tables
    from gardener.render.shapes import HistoryShape

    grounds = open_grounds(context.obj.root)
    store = grounds.store
    if check:
        told = HistoryShape(rows=({"store": store.place, "runs": store.check(), "damage": "none"},))
    elif what is None:
        told = HistoryShape(rows=to_plain(store.runs(focus, limit)))
    elif "::" in what or what.endswith(".py"):
        turns = store.turns(what, focus, limit)
        told = HistoryShape(rows=to_plain(turns), figures=weigh(turns))
    else:
        by_number = find(grounds, what) if what.removeprefix("#").isdigit() else None
        seen = store.sightings(str(by_number[0].fingerprint) if by_number else what)
        told = HistoryShape(rows=to_plain(seen[:limit]), figures=weigh(store.course(seen, limit)))
    answer(output, told, lambda signs: tables.history_table(told.rows, told.figures, signs))
