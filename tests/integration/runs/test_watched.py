"""The spectrum on real pytest runs: which test ran which of the wanted lines."""

import ast
import math
import os
import shlex
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from require import need

from gardener import proc
from gardener.model.finding import Touched
from gardener.repository.definitions import functions
from gardener.repository.touched import alone, first_line
from gardener.runs import launch, sample, spectrum
from gardener.runs.sample import Sample
from gardener.runs.standby import ask, standing_by

pytestmark = pytest.mark.integration

QUICK = os.environ | {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}

SHOP = """
def total(prices):
    if not prices:
        return 0
    return sum(prices)

def owner():
    return "ada"
"""
EMPTY, SUM, ADA = 4, 5, 8  # lines of SHOP


def ran(project: Any, *tests: str, lines: Sequence[int] = (EMPTY, SUM, ADA), **order: Any) -> dict[str, list[int]]:
    """By test name, the lines of shop.py that it ran."""
    project.write(shop=SHOP)
    started = project.start(rerun=tests, watched={"shop.py": list(lines)}, **order)
    found = sample.read(Path(started.folder) / "spectrum.jsonl")
    return {node.partition("::")[2]: list(one.ran.get("shop.py", ())) for node, one in found.items()}


def test_each_test_has_the_lines_that_it_ran_itself(project: Any) -> None:
    project.write(
        test_a="""
        import pytest
        from shop import owner, total

        @pytest.mark.parametrize("prices", [[], [1]])
        def test_total(prices):
            assert total(prices) == 7

        def test_owner():
            for _ in range(3):
                owner()

        def test_nothing():
            pass
        """
    )
    nodes = [f"test_a.py::test_{name}" for name in ("total[prices0]", "total[prices1]", "owner", "nothing")]
    assert ran(project, *nodes) == {
        "test_total[prices0]": [EMPTY],
        "test_total[prices1]": [SUM],
        "test_owner": [ADA],
        "test_nothing": [],
    }


def test_only_the_tests_that_were_asked_for_run(project: Any) -> None:
    project.write(test_a="from shop import owner\n\ndef test_x():\n    owner()\n\ndef test_y():\n    owner()\n")
    assert ran(project, "test_a.py::test_y") == {"test_y": [ADA]}


def test_what_a_shared_fixture_ran_counts_for_every_test_that_uses_it(project: Any) -> None:
    project.write(
        test_a="""
        import unittest
        import pytest
        from shop import owner, total

        @pytest.fixture(scope="module")
        def ada():
            return owner()

        def test_one(ada):
            total([])

        def test_two(ada):
            pass

        def test_without():
            pass

        class TestClass(unittest.TestCase):
            @classmethod
            def setUpClass(cls):
                total([1])

            def test_three(self):
                pass

            def test_four(self):
                pass
        """
    )
    names = ("test_one", "test_two", "test_without", "TestClass::test_three", "TestClass::test_four")
    assert ran(project, *(f"test_a.py::{name}" for name in names)) == {
        "test_one": [EMPTY, ADA],
        "test_two": [ADA],
        "test_without": [],
        "TestClass::test_three": [SUM],
        "TestClass::test_four": [SUM],
    }


def test_threads_count_for_the_test_that_started_them(project: Any) -> None:
    project.write(
        test_a="""
        import threading
        from shop import owner

        def test_thread():
            thread = threading.Thread(target=owner)
            thread.start()
            thread.join()
        """
    )
    assert ran(project, "test_a.py::test_thread") == {"test_thread": [ADA]}


def test_the_workers_of_xdist_write_for_their_own_tests(project: Any) -> None:
    project.write(test_a="from shop import owner\n\ndef test_x():\n    owner()\n\ndef test_y():\n    pass\n")
    environ = QUICK | {"PYTEST_PLUGINS": "xdist.plugin"}
    found = ran(project, "test_a.py::test_x", "test_a.py::test_y", environ=environ, arguments=("-n", "2"))
    assert found == {"test_x": [ADA], "test_y": []}


def test_what_only_writes_down_a_failure_is_not_the_doing_of_the_test(project: Any) -> None:
    project.write(
        test_a="""
        import unittest
        from shop import owner

        class Shown:
            def __init__(self, value):
                self.value = value

            def __eq__(self, other):
                return False

            def __repr__(self):
                return owner()

        def test_plain():
            assert Shown(1) == Shown(2)

        def test_raising():
            shown = Shown(1)
            raise ValueError(shown.value)

        def test_asked():
            assert repr(Shown(1)) == "bob"

        class TestUnit(unittest.TestCase):
            def test_unit(self):
                self.assertEqual(Shown(1), Shown(2))
        """
    )
    found = ran(
        project, *(f"test_a.py::{name}" for name in ("test_plain", "test_raising", "test_asked", "TestUnit::test_unit"))
    )
    assert found == {"test_plain": [], "test_raising": [], "test_asked": [ADA], "TestUnit::test_unit": []}


def test_what_ran_before_a_crash_is_known(project: Any) -> None:
    project.write(
        test_a="import os\nfrom shop import owner\n\ndef test_x():\n    owner()\n\ndef test_y():\n    os._exit(3)\n"
    )
    assert ran(project, "test_a.py::test_x", "test_a.py::test_y") == {"test_x": [ADA]}


STAYING = """
    from shop import owner, total

    def test_total():
        assert total([1]) == 7

    def test_owner():
        assert owner() == "bob"

    def test_fine():
        assert total([]) == 0
    """


def test_a_process_that_stays_runs_tests_again_without_a_new_start_or_a_word(project: Any) -> None:
    project.write(shop=SHOP, test_a=STAYING)
    folder = Path(launch.private_folder())
    started = project.start(stay=str(folder))
    assert (started.exit_code, started.tail.count("2 failed, 1 passed")) == (1, 1)
    standby = standing_by(str(folder))
    assert standby
    assert not proc.ended(standby.pid, within_s=0)
    assert min(standby.start_s, standby.collect_s, standby.failing_s) > 0
    wanted = Sample(failing=("test_a.py::test_total",), passing=("test_a.py::test_fine",), budget_s=5, limit_s=30)
    lines = {"total": (EMPTY, SUM), "more": (SUM,)}  # two changes that it cannot take back: the passing one is asked
    changes = [Touched(path="shop.py", name=name, lines=each) for name, each in lines.items()]
    ask(folder, standby, project.root, changes, wanted)
    seen = sample.read(folder / "spectrum.jsonl")
    assert {node: (one.ran, one.failed) for node, one in seen.items()} == {
        "test_a.py::test_total": ({"shop.py": [SUM]}, [["call", "AssertionError"]]),
        "test_a.py::test_fine": ({"shop.py": [EMPTY]}, []),
    }
    assert proc.ended(standby.pid, within_s=0)
    launch.remove(str(folder))


BEFORE = """
import functools

def told(function):
    @functools.wraps(function)
    def inner(*args, **kwargs):
        return function(*args, **kwargs)
    return inner

class Cart:
    def __init__(self, prices):
        self.prices = prices

    @told
    def total(self, more=0):
        return sum(self.prices) + more

    @property
    def owner(self):
        return "ada"

def bill(cart):
    return f"{cart.total()} EUR"
"""


def test_a_failing_test_is_tried_without_each_change_that_it_ran(project: Any) -> None:
    after = BEFORE.replace("= prices", "= [p for p in prices if p != 3]").replace("more=0", "more=1")
    after = after.replace('"ada"', '"bob"').replace("EUR", "EURO")
    project.write(
        shop="# longer\n" + after,
        test_a="""
        import pytest
        from shop import Cart, bill

        @pytest.mark.parametrize("prices", [[1], [3], [1, 3]])
        def test_prices(prices):
            assert Cart(prices).prices == prices

        def test_total():
            assert Cart([1]).total() == 1

        def test_owner():
            assert Cart([1]).owner == "ada"

        def test_bill():
            assert bill(Cart([1])) == "1 EUR"

        def test_fine():
            assert Cart([1]).prices
        """,
    )
    folder = Path(launch.private_folder())
    project.start(stay=str(folder))
    standby = standing_by(str(folder))
    assert standby
    names = {"Cart.__init__": (13,), "Cart.total": (16, 17), "Cart.owner": (21,), "bill": (24,)}
    known, was = functions(ast.parse("# longer\n" + after)), functions(ast.parse(BEFORE))
    changes = [
        Touched(
            path="shop.py",
            name=name,
            lines=lines,
            first=first_line(known[name]),
            now=alone("# longer\n" + after, name, known[name]),
            before=alone(BEFORE, name, was[name]),
        )
        for name, lines in names.items()
    ]
    failing = ("prices[prices1]", "prices[prices2]", "total", "owner", "bill")
    nodes = tuple(f"test_a.py::test_{name}" for name in failing)
    wanted = Sample(failing=nodes, passing=("test_a.py::test_fine",), budget_s=20, limit_s=60)
    ask(folder, standby, project.root, changes, wanted)
    seen = sample.read(folder / "spectrum.jsonl")
    healed = {
        node.partition("::test_")[2]: [name for name, passed in one.tried.items() if passed]
        for node, one in seen.items()
    }
    assert healed == {
        "prices[prices1]": [],  # it ran nothing else that changed
        "prices[prices2]": [],
        "total": ["shop.py::Cart.total"],
        "owner": ["shop.py::Cart.owner"],
        "bill": [],  # two changes spoil it
        "fine": [],
    }
    assert set(seen["test_a.py::test_bill"].tried.values()) == {False}
    launch.remove(str(folder))


def test_a_process_that_stays_goes_when_nobody_wants_anything_of_it(project: Any) -> None:
    project.write(shop=SHOP, test_a=STAYING)
    folder = launch.private_folder()
    project.start(stay=folder)
    standby = standing_by(folder)
    assert standby
    launch.remove(folder)
    assert proc.ended(standby.pid, within_s=math.inf)


def test_nothing_stays_of_a_green_run_nor_where_a_thread_is_left(project: Any) -> None:
    project.write(test_a="def test_x():\n    pass\n")
    folder = launch.private_folder()
    project.start(stay=folder)
    assert standing_by(folder) is None
    project.write(
        test_a="""
        import threading

        threading.Thread(target=threading.Event().wait, daemon=True).start()

        def test_x():
            raise ValueError

        def test_y():
            raise ValueError
        """
    )
    project.start(stay=folder)
    assert standing_by(folder) is None
    launch.remove(folder)


def test_without_a_plan_it_is_a_plugin_that_does_nothing() -> None:
    assert not [name for name in vars(spectrum) if name.startswith("pytest_")]


@pytest.mark.parametrize("name", ["spectrum.py", "revert.py"])
def test_it_keeps_to_the_syntax_of_python_3_8(name: str) -> None:
    ast.parse(Path(launch.__file__).with_name(name).read_text(encoding="utf-8"), feature_version=(3, 8))


@pytest.fixture
def newer_python(tmp_path: Path) -> str:
    """The command of a Python that has `sys.monitoring`, with the packages of this one."""
    package = Path(__file__).parents[3] / ".cache" / "newer-python" / "node_modules" / "pyodide" / "pyodide.mjs"
    node = shutil.which("node")
    if not package.exists() or node is None:
        need("newer-python", "python tests/standin/install.py brings one, for Node 20")
    packages = Path(pytest.__file__).parents[1]
    script = Path(__file__).with_name("newer_python.mjs")
    words = (node, script, package, f"{tmp_path}:{packages}")
    command = tmp_path / "python"
    command.write_text(f'#!/bin/sh\nPACKAGES={packages} exec {shlex.join(map(str, words))} "$@"\n', encoding="utf-8")
    command.chmod(0o700)
    return str(command)


@pytest.mark.slow  # a Python as WebAssembly starts twice: 12 s of CPU
def test_the_monitoring_of_a_newer_python_tells_the_same(project: Any, newer_python: str) -> None:
    project.write(
        test_a="""
        import sys
        import unittest
        import pytest
        from shop import owner, total

        @pytest.fixture(scope="module")
        def ada():
            return owner()

        def test_one(ada):
            total([])

        def test_two(ada):
            pass

        @pytest.mark.parametrize("prices", [[], [1]])
        def test_total(prices):
            assert total(prices) == 7

        def test_again():
            assert [total([1]), owner(), total([])] == sys.monitoring

        class Shown:
            def __repr__(self):
                return owner()

        class TestUnit(unittest.TestCase):
            def test_unit(self):
                self.assertEqual(Shown(), Shown())
        """
    )
    names = ("test_one", "test_two", "test_total[prices0]", "test_total[prices1]", "test_again", "TestUnit::test_unit")
    assert ran(project, *(f"test_a.py::{name}" for name in names), python=newer_python, timeout_s=300) == {
        "test_one": [EMPTY, ADA],
        "test_two": [ADA],
        "test_total[prices0]": [EMPTY],
        "test_total[prices1]": [SUM],
        "test_again": [EMPTY, SUM, ADA],
        "TestUnit::test_unit": [],
    }


def test_it_takes_the_monitoring_of_python_where_there_is_one() -> None:
    plan = {"root": "/", "lines": {}}
    wanted = "Monitored" if hasattr(sys, "monitoring") else "Traced"
    assert type(spectrum.watch_for(plan)).__name__ == wanted
