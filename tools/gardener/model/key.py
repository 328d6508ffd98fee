"""What makes a failure recognisable, and how it is written into an issue."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

KEY_LINE = re.compile(r"^gardener-key: (?P<scheme>[a-z]\w{0,7}):(?P<digest>[0-9a-f]{16,64})$", re.MULTILINE)
BEGIN = "<!-- gardener:begin -->"
END = "<!-- gardener:end -->"
_BLOCK = re.compile(re.escape(BEGIN) + r"\n(?P<inner>.*?)\n" + re.escape(END), re.DOTALL)
_STATE = re.compile(r"^<!-- gardener-state: (?P<json>\{.*\}) -->$", re.MULTILINE)


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
    found = KEY_LINE.match(f"gardener-key: {text}")
    return Key(scheme=found["scheme"], digest=found["digest"]) if found else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Managed:
    """What gardener remembers in its block of an issue: enough memory to go on from an empty store."""

    keys: tuple[Key, ...] = ()
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
    kind: str = ""  # of the finding: failing, uncollectable, warning, infrastructure
    calm: int = 0  # consecutive runs that asked for a lower priority than the issue has


def write_block(visible: str, managed: Managed) -> str:
    """The managed block: visible text, the state in one comment line, and the key lines last."""
    state = {field.name: getattr(managed, field.name) for field in fields(Managed) if field.name != "keys"}
    # "--" would end the comment, "<" and ">" could open another one
    packed = json.dumps(state, separators=(",", ":"), sort_keys=True)
    packed = packed.replace("<", "\\u003c").replace(">", "\\u003e").replace("--", "\\u002d\\u002d")
    keys = "\n".join(f"gardener-key: {key}" for key in managed.keys)
    return f"{BEGIN}\n{visible.strip()}\n\n<!-- gardener-state: {packed} -->\n{keys}\n{END}"


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
    keys = tuple(Key(scheme=line["scheme"], digest=line["digest"]) for line in KEY_LINE.finditer(footer))
    if not keys or found is None:
        return None
    try:
        state = json.loads(found["json"])
    except ValueError:  # somebody edited it by hand: the keys still identify the issue
        state = {}
    return _managed(keys, state)


def replace_block(body: str, block: str) -> str:
    """The body with its managed block replaced, or appended where there was none; other text stays as it is."""
    parts = split_body(body)
    if parts is None:
        return f"{body.rstrip()}\n\n{block}\n" if body.strip() else f"{block}\n"
    before, _, after = parts
    return f"{before}{block}{after}"


def _managed(keys: tuple[Key, ...], state: Mapping[str, object]) -> Managed:
    """The state as far as it has the shape that gardener writes; the rest is as if it were not there."""
    given: dict[str, Any] = {}
    for field in fields(Managed):
        value, default = state.get(field.name), field.default
        if field.name == "keys":
            continue
        if isinstance(default, tuple) and isinstance(value, list):
            given[field.name] = tuple(str(item) for item in value)
        elif isinstance(value, int if default is None else type(default)):
            given[field.name] = value
    return Managed(keys=keys, **given)
