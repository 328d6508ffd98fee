"""Issues as they are imported: the shape `gardener.issues/1`, pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from gardener.codec import from_json, to_json
from gardener.model.errors import ConfigurationError
from gardener.model.key import parse_key
from gardener.model.plan import TRUSTED, Comment, IssueLink, Reason, State


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One issue of a file. Only number and title have to be there."""

    number: int
    title: str
    state: State = State.OPEN
    state_reason: Reason | None = None
    severity: Literal["P0", "P1", "P2", "P3"] | None = None
    severity_by: Literal["human", "bot"] | None = None  # who set the priority; None: a bot where the author is one
    labels: tuple[str, ...] = ()
    keys: tuple[str, ...] = ()
    author: str = ""
    author_association: str | None = None  # as GitHub says it; None: who imports the file vouches for it
    locked: bool = False
    body: str = ""
    comments: tuple[Comment | str, ...] = ()
    links: tuple[IssueLink, ...] = ()
    created_at: str = ""
    updated_at: str = ""
    closed_at: str = ""
    closed_by_human: bool | None = None  # None: where it was closed as anything but completed

    @property
    def ours(self) -> bool:
        """Whether gardener wrote it."""
        return self.author == "gardener" or (not self.author and bool(self.keys))

    @property
    def priority_by_human(self) -> bool:
        """Whether a person set the priority."""
        if self.severity_by is not None:
            return self.severity_by == "human"
        return not (self.ours or self.author.endswith("[bot]"))

    @property
    def human_closed(self) -> bool:
        """Whether a person closed it, so that it stays closed."""
        if self.closed_by_human is not None:
            return self.closed_by_human
        return self.state_reason in (Reason.NOT_PLANNED, Reason.DUPLICATE)

    def trusted(self, adopt_authors: Sequence[str]) -> bool:
        """Whether its author may give an issue that gardener adopts."""
        return self.author_association in (None, *TRUSTED) or self.author in adopt_authors


def entries_of(records: Sequence[Mapping[str, Any]]) -> tuple[Entry, ...]:
    """The issues of a file, checked. Raises ConfigurationError that says which one is wrong and how."""
    hint = "the shape is that of `gardener issues export`: number and title, then what else is known"
    try:
        entries = from_json(to_json(list(records)), tuple[Entry, ...])
    except ValueError as error:
        raise ConfigurationError(f"the issues cannot be imported: {error}", hint) from error
    numbers: set[int] = set()
    for entry in entries:
        wrong = [key for key in entry.keys if parse_key(key) is None]
        if entry.number < 1 or entry.number in numbers or wrong:
            problem = f"{wrong[0]!r} is not a key" if wrong else "its number is taken or not positive"
            raise ConfigurationError(f"issue {entry.number} cannot be imported: {problem}", hint)
        numbers.add(entry.number)
    return entries
