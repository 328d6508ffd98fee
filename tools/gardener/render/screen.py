"""The terminal itself: words to standard error, data to standard output, plain where it cannot do more."""

import sys
from collections.abc import Callable
from typing import TextIO

from rich.console import Console, RenderableType

from gardener.render.terminal import Glyphs, glyphs

_WIDE = 200  # columns of a file or a pipe, whose reader is no terminal to fold for
View = Callable[[Glyphs], RenderableType]


def say(line: str) -> None:
    """One line of progress for the person who waits."""
    sys.stderr.write(glyphs(sys.stderr.encoding).text(line).plain + "\n")
    sys.stderr.flush()


def tell(view: View) -> None:
    """A view for people, on standard error."""
    _print(view, sys.stderr)


def show(view: View) -> None:
    """A view that is the answer itself, on standard output."""
    _print(view, sys.stdout)


def _print(view: View, stream: TextIO) -> None:
    console = Console(file=stream, highlight=False, soft_wrap=not stream.isatty())
    if not stream.isatty():
        console.width = max(console.width, _WIDE)
    console.print(view(glyphs(stream.encoding)))
