"""gardener explain: why it was decided so."""

from functools import partial
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
    ],
    run: Annotated[str | None, typer.Option("--run", help="In this run; default: the last one that knows it.")] = None,
    output: FormatOption = "text",
) -> None:
    """Say why it was decided so: the evidence, the rule, the runner-up."""
    from gardener.commands.meant import meant
    from gardener.commands.output import answer
    from gardener.grounds import open_grounds
    from gardener.model.errors import ConfigurationError
    from gardener.render import answers, tables, terminal
    from gardener.render.shapes import ExplainShape
    from gardener.render.words import word_of
    from gardener.rulebook import load_rulebook

    meaning = word_of(what, load_rulebook())
    # a number is an issue first, and an exit code only where there is no such issue
    known = meant(open_grounds(context.obj.root, {}), what, run) if meaning is None or what.isdigit() else None
    if known is not None:
        finding, story = known
        actions = [action for action in story.plan.actions if action.fingerprint == str(finding.fingerprint)]
        answer(output, answers.explain_shape(*known), partial(terminal.explained, finding, actions=actions))
    elif meaning is None:
        raise ConfigurationError(
            f"Nothing here is called “{what}”: no finding of a kept run, no issue, cause, check, rule or exit code.",
            "`gardener issues list` shows the issues; result.json of a run holds the fingerprints.",
        )
    else:
        word, says = meaning
        document = ExplainShape(word=word, meaning=says)
        answer(output, document, lambda signs: tables.explained_word(word, says, signs))
