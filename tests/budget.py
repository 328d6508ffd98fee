"""How often a slow test repeats, from budget.toml: in full, or reduced where GARDENER_BUDGET says so."""

import os
import tomllib
from pathlib import Path

BUDGET = Path(__file__).with_name("budget.toml")


def count(name: str) -> int:
    """The count of that name. KeyError where budget.toml does not have it."""
    counts = tomllib.loads(BUDGET.read_text(encoding="utf-8"))["counts"]
    if name not in counts:
        raise KeyError(f"{name} is not in the [counts] of {BUDGET.name}: add it with a full and a reduced figure")
    return int(counts[name][os.environ.get("GARDENER_BUDGET", "full")])
