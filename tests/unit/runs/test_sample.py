"""A spectrum run stays cheap: what it takes is chosen by the time that tests took."""

from pathlib import Path

import build
import pytest

from gardener.model.run import Case, Outcome
from gardener.runs import sample
from gardener.runs.sample import FLOOR_S, SHARE, SLOWER, choose

pytestmark = pytest.mark.unit


def red(node: str, seconds: float) -> Case:
    return build.case(node, Outcome.FAILED, duration_s=seconds, failures=(build.failure(node),))


def green(node: str, seconds: float) -> Case:
    return build.case(node, duration_s=seconds)


def test_quick_tests_are_all_taken_those_of_the_same_files_first() -> None:
    cases = [red("a.py::x", 0.01), green("b.py::far", 0.01), green("a.py::near", 0.01)]
    chosen = choose(cases, ["a.py::x"])
    assert (chosen.failing, chosen.passing) == (("a.py::x",), ("a.py::near", "b.py::far"))


def test_it_is_expected_to_stay_below_its_share_of_what_the_failing_tests_took() -> None:
    cases = [red(f"a.py::x{n}", 1.0) for n in range(100)] + [green(f"a.py::y{n}", 1.0) for n in range(100)]
    chosen = choose(cases, [case.node for case in cases[:100]])
    assert 0 < (len(chosen.failing) + len(chosen.passing)) * SLOWER <= SHARE * 100
    assert chosen.passing


def test_what_takes_longer_than_all_the_time_there_is_is_left_out() -> None:
    chosen = choose([red("a.py::slow", 3 * FLOOR_S), red("a.py::quick", 0.1)], ["a.py::slow", "a.py::quick"])
    assert chosen.failing == ("a.py::quick",)


def test_each_function_comes_before_further_parameters() -> None:
    cases = [red(f"a.py::x[{n}]", 0.2) for n in range(20)] + [red("a.py::z", 0.2)]
    chosen = choose(cases, [case.node for case in cases])
    assert chosen.failing[:2] == ("a.py::x[0]", "a.py::z")


def test_a_line_that_a_crash_cut_off_is_left_out(tmp_path: Path) -> None:
    file = tmp_path / "spectrum.jsonl"
    assert sample.read(file) == {}
    file.write_text('{"node": "a.py::x", "ran": {"shop.py": [3]}}\n{"node": "a.py::y", "r', encoding="utf-8")
    assert sample.read(file) == {"a.py::x": {"shop.py": [3]}}
