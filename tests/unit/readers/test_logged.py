"""Warnings in printed logs: whatever the logger puts before them, and nothing that only speaks of one."""

import pytest

from gardener.model.text import Redactor
from gardener.readers.logged import Warned, gather, warnings_in

pytestmark = pytest.mark.unit


def found(text: str) -> list[tuple[str, str, str]]:
    return [(each.category, each.message, each.place) for each in warnings_in(text, "here.log")]


@pytest.mark.parametrize(
    "line",
    [
        "WARNING: old() is deprecated",
        "WARNING:root:old() is deprecated",
        "[WARN] old() is deprecated",
        "[2025-09-14 12:00:01] WARNING old() is deprecated",
        "2025-09-14 12:00:01,123 - shop.cart - WARNING - old() is deprecated",
        "2025-09-14T12:00:01Z WARNING shop.cart:total:12 - old() is deprecated",
        "2025-09-14 12:00:01.123 | WARNING  | shop.cart:total:12 - old() is deprecated",
        "web-1  | WARNING: old() is deprecated",
    ],
)
def test_a_warning_is_heard_through_every_usual_format(line: str) -> None:
    assert found(f"before\n{line}\nafter") == [("", "old() is deprecated", "here.log:0")]


def test_a_line_of_pytests_own_log_names_its_place() -> None:
    assert found("WARNING  shop.cart:cart.py:6 no vat") == [("", "no vat", "cart.py:6")]


@pytest.mark.parametrize(
    ("line", "place"),
    [
        ("shop/cart.py:12: DeprecationWarning: use utc()", "shop/cart.py:12"),
        ("C:\\shop\\cart.py:12: DeprecationWarning: use utc()", "C:\\shop\\cart.py:12"),
        ("DeprecationWarning: use utc()", "here.log:0"),
    ],
)
def test_what_python_prints_of_a_warning_has_its_category(line: str, place: str) -> None:
    assert found(line) == [("DeprecationWarning", "use utc()", place)]


def test_a_warning_that_is_shouted_by_hand_keeps_its_own_word() -> None:
    assert found("SSOT WARNING: Found other classes") == [("", "SSOT WARNING: Found other classes", "here.log:0")]


@pytest.mark.parametrize(
    "line", ["this is a WARNING sign", "E   DeprecationWarning: raised", "WARNINGS: 3", "- WARNING -", "12 warnings"]
)
def test_what_only_speaks_of_warnings_is_none(line: str) -> None:
    assert found(line) == []


def test_the_same_words_at_several_places_are_one() -> None:
    warned = [Warned(category="", message="old", place=f"a.py:{line}") for line in (1, 2, 2)]
    (failure,) = gather(warned, Redactor())
    assert (failure.message, failure.places, failure.count) == ("old", ("a.py:1", "a.py:2"), 3)
