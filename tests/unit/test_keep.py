"""Which runs go: beyond a number, an age or a size, never one that is needed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gardener.keep import Limits, surplus

pytestmark = pytest.mark.unit

HELD = [("20250901", 10), ("20250902", 20), ("20250903", 30), ("20250904", 40)]


@pytest.mark.parametrize(
    ("limits", "gone"),
    [
        (Limits(count=4, before="2025", most=None), []),
        (Limits(count=2, before="2025", most=None), ["20250901", "20250902"]),
        (Limits(count=4, before="20250903", most=None), ["20250901", "20250902"]),
        (Limits(count=4, before="2025", most=75), ["20250901", "20250902"]),
        (Limits(count=4, before="2025", most=40), ["20250901", "20250902", "20250903"]),
        (Limits(count=1, before="20250902", most=100), ["20250901", "20250902", "20250903"]),
    ],
)
def test_the_oldest_go_until_each_limit_is_kept(limits: Limits, gone: list[str]) -> None:
    assert surplus(HELD, limits, ()) == gone


@given(
    sizes=st.lists(st.integers(0, 100), max_size=12),
    count=st.integers(1, 12),
    before=st.integers(0, 12),
    most=st.none() | st.integers(0, 600),
    needed=st.sets(st.integers(0, 12)),
)
def test_what_is_needed_stays_and_the_rest_obeys(
    sizes: list[int], count: int, before: int, most: int | None, needed: set[int]
) -> None:
    held = [(f"{place:02}", size) for place, size in enumerate(sizes)]
    spared = {f"{place:02}" for place in needed}
    gone = surplus(held, Limits(count=count, before=f"{before:02}", most=most), spared)
    assert not spared & set(gone)
    stays = [(run, size) for run, size in held if run not in gone and run not in spared]
    assert len(stays) <= count
    assert all(run >= f"{before:02}" for run, _ in stays)
    if most is not None:
        kept = sum(size for run, size in held if run not in gone)
        assert kept <= most or not stays
