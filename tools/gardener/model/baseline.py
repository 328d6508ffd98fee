"""What was red when gardener came to a repository: a small committed text, so that no lost store can forget it."""

from collections.abc import Iterable
from dataclasses import dataclass

BASELINE = "gardener-baseline.txt"
AWAITED = "awaited"  # in place of a key: the next whole run of this focus is written down
HEAD = (
    "# Findings that were there when gardener came: not filed, and not new for fail_on. Commit this file.\n"
    "# What heals is taken out by gardener; take a line out by hand to have its finding filed.\n"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One finding that is known at adoption."""

    focus: str
    key: str  # "v1:3f9c…"
    since: str  # start of the run that wrote it down, ISO 8601 UTC
    slug: str  # for people


@dataclass(frozen=True, slots=True, kw_only=True)
class Baseline:
    """The whole file. `lasts`: what is written down now stays; not in a dry run, nor in a CI that throws files away."""

    entries: tuple[Entry, ...] = ()
    awaited: frozenset[str] = frozenset()  # focuses whose next whole run is written down
    lasts: bool = True


def read_baseline(lines: Iterable[str]) -> Baseline:
    """The baseline of a file's lines; what is no entry is left out."""
    rows = [fields for line in lines if len(fields := line.split()) >= 2 and not line.startswith("#")]
    return Baseline(
        entries=tuple(
            Entry(focus=fields[0], key=fields[1], since=fields[2], slug=fields[3])
            for fields in rows
            if len(fields) == 4
        ),
        awaited=frozenset(fields[0] for fields in rows if fields[1] == AWAITED),
    )


def baseline_text(baseline: Baseline) -> str:
    """The file's text, in an order that does not depend on the run; "" where there is nothing to say."""
    lines = [f"{focus} {AWAITED}" for focus in baseline.awaited]
    lines += [f"{each.focus} {each.key} {each.since} {each.slug}" for each in baseline.entries]
    return HEAD + "".join(f"{line}\n" for line in sorted(lines)) if lines else ""
