"""gardener report: the page of a run."""

from typing import Annotated

import typer

from gardener.commands.options import FormatOption, RunArgument


def report(
    context: typer.Context,
    run: RunArgument = None,
    show: Annotated[bool, typer.Option("--open", help="Open it in the browser.")] = False,
    output: FormatOption = "text",
) -> None:
    """Write the HTML report of a run anew and print where it lies."""
    import webbrowser

    from gardener.commands.output import done
    from gardener.grounds import open_grounds
    from gardener.keep import folder_of, open_templates, recall, write
    from gardener.render import html

    grounds = open_grounds(context.obj.root)
    story = recall(grounds, run)
    page = folder_of(grounds, story.run.id) / "report.html"
    write(page, html.report(story, open_templates(grounds)).encode())
    if output == "json":
        done("report", "the page was written anew", output, paths=[str(page)])
    else:
        typer.echo(str(page))
    if show:
        webbrowser.open(page.as_uri())
