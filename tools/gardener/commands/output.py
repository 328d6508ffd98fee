"""Data to standard output, words to standard error."""

import sys

from gardener.codec import to_json


def emit(value: object) -> None:
    """Print a record as JSON on standard output, as UTF-8 whatever the locale."""
    sys.stdout.flush()
    sys.stdout.buffer.write(to_json(value, indent=1) + b"\n")
    sys.stdout.buffer.flush()


def note(text: str) -> None:
    """One line for the person at the terminal."""
    sys.stderr.write(f"{text}\n")
    sys.stderr.flush()
