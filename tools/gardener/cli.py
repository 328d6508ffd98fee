"""The command line: every verb in its panel, and the one place where errors end."""

import errno
import importlib
import os
import sys
import tempfile
import traceback
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from gardener import __version__
from gardener.commands.place import Place
from gardener.model.errors import Exit, GardenerError

# panel → its verbs, each of which is also the name of its module
PANELS = {
    "daily": ("run", "plan", "apply", "issues", "explain"),
    "look": ("preflight", "harvest", "classify", "history", "bisect", "report", "merge", "undo"),
    "set up": ("init", "focuses", "config", "prune"),
}

HELP = """Turn a red Python test suite into the few root causes behind it, and keep the issue tracker true.

Start with [bold]gardener run[/bold] in a repository: no settings, account or server needed. \
It checks that the tests can run, runs them, groups the failures by root cause, \
and files one issue per cause in a local tracker.
"""


def build() -> typer.Typer:
    """The application with all its verbs."""
    app = typer.Typer(
        help=HELP, no_args_is_help=True, rich_markup_mode="rich", pretty_exceptions_enable=False, add_completion=False
    )
    app.callback()(_everywhere)
    for panel, verbs in PANELS.items():
        for verb in verbs:
            module = importlib.import_module(f"gardener.commands.{verb}")
            if isinstance(getattr(module, "app", None), typer.Typer):
                app.add_typer(module.app, name=verb, rich_help_panel=panel)
            else:
                app.command(verb, rich_help_panel=panel)(getattr(module, verb))
    return app


def _version(asked: bool) -> None:
    if asked:
        typer.echo(f"gardener {__version__}")
        raise typer.Exit


def _everywhere(
    context: typer.Context,
    root: Annotated[
        Path, typer.Option("--root", "-C", show_default=False, help="The repository; default: this folder.")
    ] = Path(),
    version: Annotated[  # noqa: ARG001 - handled by its callback
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version and leave.")
    ] = False,
) -> None:
    place: Place = context.obj
    context.obj = Place(root=root.resolve(), pytest_args=place.pytest_args, words=place.words)


def run(arguments: Sequence[str]) -> int:
    """Run one command line; what follows `--` goes to pytest. Never raises; returns the exit code."""
    words = list(arguments)
    own, passed_on = (words[: words.index("--")], words[words.index("--") + 1 :]) if "--" in words else (words, [])
    try:
        return build()(own, obj=Place(pytest_args=tuple(passed_on), words=tuple(words)), standalone_mode=False) or 0
    except GardenerError as error:
        return _say(error.exit, error.message, error.hint)
    except typer.Exit as error:
        return error.exit_code
    except (KeyboardInterrupt, typer.Abort):
        return _say(Exit.INTERRUPTED, "Interrupted.", "What was recorded so far is kept; run again to go on.")
    except BrokenPipeError:  # the reader of standard output left, as `head` does
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return Exit.HEALTHY
    except Exception as error:  # noqa: BLE001 - the last catcher: a bug becomes a log that is fit to paste
        if isinstance(error, OSError) and error.errno == errno.ENOSPC:
            return _say(Exit.REFUSED, f"{error.strerror}.", "Make room and call it again: what was recorded is kept.")
        usage = _usage(error)
        if usage is None:
            return _bug(error)
        return _say(Exit.USAGE, *usage) if usage[0] else Exit.USAGE  # without words the help was shown already


def _usage(error: Exception) -> tuple[str, str] | None:
    """What click says of a wrong command line, and where its help is; None for any other error."""
    if not hasattr(error, "format_message"):
        return None
    context = getattr(error, "ctx", None)
    path = context.command_path if context else "gardener"
    return error.format_message().replace("Value error, ", ""), f"`{path} --help` shows what it takes."


def _say(code: Exit, message: str, hint: str) -> Exit:
    sys.stderr.write(f"gardener: {message}\n{hint}\n" if hint else f"gardener: {message}\n")
    return code


def _bug(error: Exception) -> Exit:
    text = "".join(traceback.format_exception(error))
    with tempfile.NamedTemporaryFile(
        "w", prefix="gardener-bug-", suffix=".log", delete=False, encoding="utf-8", errors="replace"
    ) as log:
        log.write(f"gardener {__version__} on Python {sys.version}\n{text}")
    what = traceback.format_exception_only(error)[-1].strip()
    return _say(Exit.BUG, f"This is a bug in gardener: {what}", f"Please report it with the log {log.name}")
