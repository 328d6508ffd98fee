"""Warnings as failures: the same words at several places are one, with every place and a count."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from gardener.model.run import Failure, Origin
from gardener.model.text import CleanText, Redactor

LIMIT = 300  # different warnings of one report that are kept
_LINE = re.compile(r"^(?:\S+ \S+ |\[[^\]]*\] )?WARNING[: ]\s*(?P<said>\S.*)$", re.MULTILINE)
_PLACED = re.compile(r"^[\w.<>-]{1,200}:(?P<place>[\w.-]{1,200}:\d+) (?P<said>.+)$")


@dataclass(frozen=True, slots=True, kw_only=True)
class Warned:
    """One warning. `category` is "" for a line of a log."""

    category: str
    message: str
    place: str  # "path:line"


@dataclass(slots=True)
class _Seen:
    places: dict[str, None] = field(default_factory=dict)
    count: int = 0


def gather(warnings: Iterable[Warned], redactor: Redactor) -> tuple[Failure, ...]:
    """One failure per category and message; its subject is the first file that warned."""
    seen: dict[tuple[str, CleanText], _Seen] = {}
    for warned in warnings:
        identity = warned.category, redactor.keep(warned.message.strip(), 4000)
        if identity not in seen and len(seen) >= LIMIT:
            continue
        entry = seen.setdefault(identity, _Seen())
        entry.places[str(redactor.clean(warned.place))] = None
        entry.count += 1
    return tuple(
        Failure(
            subject=next(iter(entry.places)).rpartition(":")[0],
            origin=Origin.WARNING,
            exception=category or None,
            message=message,
            places=tuple(entry.places),
            count=entry.count,
        )
        for (category, message), entry in seen.items()
    )


def warnings_in(text: str, where: str) -> Iterable[Warned]:
    """The lines of level WARNING in a printed log; `where` stands in for a place that a line does not name."""
    for line in _LINE.finditer(text):
        placed = _PLACED.match(line["said"])
        if placed:
            yield Warned(category="", message=placed["said"], place=placed["place"])
        else:
            yield Warned(category="", message=line["said"], place=f"{where}:0")
