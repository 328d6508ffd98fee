"""Real parts for integration tests: a PostgreSQL server, and a GitHub in memory behind a proxy that can fail."""

from collections.abc import Iterator
from itertools import count

import pytest
import stamina
from standin import github, postgres, proxy

_numbers = count(1)


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    with postgres.running() as url:
        yield url


@pytest.fixture
def postgres_url(postgres_server: str) -> Iterator[str]:
    """The URL of an empty schema of its own."""
    import psycopg

    name = f"gardener_test_{next(_numbers)}"
    plain = postgres_server.replace("+psycopg", "")
    with psycopg.connect(plain, autocommit=True) as connection:
        connection.execute(f"DROP SCHEMA IF EXISTS {name} CASCADE")
        connection.execute(f"CREATE SCHEMA {name}")
        yield f"{postgres_server}?options=-csearch_path%3D{name}"
        connection.execute(f"DROP SCHEMA {name} CASCADE")


@pytest.fixture(scope="session")
def standin(tmp_path_factory: pytest.TempPathFactory) -> Iterator[github.StandIn]:
    """The GitHub in memory, as it is."""
    with github.running(tmp_path_factory.mktemp("standin")) as running:
        yield running


@pytest.fixture
def fickle(standin: github.StandIn) -> Iterator[proxy.Proxy]:
    """The same GitHub, seen through a proxy that fails as it is told."""
    with proxy.running(standin.url) as running:
        yield running


@pytest.fixture
def no_waiting() -> Iterator[None]:
    """Retries come at once; how long they would have waited is tested by values."""
    with stamina.set_testing(testing=True, attempts=5, cap=True):
        yield
