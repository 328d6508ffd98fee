"""gardener harvest: read reports of any kind and print the findings."""

from pathlib import Path
from typing import Annotated

import typer

from gardener.commands.options import FormatOption


def harvest(
    context: typer.Context,
    reports: Annotated[list[Path], typer.Argument(metavar="REPORT", help="Report files, gzipped or not.")],
    output: FormatOption = "text",
) -> None:
    """Read test reports and print their root causes; touches neither store nor tracker.

    Understands pytest-json-report, pytest-reportlog, JUnit XML, gardener's journal, and raw console or Docker logs,
    told apart by content. Several reports are taken as the shards of one run.
    """
    from gardener.commands.output import emit
    from gardener.grounds import open_grounds
    from gardener.model.focus import Focus
    from gardener.reading import harvested, sift
    from gardener.render import answers

    grounds = open_grounds(context.obj.root)
    run = harvested(reports, grounds.redactor)
    findings = sift(run, Focus(name="harvest"), grounds.policy)
    if output == "json":
        emit(answers.harvest_shape(findings, run.counts, run.notes))
    else:
        from gardener.render import screen, tables  # what draws for a person is slow to load

        screen.show(lambda signs: tables.findings_table(findings, run.counts, signs))
