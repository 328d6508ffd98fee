"""Reports that a real pytest wrote, in every style and from other machines' points of view, give the same keys."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from gardener.model.run import Report
from gardener.model.text import Redactor
from gardener.readers.pytest_json import read
from gardener.rulebook import load_rulebook
from gardener.triage.keys import key_of

pytestmark = pytest.mark.integration

PRODUCT = """\
import socket


class Cart:
    def __init__(self, owner, currency):
        self.owner = owner

    def total(self):
        return sum(self.prices)


def connect():
    probe = socket.socket()
    probe.bind(("127.0.0.1", 0))
    port = probe.getsockname()[1]
    probe.close()
    socket.create_connection(("127.0.0.1", port), timeout=5)


def checkout():
    try:
        {}["basket"]
    except KeyError as error:
        raise RuntimeError("checkout failed") from error
"""

TESTS = """\
import pytest
from product import Cart, checkout, connect


@pytest.fixture
def shelf():
    raise RuntimeError("no shelf")


@pytest.mark.parametrize("owner", ["ada", "bob"])
def test_owner(owner):
    Cart(owner)


def test_total():
    Cart("ada", "EUR").total()


def test_connects():
    connect()


def test_checks_out():
    checkout()


def test_asks_for_nothing_that_is_there(nothing):
    pass


def test_has_a_shelf(shelf):
    pass


def test_compares(tmp_path):
    assert str(tmp_path) == "elsewhere"


class TestNeverSetUp:
    def test_reads(self):
        self.basket.read()

    def test_writes(self):
        self.shelf.write()
"""

BROKEN = "from product import Basket\n"


def run(root: Path, *options: str, shift: int = 0) -> Report:
    (root / "tests").mkdir(parents=True)
    (root / "product.py").write_text("\n" * shift + PRODUCT, encoding="utf-8")
    (root / "tests" / "test_shop.py").write_text("\n" * shift + TESTS, encoding="utf-8")
    (root / "tests" / "test_broken.py").write_text(BROKEN, encoding="utf-8")
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--continue-on-collection-errors"]
    command += [
        "-p",
        "pytest_jsonreport.plugin",
        "-p",
        "xdist.plugin",
        "--json-report",
        "--json-report-file=report.json",
        "--rootdir=.",
        *options,
    ]
    alone = {"PYTHONPATH": ".", "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    subprocess.run(command, cwd=root, env=os.environ | alone, capture_output=True, timeout=120, check=False)
    return read((root / "report.json").read_bytes(), "report.json", Redactor())


def keys(report: Report) -> dict[str, str]:
    masks = load_rulebook().masks
    return {case.node: key_of(case.failures[0], masks).pattern for case in report.cases if case.failures}


EXPECTED = {
    "tests/test_broken.py": "import product.Basket",
    "tests/test_shop.py::test_owner[ada]": "signature Cart.__init__",
    "tests/test_shop.py::test_owner[bob]": "signature Cart.__init__",
    "tests/test_shop.py::test_total": "attribute prices",
    "tests/test_shop.py::test_connects": "raised ConnectionRefusedError @ product.py::connect",
    "tests/test_shop.py::test_checks_out": "raised KeyError @ product.py::checkout",
    "tests/test_shop.py::test_asks_for_nothing_that_is_there": "fixture nothing",
    "tests/test_shop.py::test_has_a_shelf": "fixture RuntimeError @ tests/test_shop.py::shelf",
    "tests/test_shop.py::test_compares": "value tests/test_shop.py",
    "tests/test_shop.py::TestNeverSetUp::test_reads": "set-up tests/test_shop.py::TestNeverSetUp",
    "tests/test_shop.py::TestNeverSetUp::test_writes": "set-up tests/test_shop.py::TestNeverSetUp",
}


@pytest.mark.parametrize("style", ["auto", "long", "short", "native"])
def test_every_style_of_traceback_gives_the_same_keys(style: str, tmp_path: Path) -> None:
    assert keys(run(tmp_path / "shop", f"--tb={style}")) == EXPECTED


def test_another_folder_with_shifted_lines_and_colours_gives_the_same_keys(tmp_path: Path) -> None:
    assert keys(run(tmp_path / "build_72" / "elsewhere", "--color=yes", "-vv", shift=7)) == EXPECTED


def test_workers_give_the_same_keys(tmp_path: Path) -> None:
    report = run(tmp_path / "shop", "-n2")
    assert {node: pattern for node, pattern in keys(report).items() if "::" in node}.items() <= EXPECTED.items()
