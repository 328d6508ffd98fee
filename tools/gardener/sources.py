"""Where settings are written: a TOML file and the environment, read into plain values with their names."""

import difflib
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, get_origin

from gardener.model.errors import ConfigurationError

PREFIX = "GARDENER_"


def read_file(root: Path) -> tuple[str, dict[str, Any]]:
    """The file's name with the table it holds; pyproject.toml and nothing where there is none."""
    found: list[tuple[str, dict[str, Any]]] = []
    for name in ("gardener.toml", "pyproject.toml"):
        try:
            content = tomllib.loads((root / name).read_text(encoding="utf-8-sig"))
        except FileNotFoundError:
            continue
        except (OSError, ValueError) as error:
            raise ConfigurationError(f"{name} cannot be read: {error}.", "Mend the file and try again.") from None
        if name == "gardener.toml" and "tool" in content:
            raise ConfigurationError(
                "gardener.toml: its tables do not begin with tool.gardener.",
                "Take the prefix out: [tool.gardener.focus.unit] becomes [focus.unit].",
            )
        table = content if name == "gardener.toml" else content.get("tool", {}).get("gardener")
        if table is not None:
            found.append((name, table))
    if len(found) > 1:
        raise ConfigurationError(
            "gardener.toml and the [tool.gardener] table of pyproject.toml both hold settings.",
            "Keep one of them; gardener does not guess which one counts.",
        )
    return found[0] if found else ("pyproject.toml", {})


def read_environment(environ: Mapping[str, str], kinds: Mapping[str, object]) -> dict[str, object]:
    """The settings named by GARDENER_…, each in its kind (str, int, float, tuple).

    An empty one counts as not set; a misspelt one is an error, a strange one is somebody else's.
    """
    found: dict[str, object] = {}
    for variable, text in environ.items():
        name = variable.removeprefix(PREFIX).lower()
        if not variable.startswith(PREFIX) or not text:
            continue
        if name in kinds:
            found[name] = _typed(text, kinds[name])
        elif near := difflib.get_close_matches(name, kinds, n=1, cutoff=0.8):
            raise ConfigurationError(
                f"{variable} is set in the environment, but no setting has that name.",
                f"Did you mean {PREFIX}{near[0].upper()}? Rename it or unset it.",
            )
    return found


def _typed(text: str, annotation: object) -> object:
    """A variable's text in the setting's own type; left as text where it does not fit, to be refused with its name."""
    if get_origin(annotation) is tuple:
        return tuple(word.strip() for word in text.split(",") if word.strip())
    try:
        return annotation(text) if annotation in (int, float) and callable(annotation) else text
    except ValueError:
        return text


def leaves(value: object, path: str = "") -> Iterator[tuple[str, object]]:
    """Every value below a table with its dotted name; tables in a list are counted from 1."""
    if isinstance(value, Mapping):
        for name, inner in value.items():
            yield from leaves(inner, f"{path}.{name}" if path else str(name))
    elif isinstance(value, Sequence) and value and all(isinstance(inner, Mapping) for inner in value):
        for number, inner in enumerate(value, start=1):
            yield from leaves(inner, f"{path}[{number}]")
    else:
        yield path, value
