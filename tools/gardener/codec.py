"""Records to JSON and back: one shape for files, store and standard output."""

from typing import Any, TypeVar

import msgspec

T = TypeVar("T")


def to_json(value: object, *, indent: int = 0) -> bytes:
    """A record (or any tree of records and plain values) as UTF-8 JSON."""
    packed = msgspec.json.encode(value)
    return msgspec.json.format(packed, indent=indent) if indent else packed


def from_json(data: bytes | str, kind: type[T]) -> T:
    """The record that `to_json` wrote. Raises ValueError when the data has another shape."""
    return msgspec.json.decode(data, type=kind)


def to_plain(value: object) -> Any:  # noqa: ANN401 - plain values of any shape
    """A record as plain dicts, lists, strings and numbers."""
    return msgspec.to_builtins(value)


def schema(kind: type) -> dict[str, Any]:
    """The JSON Schema of a record type as `to_json` writes it: every field is there, also one with a default."""
    made = msgspec.json.schema(kind)
    for part in made["$defs"].values():
        for field in part.get("properties", {}).values():
            field.pop("default", None)
        if "properties" in part:
            part["required"] = list(part["properties"])
    return made
