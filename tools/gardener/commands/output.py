"""Data to standard output, words to standard error."""

import sys
from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

from gardener.codec import to_json
from gardener.commands.options import Format
from gardener.render.shapes import DoneShape

if TYPE_CHECKING:  # what draws for a person is slow to load, and a program needs none of it
    from gardener.model.story import Story
    from gardener.render import screen


def emit(value: object) -> None:
    """Print a record as JSON on standard output, as UTF-8 whatever the locale."""
    sys.stdout.flush()
    sys.stdout.buffer.write(to_json(value, indent=1) + b"\n")
    sys.stdout.buffer.flush()


def answer(output: Format, document: object, view: "screen.View") -> None:
    """What was asked for, on standard output: a document for a program, a view for a person."""
    if output == "json":
        emit(document)
    else:
        from gardener.render import screen

        screen.show(view)


def summarise(stories: Sequence["Story"], code: int, output: Format) -> None:
    """What became of runs: in words for the person at the terminal, and where it was asked for as a document."""
    from gardener.render import answers, screen, terminal

    for story in stories:
        screen.tell(partial(terminal.run_summary, story))
    if output == "json":
        emit(answers.result(stories, code))


def note(text: str) -> None:
    """One line for the person at the terminal."""
    sys.stderr.write(f"{text}\n")
    sys.stderr.flush()


def done(name: str, words: str, output: Format, *, paths: Sequence[str] = (), issues: Sequence[int] = ()) -> None:
    """What a command did: as words for a person, or as a document under its own schema name."""
    if output == "json":
        emit(DoneShape(schema=f"gardener.{name}/1", done=words, paths=tuple(paths), issues=tuple(issues)))
    else:
        note(words)
