"""gardener preflight: the checks alone."""

from typing import Annotated, Literal

import typer


def preflight(
    context: typer.Context,
    focuses: Annotated[list[str] | None, typer.Argument(metavar="FOCUS", help="Default: all focuses.")] = None,
    only: Annotated[
        list[str] | None, typer.Option(help="Only this check; it runs even without declared Docker.")
    ] = None,
    skip: Annotated[list[str] | None, typer.Option(help="Not this check.")] = None,
    fix: Annotated[
        bool, typer.Option("--fix", help="Try a bounded recovery: never volumes, never others' things.")
    ] = False,
    output: Annotated[
        Literal["text", "json", "markdown"],
        typer.Option("--format", "-f", help="text for people, json for programs, markdown to paste."),
    ] = "text",
) -> None:
    """Check whether the tests can run here: engine, disk, build contexts, images, ports, services.

    Exit code 3 when any check blocks, else 0.
    """
    from dataclasses import replace

    from gardener.commands.output import emit
    from gardener.grounds import open_grounds
    from gardener.keep import open_templates
    from gardener.model.errors import Exit
    from gardener.model.run import Preflight
    from gardener.render import screen, terminal
    from gardener.render.answers import preflight_shape
    from gardener.settings import focus
    from gardener.settings import focuses as in_order
    from gardener.wiring import check_focus

    grounds = open_grounds(context.obj.root, say=screen.say)
    names = focuses or [each.name for each in in_order(grounds.settings)]
    merged = Preflight()
    for name in names:
        answer = check_focus(grounds, focus(grounds.settings, name), only or (), skip or (), fix=fix)
        fresh = tuple(check for check in answer.checks if check not in merged.checks)
        merged = replace(merged, checks=merged.checks + fresh, attempts=merged.attempts + answer.attempts)
    if output == "json":
        emit(preflight_shape(merged))
    elif output == "markdown":
        typer.echo(open_templates(grounds).markdown("preflight.md.j2", checks=merged.checks), nl=False)
    else:
        screen.show(lambda signs: terminal.doctor(merged, signs))
    raise typer.Exit(Exit.BLOCKED if merged.blocked else Exit.HEALTHY)
