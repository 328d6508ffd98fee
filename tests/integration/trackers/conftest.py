"""The trackers under test: the embedded one on SQLite and on PostgreSQL, and GitHub."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from standin.github import GARDENER, StandIn
from standin.place import Place

from gardener.ports import Tracker
from gardener.store.runs import open_store
from gardener.trackers.github import GitHubTracker

NOON = datetime(2025, 9, 14, 12, 0, tzinfo=UTC)


@pytest.fixture(params=["embedded-sqlite", "embedded-postgresql", "github"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Place]:
    if request.param == "github":
        standin: StandIn = request.getfixturevalue("standin")
        repository = standin.repository()

        def opened() -> Tracker:
            return GitHubTracker(
                repository, GARDENER, base_url=standin.url, adopt_labels=("bug",), now=ticking(), sleep=lambda _: None
            )

        yield Place(opened(), opened, limit=65_536)
        return
    lite = request.param == "embedded-sqlite"
    url = "sqlite:///store.db" if lite else request.getfixturevalue("postgres_url")
    stores = []

    def reopened() -> Tracker:
        stores.append(open_store(url, tmp_path, lambda: NOON))
        return stores[-1].tracker()

    yield Place(reopened(), reopened)
    for store in stores:
        store.close()


@pytest.fixture
def repository(standin: StandIn) -> str:
    return standin.repository()


def ticking() -> Callable[[], datetime]:
    """A clock on which two seconds pass at every look, so that no write has to wait."""
    seconds = iter(range(0, 10**9, 2))
    return lambda: datetime.fromtimestamp(NOON.timestamp() + next(seconds), UTC)
