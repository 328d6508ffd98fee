"""gardener issues: look at the tracker and do by hand what a person does there."""

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from gardener.commands.options import MOST, FindingArgument, Format, FormatOption

if TYPE_CHECKING:
    from gardener.model.plan import Issue
    from gardener.ports import Tracker

app = typer.Typer(help="List and show issues, and do by hand what a person does there.", no_args_is_help=True)
Number = Annotated[int, typer.Argument(metavar="N", max=MOST, help="The issue's number.")]


@app.command("list")
def list_issues(
    context: typer.Context,
    state: Annotated[Literal["open", "closed", "all"], typer.Option(help="Which issues.")] = "open",
    label: Annotated[list[str] | None, typer.Option(help="Only issues with this label.")] = None,
    output: FormatOption = "text",
) -> None:
    """List issues, the worst first."""
    wanted = {each.casefold() for each in label or ()}
    found = [
        issue
        for issue in _tracker(context).issues()
        if state in {"all", issue.state} and wanted <= {each.casefold() for each in issue.labels}
    ]
    _print(sorted(found, key=lambda i: (i.state, i.severity is None, i.severity or 0, i.number)), output, whole=False)


@app.command()
def show(context: typer.Context, number: Number, output: FormatOption = "text") -> None:
    """Show one issue, whole."""
    _print([_tracker(context).issue(number)], output, whole=True)


@app.command()
def close(
    context: typer.Context,
    number: Number,
    reason: Annotated[Literal["completed", "not_planned", "duplicate"], typer.Option(help="Why.")] = "completed",
    duplicate_of: Annotated[int | None, typer.Option(max=MOST, help="With duplicate: of which issue.")] = None,
    output: FormatOption = "text",
) -> None:
    """Close an issue by hand; one closed as not_planned is never reopened by gardener."""
    from gardener.model.plan import Reason

    _print([_tracker(context).close(number, Reason(reason), duplicate_of)], output, whole=False)


@app.command()
def reopen(context: typer.Context, number: Number, output: FormatOption = "text") -> None:
    """Open an issue again by hand."""
    _print([_tracker(context).reopen(number)], output, whole=False)


@app.command()
def comment(
    context: typer.Context, number: Number, text: Annotated[str, typer.Argument()], output: FormatOption = "text"
) -> None:
    """Say something on an issue."""
    tracker = _tracker(context)
    tracker.comment(number, text)
    _print([tracker.issue(number)], output, whole=True)


@app.command()
def link(
    context: typer.Context,
    number: Number,
    to: Annotated[int, typer.Argument(metavar="M", max=MOST, help="The other issue.")],
    why: Annotated[str, typer.Option(help="What the two have to do with each other.")] = "linked by hand",
    output: FormatOption = "text",
) -> None:
    """Link one issue to another."""
    _print([_tracker(context).link(number, to, why)], output, whole=True)


@app.command()
def adopt(context: typer.Context, number: Number, finding: FindingArgument, output: FormatOption = "text") -> None:
    """Say by hand that an issue, whoever wrote it, is a finding's: gardener appends its block and keeps it true."""
    _print([_given(context, finding, number)], output, whole=False)


@app.command("file")
def file_issue(context: typer.Context, finding: FindingArgument, output: FormatOption = "text") -> None:
    """File an issue for a finding that the budget held."""
    _print([_given(context, finding, None)], output, whole=False)


@app.command()
def merge(
    context: typer.Context,
    number: Number,
    into: Annotated[int, typer.Argument(metavar="INTO", max=MOST, help="The issue that stays.")],
    output: FormatOption = "text",
) -> None:
    """Say that two issues are one: N is closed as a duplicate, and INTO is recognised by its keys from now on."""
    from gardener.byhand import merge as make_one
    from gardener.grounds import open_grounds

    grounds = open_grounds(context.obj.root)
    _print(list(make_one(number, into, grounds.by_hand(), grounds.settings.labels)), output, whole=False)


@app.command()
def split(
    context: typer.Context,
    number: Number,
    away: Annotated[list[str], typer.Argument(metavar="KEY", help="Keys, or findings as `issues adopt` takes them.")],
    output: FormatOption = "text",
) -> None:
    """Take keys from an issue for good: what has them gets another one, or the one back that was merged into it."""
    from gardener.byhand import split as take
    from gardener.commands.lookup import the_finding
    from gardener.grounds import open_grounds
    from gardener.model.key import parse_key

    grounds = open_grounds(context.obj.root)
    tracker = grounds.by_hand()
    carried = tracker.issue(number).managed
    keys = []
    for name in away:
        key = parse_key(name)
        of = [key] if key else list(the_finding(grounds, name)[0].keys)
        keys += of if key or carried is None else [each for each in of if each in carried.all_keys] or of
    _print([take(number, keys, tracker)], output, whole=False)


def _given(context: typer.Context, finding: str, number: int | None) -> "Issue":
    """The issue that a finding was given to: the one with this number, or a new one."""
    from gardener import byhand
    from gardener.commands.brief import opened
    from gardener.commands.lookup import the_finding
    from gardener.grounds import open_grounds
    from gardener.model.errors import TrackerError
    from gardener.model.plan import Done
    from gardener.wiring import Wishes

    grounds = open_grounds(context.obj.root)
    found, story = the_finding(grounds, finding)
    world, brief = opened(grounds, Wishes(apply=True), story.invocation, kept=story)
    if number is None:
        (receipt,) = byhand.file(found, story, world, brief).receipts
    else:
        (receipt,) = byhand.adopt(found, number, story, world, brief).receipts
    if receipt.outcome is not Done.DONE or receipt.number is None:
        raise TrackerError(f"“{finding}” was not given an issue: {receipt.error}", "Nothing was changed.")
    return grounds.tracker.issue(receipt.number)


@app.command("import")
def import_issues(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="JSON as `issues export` writes it; - for stdin.")],
    output: FormatOption = "text",
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
    grounds = open_grounds(context.obj.root)
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
    from gardener.grounds import writing
    from gardener.render import answers

    document = answers.issues(_tracker(context).issues())
    if file is None:
        emit(document)
    else:
        with writing(file):
            file.write_bytes(to_json(document, indent=1) + b"\n")


def _tracker(context: typer.Context) -> "Tracker":
    from gardener.grounds import open_grounds

    return open_grounds(context.obj.root).by_hand()


def _print(found: list["Issue"], output: Format, *, whole: bool) -> None:
    from gardener.commands.output import answer
    from gardener.render import answers, tables, terminal

    view = partial(terminal.issue_card, found[0]) if whole else partial(tables.issues_table, found)
    answer(output, answers.issues(found), view)
