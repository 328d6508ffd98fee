"""Failures with their keys, and ties between keys, as they are passed on while findings are made."""

from dataclasses import dataclass

from gardener.model.key import Key
from gardener.model.run import Failure
from gardener.triage.keys import Mark


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
