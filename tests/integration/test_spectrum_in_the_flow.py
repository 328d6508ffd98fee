"""gardener run with the spectrum: what changed since the good run divides and joins what fails."""

import os
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import build
import pytest
from garden import SETTINGS, Garden

from gardener.grounds import open_grounds
from gardener.model.finding import Touched
from gardener.model.focus import Focus
from gardener.model.run import Outcome, Preflight
from gardener.wiring import Bench, Wishes

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
    "conftest.py": "LOADED = sum(range(20_000_000))\n",  # the longer it takes to load, the more time a spectrum has
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
    assert "3 of 3 failing tests and 0 passing ones ran once more, watched, 1 of them without a change" in note(
        garden, run
    )
    joined = next(one for one in run["findings"] if len(one["tests"]) == 2)
    assert "1 of the failing tests pass without what changed in shop/cart.py::total" in joined["why"]["group"]


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
    dies = "import os\n\nFIRST = os.getpid()\n\ndef pytest_runtest_setup(item):\n"
    dies += "    if os.getpid() != FIRST:\n        os._exit(3)\n"
    garden.write({"tests/conftest.py": dies}).commit("a conftest that cannot be watched")
    run = red(garden)
    assert {tuple(one["tests"]) for one in run["findings"]} == {
        ("tests/test_bill.py::test_bill",),
        ("tests/test_cart.py::test_total", "tests/test_cart.py::test_owner"),
    }
    assert "0 of 3 failing tests and 0 passing ones" in note(garden, run)


def test_where_no_process_may_stay_a_new_start_is_paid_only_where_the_failing_tests_take_long(garden: Garden) -> None:
    thread = "import threading\n\nthreading.Thread(target=threading.Event().wait, daemon=True).start()\n"
    garden.write({"tests/conftest.py": thread}).commit("a thread that nobody ends")
    assert "not taken, as it would cost more than 30% of the" in note(garden, red(garden))
    nodes = ("tests/test_cart.py::test_total", "tests/test_cart.py::test_calm")
    cases = [build.case(nodes[0], Outcome.FAILED, duration_s=60.0, failures=(build.failure(nodes[0]),))]
    run = build.run(cases=(*cases, build.case(nodes[1], duration_s=0.1)), duration_s=62.0)
    bench = Bench(open_grounds(garden.root, {}, environ=os.environ), Wishes(python=sys.executable))
    slow = build.case("tests/test_bill.py::test_bill", Outcome.FAILED, duration_s=0.1, failures=cases[0].failures)
    watched = bench.watch(
        Focus(name="unit"),
        Preflight(),
        replace(run, cases=(*run.cases, slow)),
        [slow.node],
        [Touched(path="shop/cart.py", name="total", lines=(2,))],
    )
    assert watched.ran == {slow.node: {"shop/cart.py": [2]}, nodes[1]: {}}
    assert watched.passed == {nodes[1]}


def test_without_a_good_run_or_in_a_narrowed_one_nothing_runs_once_more(tmp_path: Path, garden: Garden) -> None:
    assert "the run is narrowed" in note(garden, red(garden, "--match", "test_"))
    (tmp_path / "fresh").mkdir()
    fresh = Garden(tmp_path / "fresh").write(TESTS | {"shop/cart.py": DECOY})
    fresh.commit("red from the start")
    assert "no run is remembered in which they passed" in note(fresh, red(fresh))
