"""gardener issues: look at the tracker and do by hand what a person does there."""

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from gardener.commands.options import Format, FormatOption

if TYPE_CHECKING:
    from gardener.model.plan import Issue
    from gardener.ports import Tracker

app = typer.Typer(help="The tracker: list, show, and what a person does there.", no_args_is_help=True)
Number = Annotated[int, typer.Argument(metavar="N", help="The issue's number.")]


@app.command("list")
def list_issues(
    context: typer.Context,
    state: Annotated[str, typer.Option(help="open, closed or all")] = "open",
    label: Annotated[list[str] | None, typer.Option(help="Only issues with this label.")] = None,
    output: FormatOption = Format.TEXT,
) -> None:
    """Issues, the worst first."""
    from gardener.model.errors import ConfigurationError

    if state not in {"open", "closed", "all"}:
        raise ConfigurationError(f"There is no state “{state}”.", "Use open, closed or all.")
    wanted = {each.casefold() for each in label or ()}
    found = [
        issue
        for issue in _tracker(context).issues()
        if state in {"all", issue.state} and wanted <= {each.casefold() for each in issue.labels}
    ]
    _print(sorted(found, key=lambda i: (i.state, i.severity is None, i.severity or 0, i.number)), output, whole=False)


@app.command()
def show(context: typer.Context, number: Number, output: FormatOption = Format.TEXT) -> None:
    """One issue, whole."""
    _print([_tracker(context).issue(number)], output, whole=True)


@app.command()
def close(
    context: typer.Context,
    number: Number,
    reason: Annotated[str, typer.Option(help="completed, not_planned or duplicate")] = "completed",
    duplicate_of: Annotated[int | None, typer.Option(help="With duplicate: of which issue.")] = None,
    output: FormatOption = Format.TEXT,
) -> None:
    """Close an issue by hand; one closed as not_planned is never reopened by gardener."""
    from gardener.model.errors import ConfigurationError
    from gardener.model.plan import Reason

    if reason not in set(Reason):
        raise ConfigurationError(f"There is no reason “{reason}”.", f"Use one of {', '.join(Reason)}.")
    _print([_tracker(context).close(number, Reason(reason), duplicate_of)], output, whole=False)


@app.command()
def reopen(context: typer.Context, number: Number, output: FormatOption = Format.TEXT) -> None:
    """Open an issue again by hand."""
    _print([_tracker(context).reopen(number)], output, whole=False)


@app.command()
def comment(
    context: typer.Context, number: Number, text: Annotated[str, typer.Argument()], output: FormatOption = Format.TEXT
) -> None:
    """Say something on an issue."""
    tracker = _tracker(context)
    tracker.comment(number, text)
    _print([tracker.issue(number)], output, whole=True)


@app.command()
def link(
    context: typer.Context,
    number: Number,
    to: Annotated[int, typer.Argument(metavar="M", help="The other issue.")],
    why: Annotated[str, typer.Option(help="What the two have to do with each other.")] = "linked by hand",
    output: FormatOption = Format.TEXT,
) -> None:
    """Link one issue to another."""
    _print([_tracker(context).link(number, to, why)], output, whole=True)


@app.command()
def adopt(
    context: typer.Context,
    number: Number,
    finding: Annotated[str, typer.Argument(help="Fingerprint, its beginning, or slug.")],
    output: FormatOption = Format.TEXT,
) -> None:
    """Say by hand that an issue, whoever wrote it, is a finding's: gardener appends its block and keeps it true."""
    from gardener.commands.brief import open_brief
    from gardener.commands.meant import meant
    from gardener.flow import adopt as give
    from gardener.grounds import open_grounds
    from gardener.model.errors import ConfigurationError, TrackerError
    from gardener.model.plan import Done
    from gardener.wiring import Bench, Wishes

    grounds = open_grounds(context.obj.root, {})
    known = meant(grounds, finding)
    if known is None:
        raise ConfigurationError(
            f"No finding of a kept run is called “{finding}”.", "result.json of a run holds the fingerprints."
        )
    found, story = known
    bench = Bench(grounds, Wishes(apply=True), kept=story)
    (receipt,) = give(found, number, story, bench.world(), open_brief(grounds, bench, story.invocation)).receipts
    if receipt.outcome is not Done.DONE:
        raise TrackerError(f"#{number} was not adopted: {receipt.error}", "Nothing was changed.")
    _print([grounds.tracker.issue(number)], output, whole=False)


@app.command("import")
def import_issues(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="JSON as `issues export` writes it; - for stdin.")],
    output: FormatOption = Format.TEXT,
) -> None:
    """Take issues in with their numbers (embedded tracker only)."""
    import json

    from gardener.commands.output import done
    from gardener.grounds import open_grounds, read_text
    from gardener.model.errors import ConfigurationError

    try:
        records = json.loads(read_text(file))["issues"]
    except (ValueError, KeyError, TypeError) as error:
        raise ConfigurationError(
            f"{file} is no gardener.issues/1 document ({error}).", "Write one with `gardener issues export`."
        ) from None
    grounds = open_grounds(context.obj.root, {})
    if grounds.settings.tracker != "embedded":
        raise ConfigurationError(
            f"Issues cannot be imported into {grounds.settings.tracker}: it gives the numbers itself.",
            "Use tracker = “embedded”, or file them there by hand.",
        )
    numbers = grounds.embedded(by_hand=True).import_issues(records)
    listed = ", ".join(f"#{number}" for number in numbers)
    done("import", f"imported {len(numbers)} issues: {listed}", output, issues=numbers)


@app.command("export")
def export_issues(
    context: typer.Context,
    file: Annotated[Path | None, typer.Argument(help="Where to; default: standard output.")] = None,
) -> None:
    """Write all issues as JSON."""
    from gardener.codec import to_json
    from gardener.commands.output import emit
    from gardener.render.answers import issue_shape
    from gardener.render.shapes import IssuesShape

    document = IssuesShape(issues=[issue_shape(issue) for issue in _tracker(context).issues()])
    if file is None:
        emit(document)
    else:
        file.write_bytes(to_json(document, indent=1) + b"\n")


def _tracker(context: typer.Context) -> "Tracker":
    from gardener.grounds import open_grounds

    return open_grounds(context.obj.root, {}).by_hand()


def _print(found: list["Issue"], output: Format, *, whole: bool) -> None:
    from gardener.commands.output import emit
    from gardener.render import screen, terminal
    from gardener.render.answers import issue_shape
    from gardener.render.shapes import IssuesShape

    if output is Format.JSON:
        emit(IssuesShape(issues=[issue_shape(issue) for issue in found]))
    elif whole:
        for issue in found:
            screen.show(partial(terminal.issue_card, issue))
    else:
        screen.show(partial(terminal.issues_table, found))
