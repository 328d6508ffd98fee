"""Where a command runs and what was typed; handed to every verb."""

from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """The repository's root and the command line as it was typed."""

    root: Path = field(default_factory=Path)
    pytest_args: tuple[str, ...] = ()  # after `--`
    words: tuple[str, ...] = ()
