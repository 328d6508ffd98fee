"""The past of a test as a person reads it."""

import pytest
from rich.console import Console

from gardener.codec import to_plain
from gardener.model.figures import BadRange, Figures, Rate, Turn
from gardener.render.tables import history_table
from gardener.render.terminal import Glyphs

pytestmark = pytest.mark.unit

ROW = to_plain(Turn(run="r1", focus="unit", started="2025-09-14T11:59:00Z", commit="c" * 40, outcome="failed"))
FIGURES = Figures(
    course="ppxff",
    failing=Rate(hits=3, of=5, low=0.231, high=0.882),
    last_pass="2025-09-12T11:59:00Z",
    first_bad=BadRange(good="a" * 40, bad="b" * 40, between=0, relapses=1),
    mixed=("d" * 40,),
    worse_by_chance=0.25,
)


def shown(figures: Figures | None, encoding: str = "utf-8", rows: list | None = None) -> str:
    console = Console(width=200)
    with console.capture() as capture:
        console.print(history_table([ROW] if rows is None else rows, figures, Glyphs(encoding)))
    return capture.get()


def test_the_past_begins_with_what_it_comes_to() -> None:
    lines = [" ".join(line.split()) for line in shown(FIGURES).splitlines()]
    assert lines[:6] == [
        "course oldest ✓✓±✗✗ newest",
        "fails in 3 of 5 (60.0%, 95 % interval 23.1% to 88.2%) of the runs that tell",
        "last pass 2025-09-12T11:59:00Z",
        "first bad passed at aaaaaaaaaaaa, failed from bbbbbbbbbbbb on; it came and went 1× before",
        "got worse with p = 0.25 the newest failures are chance (Fisher's exact test against the runs before)",
        "flaky passed and failed on one commit: dddddddddddd",
    ]
    assert lines[-1] == "r1 unit 2025-09-14T11:59:00Z cccccccccccc failed"


def test_a_stream_that_knows_no_signs_gets_letters() -> None:
    assert "oldest ++~XX newest" in shown(FIGURES, encoding="ascii")


def test_rows_without_figures_are_shown_alone() -> None:
    assert shown(None).split() == [*ROW, "r1", "unit", "2025-09-14T11:59:00Z", "c" * 12, "failed"]


def test_nothing_remembered_is_said() -> None:
    assert shown(None, rows=[]).strip() == "Nothing is remembered of this."
