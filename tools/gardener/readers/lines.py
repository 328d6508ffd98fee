"""JSON lines, one typed event each; a line of another shape is left out and counted."""

import json
from collections.abc import Iterable
from typing import NoReturn, TypeVar

import msgspec

T = TypeVar("T")


def events_of(data: bytes, kind: type[T]) -> tuple[list[T], list[str]]:
    """Every line that is such an event, and in words how many were not."""
    lines = [line for line in data.splitlines() if line.strip()]
    events = [event for line in lines if (event := _decoded(line, kind)) is not None]
    broken = len(lines) - len(events)
    return events, [f"{broken} lines could not be read: the report is cut short or damaged"] if broken else []


def sections(pairs: Iterable[tuple[str, str]]) -> str:
    """The captured sections of a report as one text under their headings."""
    return "\n".join(f"--- {name} ---\n{text}" for name, text in pairs)


def _decoded(line: bytes, kind: type[T]) -> T | None:
    try:
        return msgspec.json.decode(line, type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        pass
    try:  # a lone surrogate, which only the standard library lets pass
        plain = json.loads(line.decode("utf-8", "surrogatepass"), parse_constant=_refuse)
        return msgspec.convert(plain, type=kind)
    except (ValueError, RecursionError):
        return None


def _refuse(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON")
