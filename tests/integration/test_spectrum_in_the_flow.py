"""gardener run with the spectrum: what changed since the good run divides and joins what fails."""

from pathlib import Path
from typing import Any

import pytest
from garden import SETTINGS, Garden

pytestmark = pytest.mark.integration

SHOP = """\
def total(prices):
    return sum(prices)


def owner(name):
    return name.title()


def calm(value):
    return value
"""
CART = "from shop.cart import calm, owner, total\n\n"
TESTS = {
    "shop/__init__.py": "",
    "shop/cart.py": SHOP,
    "tests/test_cart.py": CART + "def test_total():\n    assert total([1, 2]) == calm(3)\n\n"
    "def test_owner():\n    assert owner('ada') == 'Ada'\n\n"
    "def test_calm():\n    assert calm(1) == 1\n",
    "tests/test_bill.py": CART + "def test_bill():\n    assert f'{total([1])} EUR' == '1 EUR'\n\n"
    "def test_paid():\n    assert calm(2) == 2\n",
}
BROKEN = SHOP.replace("sum(prices)", "sum(prices) + 1").replace("name.title()", "name.upper()")
DECOY = BROKEN.replace("return value", "given = value\n    return given")


def red(garden: Garden, *arguments: str) -> Any:
    ended = garden.tend("--no-preflight", *arguments)
    assert ended.code in (0, 1), ended.err
    return ended.run


def note(garden: Garden, run: Any) -> str:
    lines = (garden.root / run["worklog"]).read_text(encoding="utf-8").splitlines()
    return next((line for line in lines if line.startswith("- spectrum:")), "")


@pytest.fixture
def garden(tmp_path: Path) -> Garden:
    planted = Garden(tmp_path).write(TESTS)
    planted.commit("green")
    red(planted)
    planted.write({"shop/cart.py": DECOY}).commit("three functions changed, two of them for the worse")
    return planted


def test_each_change_that_broke_something_is_one_finding_over_all_files(garden: Garden) -> None:
    run = red(garden)
    assert {tuple(one["tests"]) for one in run["findings"]} == {
        ("tests/test_bill.py::test_bill", "tests/test_cart.py::test_total"),
        ("tests/test_cart.py::test_owner",),
    }
    assert "3 of 3 failing tests and 2 passing ones ran once more, watched" in note(garden, run)
    joined = next(one for one in run["findings"] if len(one["tests"]) == 2)
    assert "run what changed in shop/cart.py::total" in joined["why"]["group"]


@pytest.mark.slow  # five runs
def test_turned_off_the_text_decides_and_switching_files_no_issue_twice(garden: Garden) -> None:
    red(garden)
    filed = {issue["number"] for issue in garden.issues()}
    assert len(filed) == 2
    garden.write({"pyproject.toml": SETTINGS.replace("[tool.gardener]", '[tool.gardener]\nspectrum = "never"', 1)})
    garden.commit("off")
    off = red(garden)
    assert {len(one["tests"]) for one in off["findings"]} == {1, 2}
    assert "not taken, as the setting is “never”" in note(garden, off)
    garden.write({"pyproject.toml": SETTINGS}).commit("on")
    red(garden)
    assert {issue["number"] for issue in garden.issues()} == filed
    assert {issue["state"] for issue in garden.issues()} == {"open"}


def test_tests_that_die_when_they_run_once_more_leave_the_run_as_it_was(garden: Garden) -> None:
    dies = "import os\nif 'GARDENER_SPECTRUM' in os.environ:\n    os._exit(3)\n"
    garden.write({"tests/conftest.py": dies}).commit("a conftest that cannot be watched")
    run = red(garden)
    assert {tuple(one["tests"]) for one in run["findings"]} == {
        ("tests/test_bill.py::test_bill",),
        ("tests/test_cart.py::test_total", "tests/test_cart.py::test_owner"),
    }
    assert "it ended early (crashed), the text decides the rest" in note(garden, run)


def test_without_a_good_run_or_in_a_narrowed_one_nothing_runs_once_more(tmp_path: Path, garden: Garden) -> None:
    assert "the run is narrowed" in note(garden, red(garden, "--match", "test_"))
    (tmp_path / "fresh").mkdir()
    fresh = Garden(tmp_path / "fresh").write(TESTS | {"shop/cart.py": DECOY})
    fresh.commit("red from the start")
    assert "no run is remembered in which they passed" in note(fresh, red(fresh))
