"""A tracker under test, whatever is behind it."""

from collections.abc import Callable
from dataclasses import dataclass

from gardener.ports import Tracker


@dataclass(frozen=True)
class Place:
    """A tracker under test; `again` opens it anew, as another process would. `limit` is the longest body it takes."""

    tracker: Tracker
    again: Callable[[], Tracker]
    limit: int | None = None
