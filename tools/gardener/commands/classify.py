"""gardener classify: name the cause of raw texts."""

import sys
from pathlib import Path
from typing import Annotated, Literal

import typer


def classify(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="JSONL of {“id”, “text”}; for text output any log file; - for stdin.")],
    output: Annotated[
        Literal["text", "jsonl", "json"] | None,
        typer.Option("--format", "-f", help="jsonl: one verdict per line in (default off a terminal); text: one log."),
    ] = None,
) -> None:
    """Name the cause of each text, from an ordered rule table that says which rule decided."""
    import json

    from gardener.commands.output import emit
    from gardener.grounds import open_grounds, read_text
    from gardener.model.errors import UnreadableReport
    from gardener.reading import naming
    from gardener.render import screen, tables
    from gardener.render.shapes import RowsShape

    grounds = open_grounds(context.obj.root)
    redactor, name = grounds.redactor, naming(grounds.policy).classify
    text = read_text(file)
    if output is None:
        output = "text" if sys.stdout.isatty() else "jsonl"
    if output == "text":
        found = name(redactor.clean(text))
        screen.show(lambda signs: tables.verdict(found, signs))
        return
    answers = []
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
            if not isinstance(row["text"], str):
                raise TypeError(f"its text is {row['text']!r}")
            found = name(redactor.clean(row["text"]))
            severity = found.severity.name if found.severity is not None else None
            answers.append({"id": row["id"], "cause": found.cause, "severity": severity, "rule": found.rule})
        except (ValueError, KeyError, TypeError) as error:
            raise UnreadableReport(
                f"{file}:{number} is not a JSON object with “id” and “text” ({error}).",
                "Write one object per line, or use --format text for a raw log.",
            ) from None
        if output == "jsonl":
            sys.stdout.write(json.dumps(answers.pop(), ensure_ascii=False) + "\n")
    if output == "json":
        emit(RowsShape(schema="gardener.classify/1", rows=tuple(answers)))
