"""Failures with their marks and keys, and ties between keys, as they are passed on while findings are made."""

import enum
from dataclasses import dataclass

from gardener.model.key import Key
from gardener.model.run import Failure


class Layer(enum.IntEnum):
    """How far below its tests a root lies; the lowest layer leads a finding."""

    RULE = 1  # the repository's own rule
    ROOT = 2  # a file, fixture, class or check that many tests stand on
    CODE = 3  # an error that names something, or was raised at a place in the code
    VALUE = 4  # only a wrong value is seen


_ROOTS = ("build", "check", "circle", "collection", "crash", "fixture", "import", "marker", "mismatch", "misused",
          "plugin", "set-up", "syntax")  # fmt: skip
_LAYERS = {"rule": Layer.RULE, **dict.fromkeys(_ROOTS, Layer.ROOT), "none": Layer.VALUE, "value": Layer.VALUE}


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """What a key says in parts, and why it was chosen, in one sentence."""

    kind: str
    name: str
    place: str = ""
    why: str
    logged: bool = False  # only the captured log names it

    @property
    def layer(self) -> Layer:
        """How far below its tests this root lies."""
        return _LAYERS.get(self.kind, Layer.CODE)

    @property
    def pattern(self) -> str:
        """The readable form that the digest is made of."""
        return " ".join(part for part in (self.kind, self.name, f"@ {self.place}" if self.place else "") if part)

    @property
    def absorbs(self) -> bool:
        """Whether a test that only saw nothing come back may have met this error."""
        return self.layer is Layer.CODE and self.kind not in ("refused", "warning")


def layer_of(found: Key) -> Layer:
    """The layer of a key, by the kind that its pattern begins with."""
    return _LAYERS.get(found.pattern.partition(" ")[0], Layer.CODE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """A failure with its key."""

    failure: Failure
    mark: Mark
    key: Key


@dataclass(frozen=True, slots=True, kw_only=True)
class Tie:
    """Two keys that are one root, and why."""

    key: Key
    to: Key
    why: str
    evidence: str = "text"
    tells: bool = False  # whether what moved shows the cause as well as what it moved to
