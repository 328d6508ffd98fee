"""gardener explain: why it was decided so."""

from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from gardener.commands.options import FormatOption


def explain(
    context: typer.Context,
    what: Annotated[
        str,
        typer.Argument(
            help="A finding (fingerprint, its beginning, slug or issue number), cause, check, rule or exit code."
        ),
    ] = "",
    text: Annotated[
        Path | None,
        typer.Option("--try", help="Instead: which rules hold for the text in this file; - for stdin."),
    ] = None,
    run: Annotated[str | None, typer.Option("--run", help="In this run; default: the last one that knows it.")] = None,
    output: FormatOption = "text",
) -> None:
    """Say why it was decided so: the evidence, the rule, the runner-up."""
    from gardener.commands.lookup import answers_of, find, since
    from gardener.commands.output import answer
    from gardener.grounds import open_grounds, read_text
    from gardener.model.errors import ConfigurationError
    from gardener.reading import naming
    from gardener.render import answers, tables, terminal
    from gardener.render.shapes import ExplainShape
    from gardener.render.words import CHECKS, word_of
    from gardener.rulebook import load_rulebook

    grounds = open_grounds(context.obj.root)
    if bool(what) == (text is not None):
        raise ConfigurationError("Name one thing to explain, or a text with --try.", "See `gardener explain --help`.")
    if text is not None:
        found, own = naming(grounds.policy).trial(grounds.redactor.clean(read_text(text)))
        answer(output, answers.trial_shape(found, own), partial(tables.trial, found, own))
        return
    meaning = word_of(what, load_rulebook())
    # a number is an issue first, and an exit code only where there is no such issue
    known = find(grounds, what, run) if meaning is None or what.isdigit() else None
    if known is not None:
        later = since(grounds, *known)
        answer(output, answers.explain_shape(*known, later), partial(terminal.explained, *known, later))
    elif meaning is None:
        raise ConfigurationError(
            f"Nothing here is called “{what}”: no finding of a kept run, no issue, cause, check, rule or exit code.",
            "`gardener issues list` shows the issues; result.json of a run holds the fingerprints.",
        )
    else:
        checks = answers_of(grounds, what) if what in CHECKS else ()
        document = ExplainShape(word=meaning[0], meaning=meaning[1], checks=checks)
        answer(output, document, partial(terminal.word, *meaning, checks))
