"""Names of runs: what began later sorts later, also within one second."""

from datetime import UTC, datetime, timedelta

import pytest

from gardener.wiring import run_name

pytestmark = pytest.mark.unit

START = datetime(2025, 9, 14, 11, 59, 0, tzinfo=UTC)


def test_names_of_runs_sort_as_they_began() -> None:
    moments = [START + timedelta(milliseconds=number) for number in range(2100)]
    names = [run_name(moment) for moment in moments]
    assert names == sorted(names)


def test_runs_that_begin_together_have_different_names() -> None:
    assert len({run_name(START) for _ in range(4)}) > 1
    assert run_name(START).startswith("20250914-115900-00")
