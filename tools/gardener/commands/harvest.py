"""gardener harvest: read reports of any kind and print the findings."""

from pathlib import Path
from typing import Annotated

import typer

from gardener.commands.options import Format, FormatOption


def harvest(
    context: typer.Context,
    reports: Annotated[list[Path], typer.Argument(metavar="REPORT…", help="Report files, gzipped or not.")],
    output: FormatOption = Format.TEXT,
) -> None:
    """Read test reports and print their root causes; touches neither store nor tracker.

    Understands pytest-json-report, pytest-reportlog, JUnit XML, gardener's journal, and raw console or Docker logs,
    told apart by content. Several reports are taken as the shards of one run.
    """
    from gardener.commands.output import emit
    from gardener.flow import sift
    from gardener.model.focus import Focus
    from gardener.model.policy import Policy
    from gardener.render import terminal
    from gardener.render.answers import harvest_shape
    from gardener.rulebook import load_rulebook
    from gardener.settings import policy
    from gardener.wiring import harvested, open_settings

    settings = open_settings(context.obj.root, {}) if output is None else None
    rules = policy(settings, load_rulebook()) if settings else Policy(rulebook=load_rulebook())
    run = harvested(reports)
    findings = sift(run, Focus(name="harvest"), rules)
    if output is Format.JSON:
        emit(harvest_shape(findings, run.counts, run.notes))
    else:
        terminal.show(terminal.harvest(run, findings))
