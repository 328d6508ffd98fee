"""Which tests a focus selects, as pytest arguments."""

import re
import shlex
from collections.abc import Sequence
from dataclasses import dataclass

from gardener.model.focus import Focus

_EXPRESSION = re.compile(r"[\w\s()]+\s[\w\s()]+")  # "event and not slow": what only pytest's -k can judge


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """`arguments` for pytest; `match` is judged by the recorder, for globs mean nothing to pytest."""

    arguments: tuple[str, ...]
    match: tuple[str, ...] = ()

    @property
    def line(self) -> str:
        """The arguments as one line that a shell understands."""
        return shlex.join(self.arguments)


def select(focus: Focus, only: Sequence[str] = ()) -> Selection:
    """What a focus selects; with `only` (node ids) just the files that hold those tests."""
    if only:
        return Selection(arguments=tuple(dict.fromkeys(node.split("::")[0] for node in only)))
    expressions = [word for word in focus.match if _EXPRESSION.fullmatch(word)]
    arguments = [*focus.paths]
    if focus.markers:
        arguments += ["-m", focus.markers]
    if expressions:
        arguments += ["-k", " or ".join(f"({word})" for word in expressions)]
    return Selection(arguments=tuple(arguments), match=tuple(word for word in focus.match if word not in expressions))
