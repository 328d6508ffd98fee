"""Which tests a focus selects, as pytest arguments, and which of them preflight found blocked."""

import re
import shlex
from collections.abc import Sequence
from dataclasses import dataclass

from gardener.model.focus import Focus
from gardener.model.run import Preflight, Status

_EXPRESSION = re.compile(r"[\w\s()]+\s[\w\s()]+")  # "event and not slow": what only pytest's -k can judge


@dataclass(frozen=True, slots=True, kw_only=True)
class Blocked:
    """Tests that cannot run, and the check that says so. Paths may be node ids; "." is every test."""

    check: str
    paths: tuple[str, ...] = ()
    markers: tuple[str, ...] = ()
    fixtures: tuple[str, ...] = ()


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


def blocked_by(preflight: Preflight) -> tuple[Blocked, ...]:
    """The selectors of every blocking check: `marker:docker`, `fixture:db`, `path:tests/e2e`, or a node id."""
    return tuple(
        Blocked(
            check=check.id,
            paths=tuple(
                selector.removeprefix("path:").rstrip("/")
                for selector in check.blocks
                if not selector.startswith(("marker:", "fixture:"))
            ),
            markers=_of_kind("marker:", check.blocks),
            fixtures=_of_kind("fixture:", check.blocks),
        )
        for check in preflight.checks
        if check.status is Status.BLOCK and check.blocks
    )


def _of_kind(kind: str, selectors: Sequence[str]) -> tuple[str, ...]:
    return tuple(selector.removeprefix(kind) for selector in selectors if selector.startswith(kind))
