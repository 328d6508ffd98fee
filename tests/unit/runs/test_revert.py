"""A change that is undone in the running process: which test is tried without which, and what a function is then."""

import ast
import functools
import importlib.util
import sys
from pathlib import Path
from typing import Any

import pytest

from gardener.repository.definitions import functions
from gardener.repository.touched import alone, first_line
from gardener.runs.revert import Trial, restore

pytestmark = pytest.mark.unit

BEFORE = """
import functools

def plain(value, times=2, *, sign=1):
    return value * times * sign

def outer(step):
    def inner(value):
        return value + step
    return inner

adding = outer(1)

class Sleeping:
    def __getattribute__(self, name):
        raise RuntimeError("nobody may ask")

asleep = Sleeping()

class Cart:
    @functools.lru_cache
    def total(self):
        return 1

    @property
    def owner(self):
        return "ada"
"""
AFTER = (
    BEFORE.replace("times=2, *, sign=1", "shift, times=3, *, sign=-1")
    .replace("value + step", "value - step")
    .replace("return 1", "return 7")
    .replace('"ada"', '"bob"')
)


MOVED = 3  # lines that AFTER is moved down by


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    file = tmp_path / "shop.py"
    file.write_text("#\n" * MOVED + AFTER, encoding="utf-8")
    spec = importlib.util.spec_from_file_location("shop", file)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(sys.modules, "shop", module)
    spec.loader.exec_module(module)
    return module


NAMES = ("plain", "outer", "Cart.total", "Cart.owner")


def trial(before: str = BEFORE) -> Any:
    now, was = functions(ast.parse(AFTER)), functions(ast.parse(before))
    definitions = {
        f"shop.py::{name}": (
            "shop.py",
            (),
            first_line(now[name]) + MOVED,
            alone(AFTER, name, now[name]),
            alone(before, name, was[name]) if name in was else "",
        )
        for name in NAMES
    }
    return Trial({"root": str(Path(sys.modules["shop"].__file__ or "").parent), "definitions": definitions}, {})


def test_a_function_is_what_it_was_with_its_parameters_and_then_what_it_is_again(shop: Any) -> None:
    imported = shop.plain
    undo = trial().revert("shop.py::plain")
    assert (imported(5), imported(5, sign=2)) == (10, 20)
    restore(undo)
    assert imported(5, 0) == -15


def test_methods_are_undone_behind_their_decorators_and_functions_in_functions_with_the_outer_one(
    shop: Any,
) -> None:
    cart = shop.Cart()
    asked = trial()
    for name in ("Cart.total", "Cart.owner", "outer"):
        assert asked.revert(f"shop.py::{name}")
    assert (cart.total(), cart.owner, shop.adding(1), shop.outer(1)(1)) == (1, "ada", 2, 2)


def test_what_is_new_or_closes_over_something_else_or_is_no_function_cannot_be_undone(
    shop: Any,
) -> None:
    assert not trial("").revert("shop.py::plain")
    assert not trial(BEFORE.replace("value + step", "value")).revert("shop.py::outer")
    assert not trial(AFTER).revert("shop.py::plain")
    assert (shop.adding(1), shop.outer(1)(1)) == (0, 0)


PLACES = {name: ("shop.py", [line], 0, "", "") for line, name in enumerate(("low", "high", "calm"))}
LOW, HIGH, CALM = (("shop.py", line) for line in range(3))


def played(ran: dict[str, tuple[set[Any], set[Any]]], cause: dict[str, str]) -> tuple[dict[str, list[str]], Any]:
    """By test without what it was tried, and the trial when it is over."""
    asked = Trial({"root": "", "definitions": PLACES}, ran)
    tried: dict[str, list[str]] = {}
    for name, nodes in asked.rounds():
        for node in nodes:
            tried.setdefault(node, []).append(name)
            asked.note(name, node, cause.get(node) == name)
    return tried, asked


def test_a_test_is_tried_until_it_passes_and_not_at_all_where_it_ran_one_change() -> None:
    everywhere: Any = {f"t{n}": ({LOW, HIGH, CALM}, set()) for n in range(30)}
    cause = functools.reduce(lambda known, node: known | {node: "low"}, everywhere, {"t3": "high"})
    tried, asked = played(everywhere | {"alone": ({LOW}, set())}, cause)
    assert tried.keys() == everywhere.keys()
    assert not asked.open
    assert sum(names == ["low"] for names in tried.values()) > 20  # what helped is tried before what did not


def test_what_nothing_helps_stays_open_and_what_a_shared_fixture_ran_is_not_tried() -> None:
    tried, asked = played({"vain": ({LOW, CALM}, set()), "shared": ({LOW}, {HIGH})}, {})
    assert {node: sorted(names) for node, names in tried.items()} == {"vain": ["calm", "low"], "shared": ["low"]}
    assert asked.open.keys() == {"vain", "shared"}
