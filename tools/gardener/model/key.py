"""What makes a failure recognisable, and how it is written into an issue."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Any

_KEY_LINE = re.compile(r"^gardener-key: (?P<scheme>[a-z]\w{0,7}):(?P<digest>[0-9a-f]{16,64})$", re.MULTILINE)
DIGEST = "digest"  # the kind of the issue that lists what the budget held, and the scheme of its key
_ALIAS_LINE = re.compile(_KEY_LINE.pattern.replace("gardener-key", "gardener-alias"), re.MULTILINE)
BEGIN = "<!-- gardener:begin -->"
END = "<!-- gardener:end -->"
_BLOCK = re.compile(re.escape(BEGIN) + r"\n(?P<inner>.*?)\n" + re.escape(END), re.DOTALL)
_STATE = re.compile(r"^<!-- gardener-state: (?P<json>\{.*\}) -->$", re.MULTILINE)
_IN_LINES = frozenset({"keys", "aliases"})  # visible lines of their own


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Key:
    """Versioned scheme, short hash, readable pattern. Equal when scheme and hash are."""

    scheme: str
    digest: str
    pattern: str = ""

    def __str__(self) -> str:
        return f"{self.scheme}:{self.digest}"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Key) and (self.scheme, self.digest) == (other.scheme, other.digest)

    def __hash__(self) -> int:
        return hash((self.scheme, self.digest))


def parse_key(text: str) -> Key | None:
    """`v1:3f9c…` as a key without its pattern; None for anything else."""
    return next(iter(keys_in(f"gardener-key: {text}")), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Managed:
    """What gardener remembers in its block of an issue: enough memory to go on from an empty store."""

    keys: tuple[Key, ...] = ()
    aliases: tuple[Key, ...] = ()  # of the issues that were merged into this one
    released: tuple[str, ...] = ()  # keys that a person split from it: it never takes them again
    merged_into: int = 0  # the issue that has its keys since a person merged the two
    counts: tuple[tuple[str, int], ...] = ()  # in how many runs each key was seen
    first_seen: str = ""  # ISO 8601 UTC
    last_seen: str = ""
    last_pass: str = ""
    green_streak: int = 0  # consecutive runs in which every test of the finding ran and passed
    last_runs: tuple[str, ...] = ()  # run ids, newest first
    last_commit: str = ""  # of the last failing run
    green_commit: str = ""  # the first green one after it
    tests: tuple[str, ...] = ()  # every test that must pass before the issue may close
    severity: int | None = None  # the priority gardener gave last: another one is a human's
    created_by: str = ""  # the run that filed it
    focus: str = ""  # whose runs are evidence where there are no tests to look at
    kind: str = ""  # of the finding: failing, uncollectable, warning, infrastructure; or digest
    calm: int = 0  # consecutive runs that asked for a lower priority than the issue has
    titled: str = ""  # the title that gardener gave, hashed: another one is a human's
    events: int = 0  # failing runs, one for each commit
    longest_gap: float = 0.0  # days between two of them
    reopened: int = 0  # how often gardener closed it too early
    flaky: bool = False  # it comes and goes: only a long silence closes it
    listed: str = ""  # of a digest: what it lists, hashed

    @property
    def all_keys(self) -> tuple[Key, ...]:
        """Everything that it is recognised by."""
        return (*self.keys, *self.aliases)


def write_block(visible: str, managed: Managed) -> str:
    """The managed block: visible text, the state in one comment line, and the key lines last."""
    return f"{BEGIN}\n{visible.strip()}\n\n{_footer(managed)}\n{END}"


def rewrite_block(body: str, managed: Managed) -> str:
    """The body whose managed block remembers this; what people see of it stays. Without a block, one is appended."""
    parts = split_body(body)
    state = _STATE.search(parts[1]) if parts else None
    if parts is None or state is None:
        return replace_block(body, write_block("", managed))
    return f"{parts[0]}{BEGIN}\n{parts[1][: state.start()]}{_footer(managed)}\n{END}{parts[2]}"


def _footer(managed: Managed) -> str:
    """The state in one comment line, as far as there is anything to say, and the key lines."""
    told = {field.name: getattr(managed, field.name) for field in fields(Managed) if field.name not in _IN_LINES}
    state = {name: value for name, value in told.items() if value or (value == 0 and name == "severity")}
    lines = [f"gardener-key: {key}" for key in managed.keys] + [f"gardener-alias: {key}" for key in managed.aliases]
    return "\n".join([noted("state", state), *lines])


def noted(name: str, value: Mapping[str, object]) -> str:
    """A line that people do not see: JSON in a comment that nothing in it can end."""
    packed = json.dumps(value, separators=(",", ":"), sort_keys=True)
    packed = packed.replace("<", "\\u003c").replace(">", "\\u003e").replace("--", "\\u002d\\u002d")
    return f"<!-- gardener-{name}: {packed} -->"


def split_body(body: str) -> tuple[str, str, str] | None:
    """A body as (before, inside, after) its managed block; None where it has none.

    The last block counts: quoted output stands before gardener's own footer, never after it.
    """
    text = body.replace("\r\n", "\n")
    blocks = list(_BLOCK.finditer(text))
    if not blocks:
        return None
    return text[: blocks[-1].start()], blocks[-1]["inner"], text[blocks[-1].end() :]


def read_block(body: str) -> Managed | None:
    """What the managed block of a body says; None where there is no block or no key in it."""
    parts = split_body(body)
    if parts is None:
        return None
    inside = parts[1]
    found = _STATE.search(inside)
    footer = inside[found.end() :] if found else ""
    keys, aliases = keys_in(footer), keys_in(footer, _ALIAS_LINE)
    if not keys or found is None:
        return None
    try:
        state = json.loads(found["json"])
    except ValueError:  # somebody edited it by hand: the keys still identify the issue
        state = {}
    return replace(_managed(keys, state), aliases=aliases)


def replace_block(body: str, block: str) -> str:
    """The body with its managed block replaced, or appended where there was none; other text stays as it is."""
    parts = split_body(body)
    if parts is None:
        return f"{body.rstrip()}\n\n{block}\n" if body.strip() else f"{block}\n"
    before, _, after = parts
    return f"{before}{block}{after}"


def keys_in(text: str, line: re.Pattern[str] = _KEY_LINE) -> tuple[Key, ...]:
    """The keys of the key lines in a text."""
    return tuple(Key(scheme=found["scheme"], digest=found["digest"]) for found in line.finditer(text))


def _managed(keys: tuple[Key, ...], state: Mapping[str, object]) -> Managed:
    """The state as far as it has the shape that gardener writes; the rest is as if it were not there."""
    given: dict[str, Any] = {}
    for field in fields(Managed):
        value, default = state.get(field.name), field.default
        if field.name in _IN_LINES:
            continue
        if field.name == "counts":
            pairs = [pair for pair in value if isinstance(pair, list)] if isinstance(value, list) else []
            given["counts"] = tuple((str(p[0]), p[1]) for p in pairs if len(p) == 2 and isinstance(p[1], int))
        elif isinstance(default, tuple) and isinstance(value, list):
            given[field.name] = tuple(str(item) for item in value)
        elif isinstance(value, int if default is None else type(default)):
            given[field.name] = value
    return Managed(keys=keys, **given)
