"""Options that several verbs share, each defined once."""

from typing import Annotated, Literal

import typer

Format = Literal["text", "json"]
FormatOption = Annotated[
    Format, typer.Option("--format", "-f", help="text for people, json (with a versioned schema) for programs.")
]
RunArgument = Annotated[
    str | None, typer.Argument(metavar="RUN", help="A run id, or a unique beginning of one; default: the last run.")
]
