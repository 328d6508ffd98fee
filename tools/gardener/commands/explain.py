"""gardener explain: why it was decided so."""

from functools import partial
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from gardener.model.finding import Finding
    from gardener.model.story import Story


def explain(
    context: typer.Context,
    what: Annotated[
        str,
        typer.Argument(
            help="A finding (fingerprint, its beginning, slug or issue number), cause, check, rule or exit code."
        ),
    ],
    run: Annotated[str | None, typer.Option("--run", help="In this run; default: the last one that knows it.")] = None,
) -> None:
    """Say why it was decided so: the evidence, the rule, the runner-up."""
    from gardener.grounds import open_grounds
    from gardener.keep import recall, run_ids
    from gardener.model.errors import ConfigurationError
    from gardener.render import screen, tables, terminal
    from gardener.render.words import word_of
    from gardener.rulebook import load_rulebook

    meaning = word_of(what, load_rulebook())
    if meaning and not what.isdigit():
        screen.show(lambda signs: tables.explained_word(*meaning, signs))
        return
    grounds = open_grounds(context.obj.root, {})
    for each in [run] if run else reversed(run_ids(grounds)):
        story = recall(grounds, each)
        for finding in story.findings:
            if _is_meant(what, finding, story):
                actions = [a for a in story.plan.actions if a.fingerprint == str(finding.fingerprint)]
                screen.show(partial(terminal.explained, finding, actions=actions))
                return
    if meaning:  # a number that is no issue here: an exit code
        screen.show(lambda signs: tables.explained_word(*meaning, signs))
        return
    raise ConfigurationError(
        f"Nothing here is called “{what}”: no finding of a kept run, no issue, cause, check, rule or exit code.",
        "`gardener issues list` shows the issues; result.json of a run holds the fingerprints.",
    )


def _is_meant(what: str, finding: "Finding", story: "Story") -> bool:
    from gardener.render.outline import filed

    number = filed(story.plan.actions, story.receipts, finding).number
    return (
        what.removeprefix("#") == str(number)
        or what == finding.slug
        or any(str(key).startswith(what) or key.digest.startswith(what) for key in finding.keys)
    )
