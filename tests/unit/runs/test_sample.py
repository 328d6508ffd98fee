"""A spectrum run stays cheap: what it takes is chosen by the time that tests took."""

from pathlib import Path

import build
import pytest

from gardener.model.run import Case, Outcome
from gardener.runs import sample
from gardener.runs.sample import SHARE, SLOWER, Costs, Sample, Seen, alike, choose
from gardener.runs.standby import Standby

LONG = Costs(needed_s=60)  # what the failing tests need, started and all

pytestmark = pytest.mark.unit


def red(node: str, seconds: float) -> Case:
    return build.case(node, Outcome.FAILED, duration_s=seconds, failures=(build.failure(node),))


def green(node: str, seconds: float) -> Case:
    return build.case(node, duration_s=seconds)


def test_quick_tests_are_all_taken_those_of_the_same_files_first() -> None:
    cases = [red("a.py::x", 0.01), green("b.py::far", 0.01), green("a.py::near", 0.01)]
    chosen = choose(cases, ["a.py::x"], LONG)
    assert (chosen.failing, chosen.passing) == (("a.py::x",), ("a.py::near", "b.py::far"))


def test_it_is_expected_to_stay_below_its_share_of_what_the_failing_tests_need() -> None:
    cases = [red(f"a.py::x{n}", 1.0) for n in range(100)] + [green(f"a.py::y{n}", 1.0) for n in range(100)]
    chosen = choose(cases, [case.node for case in cases[:100]], Costs(needed_s=103))
    assert 0 < (len(chosen.failing) + len(chosen.passing)) * SLOWER <= SHARE * 103 == chosen.limit_s
    assert chosen.passing


def test_a_new_start_is_paid_from_the_same_share_and_not_taken_where_it_does_not_fit() -> None:
    cases = [red(f"a.py::x{n}", 1.0) for n in range(20)]
    nodes = [case.node for case in cases]
    run = build.run(cases=tuple(cases), duration_s=24.0)
    anew = Costs.anew(run)
    staying = Standby(pid=0, start_s=3.0, collect_s=1.0, failing_s=20.0).costs(run)
    assert (anew.needed_s, anew.start_s, staying.needed_s, staying.start_s) == (24.0, 4.0, 24.0, 0.0)
    assert len(choose(cases, nodes, anew).failing) < len(choose(cases, nodes, staying).failing)
    assert choose(cases, nodes, Costs(needed_s=13, start_s=4)) == Sample()


def test_of_the_collection_the_failing_tests_need_only_their_files() -> None:
    run = build.run(cases=(red("a.py::x", 1.0), *(green(f"{n}.py::y", 1.0) for n in range(9))), duration_s=14.0)
    standby = Standby(pid=0, start_s=0.5, collect_s=2.0, failing_s=1.0)
    assert standby.costs(run).needed_s == pytest.approx(0.5 + 0.2 + 1.0)


def test_what_takes_longer_than_all_the_time_there_is_is_left_out() -> None:
    chosen = choose([red("a.py::slow", 90), red("a.py::quick", 0.1)], ["a.py::slow", "a.py::quick"], LONG)
    assert chosen.failing == ("a.py::quick",)


def test_each_function_comes_before_further_parameters() -> None:
    cases = [red(f"a.py::x[{n}]", 0.2) for n in range(20)] + [red("a.py::z", 0.2)]
    chosen = choose(cases, [case.node for case in cases], Costs(needed_s=4))
    assert chosen.failing[:2] == ("a.py::x[0]", "a.py::z")


def test_a_line_that_a_crash_cut_off_is_left_out(tmp_path: Path) -> None:
    file = tmp_path / "spectrum.jsonl"
    assert sample.read(file) == {}
    whole = '{"node": "a.py::x", "ran": {"shop.py": [3]}, "failed": []}'
    file.write_text(whole + '\n{"node": "a.py::y", "r', encoding="utf-8")
    assert sample.read(file) == {"a.py::x": Seen(ran={"shop.py": [3]}, failed=[])}


def test_a_test_that_fails_otherwise_when_it_runs_once_more_tells_nothing() -> None:
    cases = [red(f"a.py::{name}", 0.1) for name in ("same", "other", "earlier", "passes")]
    kind = (cases[0].failures[0].exception or "").rpartition(".")[2]
    failed = {"same": ["call", kind], "other": ["call", "OSError"], "earlier": ["setup", kind]}
    seen = {f"a.py::{name}": Seen(ran={}, failed=[each]) for name, each in failed.items()}
    assert list(alike(cases, seen | {"a.py::passes": Seen(ran={})})) == ["a.py::same"]
