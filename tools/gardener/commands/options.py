"""Options that several verbs share, each defined once."""

from typing import Annotated, Literal

import typer

MOST = 2**31 - 1  # the largest number that every database takes
Format = Literal["text", "json"]
FormatOption = Annotated[
    Format, typer.Option("--format", "-f", help="text for people, json (with a versioned schema) for programs.")
]
ApplyOption = Annotated[
    bool | None,
    typer.Option("--apply/--dry-run", help="Write to the tracker, or only show; default: as the settings say."),
]
FindingArgument = Annotated[
    str, typer.Argument(metavar="FINDING", help="A fingerprint, its unique beginning, a slug or an issue number.")
]
RunArgument = Annotated[
    str | None, typer.Argument(metavar="RUN", help="A run id, or a unique beginning of one; default: the last run.")
]
