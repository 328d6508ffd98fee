"""Warnings as failures: the same words at several places are one, with every place and a count."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from gardener.model.run import Failure, Origin
from gardener.model.text import CleanText, Redactor

LIMIT = 300  # different warnings of one report that are kept
# a level after what loggers put before it: times, brackets, dotted names, names before a dash or a bar
_LINE = re.compile(
    r"^(?:(?:\[[^\]\n]{0,200}\]|[+\d][\d:.,/TZ+-]{0,40}|[A-Za-z_]\w{0,80}(?:\.\w{1,80}){1,9}:?"
    r"|[A-Za-z_][\w-]{0,80}(?=[ \t]+[-|] )|[-|])[ \t]+){0,9}"
    r"[\[(<]?WARN(?:ING)?\b(?::[\w.]{1,200}:(?=\S))?[ \t:|\])>-]*(?P<said>[^\s:|\])>-].*)$",
    re.MULTILINE,
)
_SHOUTED = re.compile(r"^(?P<said>(?:[A-Z]{2,20} ){1,3}WARNING: \S.*)$", re.MULTILINE)  # of whoever prints by hand
_PYTHON = re.compile(  # as the interpreter prints it
    r"^(?:(?P<place>[^\s:](?:[^:\n]|:(?=\\)){0,300}:\d{1,7}): )?(?P<category>[A-Z]\w{0,80}Warning): (?P<said>\S.*)$",
    re.MULTILINE,
)
_PLACED = re.compile(
    r"^[\w.<>-]{1,200}:(?:(?P<place>[\w.-]{1,200}\.\w{1,9}:\d{1,7})|[\w<>]{1,200}:\d{1,7} -) (?P<said>.+)$"
)


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
    """The warnings in a printed log, Python's own too; `where` stands in for a place that a line does not name."""
    if "WARN" not in text and "Warning: " not in text:
        return
    for line in _PYTHON.finditer(text):
        yield Warned(category=line["category"], message=line["said"], place=line["place"] or f"{where}:0")
    for line in (*_LINE.finditer(text), *_SHOUTED.finditer(text)):
        placed = _PLACED.match(line["said"])
        said, place = (placed["said"], placed["place"]) if placed else (line["said"], None)
        yield Warned(category="", message=said, place=place or f"{where}:0")
