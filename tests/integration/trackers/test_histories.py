"""Whatever happens over many runs, a living cause has one open issue: random histories, each shrunk when it fails."""

import contextlib
import itertools
import shutil
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
from budget import count
from histories.elsewhere import Elsewhere
from histories.stage import Embedded, Ground, Stage
from histories.steps import Step, histories
from hypothesis import HealthCheck, Phase, given, seed, settings
from standin import proxy
from standin.github import StandIn

pytestmark = [pytest.mark.critical, pytest.mark.integration, pytest.mark.slow, pytest.mark.timeout(7200)]
pytestmark += [pytest.mark.usefixtures("no_waiting")]

GREEN_RUNS = 3  # so many runs at most until an issue whose cause is gone is closed


def ends_well(stage: Stage, history: list[Step]) -> None:
    stage.play(history)
    stage.settle()
    assert stage.wrongs() == []
    for _ in range(GREEN_RUNS):
        stage.settle()
    assert stage.wrongs() + stage.quiet() == []


def played(grounds: Callable[[], Ground], kind: str, *, lists: bool = False) -> None:
    """So many histories as the budget says, each on a ground of its own; the same ones every time."""

    happened: Counter[str] = Counter()

    @seed(count(f"histories-{kind}"))
    @settings(
        max_examples=count(f"histories-{kind}"),
        derandomize=False,
        database=None,
        deadline=None,
        phases=[Phase.generate, Phase.shrink],
        suppress_health_check=list(HealthCheck),
    )
    @given(history=histories(lists=lists))
    def play(history: list[Step]) -> None:
        stage = Stage(grounds())
        try:
            ends_well(stage, history)
        finally:
            happened.update(stage.tally)

    play()
    print(f"\n{kind}: " + ", ".join(f"{what} {happened[what]}" for what in sorted(happened)))


@pytest.fixture
def folders(tmp_path: Path) -> Callable[[], Path]:
    """An empty folder each time; the one before goes."""
    numbers = itertools.count()

    def fresh() -> Path:
        number = next(numbers)
        shutil.rmtree(tmp_path / str(number - 1), ignore_errors=True)
        folder = tmp_path / str(number)
        folder.mkdir()
        return folder

    return fresh


def test_histories_on_the_embedded_tracker(folders: Callable[[], Path]) -> None:
    def ground() -> Embedded:
        folder = folders()

        def forget() -> None:
            for file in folder.glob("store.db*"):
                file.unlink()

        return Embedded("sqlite:///store.db", str(folder), forget)

    played(ground, "sqlite")


def test_histories_on_the_embedded_tracker_in_postgresql(postgres_url: str, tmp_path: Path) -> None:
    import psycopg

    plain, _, schema = postgres_url.replace("+psycopg", "").partition("?options=-csearch_path%3D")

    def forget() -> None:
        with psycopg.connect(plain, autocommit=True) as connection:
            connection.execute(f"DROP SCHEMA {schema} CASCADE")
            connection.execute(f"CREATE SCHEMA {schema}")

    def ground() -> Embedded:
        forget()
        return Embedded(postgres_url, str(tmp_path), forget)

    played(ground, "postgresql")


def test_histories_on_github(standin: StandIn, folders: Callable[[], Path]) -> None:
    with contextlib.ExitStack() as stack:
        doors = [stack.enter_context(proxy.running(standin.url)) for _ in range(8)]
        played(lambda: Elsewhere(standin, doors, str(folders())), "github", lists=True)
