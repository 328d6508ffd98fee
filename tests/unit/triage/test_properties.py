"""What holds for any report: a grouping is a partition, blind to order, shards, places, numbers and other faults."""

import json
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gardener.model.finding import Evidence, Finding
from gardener.model.policy import Policy
from gardener.model.run import Case
from gardener.model.text import Redactor
from gardener.readers import pytest_json
from gardener.rulebook import load_rulebook
from gardener.triage.group import group

pytestmark = pytest.mark.unit

POLICY = Policy(rulebook=load_rulebook())
# the phase and the end of a traceback; {name} tells faults apart, the rest is what changes from run to run
PRODUCT = "{root}/shop/{name}.py:{line}: in total\n    return prices\n"
MODULE = "{root}/tests/test_{name}.py:{line}: in <module>\n    import shop\n"
CLASS = "AttributeError: 'Test{name}' object has no attribute"
ENDS = (
    ("call", "E   assert {number} == 3\n\n{root}/tests/test_{name}.py:{line}: AssertionError"),
    ("call", "E   assert None == {number}\n\n{root}/tests/test_{name}.py:{line}: AssertionError"),
    ("call", "E   assert [] == ['{uuid}']\n\n{root}/tests/test_{name}.py:{line}: AssertionError"),
    ("call", f"{PRODUCT}E   KeyError: '{{uuid}}'"),
    ("call", f"{PRODUCT}E   shop.errors.Refused: order {{uuid}} of {{number}} is too large for us"),
    ("call", f"{PRODUCT}E   ConnectionRefusedError: [Errno 111] port {{number}} refused"),
    ("call", "E   ConnectionRefusedError: [Errno 111] port {number} refused"),
    ("call", "E   RuntimeError: Task <Task at {address}> got Future attached to a different loop"),
    ("call", "E   AttributeError: 'Cart' object has no attribute '{name}'"),
    ("call", "E   AttributeError: Mock object has no attribute '{name}'"),
    ("call", f"E   {CLASS} 'basket'"),
    ("call", f"self = <tests.Test{{name}} object at {{address}}>\nE   {CLASS} 'till'"),
    ("call", "E   TypeError: {name}() missing 1 required positional argument: 'tax'"),
    ("call", "E   assert <coroutine object Cart.{name} at {address}> == {number}"),
    ("call", "E   assert KeyError('{name} {number}') is None"),
    ("call", "async def functions are not natively supported.\nYou need to install a suitable plugin"),
    ("setup", "{root}/tests/conftest.py:{line}: in {name}\n    yield\nE   ValueError: {uuid}"),
    ("setup", "file {root}/tests/test_{name}.py, line {line}\n  def test_it():\nE       fixture '{name}' not found"),
)
COLLECTED = (
    f"{MODULE}E   ModuleNotFoundError: No module named 'shop.{{name}}'",
    f"{MODULE}E   ImportError: cannot import name 'Tax' from 'shop.{{name}}' ({{root}}/shop/{{name}}.py)",
    "E     File \"{root}/shop/{name}.py\", line {line}\nE       def total(\nE   SyntaxError: '(' was never closed",
    "import file mismatch:\nimported module 'test_{name}' has this __file__ attribute:\n  {root}/a/test_{name}.py",
    "'{name}' not found in `markers` configuration option",
)
NAMES = ("cart", "order", "refund", "tax")


@dataclass(frozen=True, slots=True, kw_only=True)
class Red:
    """A failing test or file: which end it has, and the name of what it is about."""

    end: int  # of ENDS; beyond them of COLLECTED
    name: str
    number: int

    @property
    def node(self) -> str:
        file = f"tests/test_{self.name}{self.end}.py" if self.end >= len(ENDS) else f"tests/test_{self.name}.py"
        return file if self.end >= len(ENDS) else f"{file}::Test{self.name}::test_it[{self.end}-{self.number}]"


reds = st.lists(
    st.builds(
        Red,
        end=st.integers(0, len(ENDS) + len(COLLECTED) - 1),
        name=st.sampled_from(NAMES),
        number=st.integers(0, 3),
    ),
    min_size=1,
    max_size=12,
    unique_by=lambda red: red.node,
)
few = settings(max_examples=40, deadline=None)
few = settings(max_examples=40, deadline=None)
HERE = {"root": "/srv/ci/shop", "line": "7", "number": "41873", "uuid": "0b0ed9a5-3a0c-4b51-9a39-5c2b9c6f0f11"}
HERE |= {"address": "0x7f871ff2a3d0"}
THERE = {"root": "/home/ada/work", "line": "1204", "number": "5", "uuid": "9f86d081-884c-4d65-9a2f-eaa0c55ad015"}
THERE |= {"address": "0x10a3b44c0"}


def cases(reds: Sequence[Red], surroundings: Mapping[str, str] = HERE) -> tuple[Case, ...]:
    """What is read of a report in these surroundings."""
    report = {"root": surroundings["root"], "created": 0, "duration": 0, "exitcode": 1, "tests": [], "collectors": []}
    for red in reds:
        phase, text = ("", COLLECTED[red.end - len(ENDS)]) if red.end >= len(ENDS) else ENDS[red.end]
        longrepr = text.format_map({**surroundings, "name": red.name})
        broken = {"outcome": "failed", "longrepr": longrepr}
        if not phase:
            report["collectors"].append({"nodeid": red.node, **broken})
        else:
            before = {"setup": {"outcome": "passed"}} if phase == "call" else {}
            outcome = "failed" if phase == "call" else "error"
            report["tests"].append({"nodeid": red.node, "outcome": outcome, **before, phase: broken})
    return pytest_json.read(json.dumps(report).encode(), "report.json", Redactor()).cases


def findings(read: Sequence[Case]) -> tuple[Finding, ...]:
    return group([failure for case in read for failure in case.failures], Evidence(), POLICY)


def shape(found: Sequence[Finding]) -> set[tuple[object, ...]]:
    return {(one.keys, frozenset(one.tests), one.cause, one.why.group) for one in found}


def keys(read: Sequence[Case]) -> dict[str, set[str]]:
    """By the test the keys of its finding."""
    return {test: set(map(str, one.keys)) for one in findings(read) for test in one.tests}


@few
@given(reds)
def test_a_grouping_is_a_partition_of_the_failing_tests(drawn: list[Red]) -> None:
    grouped = [test for one in findings(cases(drawn)) for test in one.tests]
    assert sorted(grouped) == sorted(red.node for red in drawn)


@few
@given(reds, st.randoms(use_true_random=False))
def test_a_grouping_does_not_depend_on_order_or_shards(drawn: list[Red], chance: random.Random) -> None:
    read = cases(drawn)
    mixed = [replace(each, shard=f"{at % 3}", failures=tuple(replace(f, shard=f"{at % 3}") for f in each.failures))
             for at, each in enumerate(chance.sample(read, len(read)))]  # fmt: skip
    assert shape(findings(mixed)) == shape(findings(read))


@few
@given(reds)
def test_an_unrelated_failure_changes_no_other_finding(drawn: list[Red]) -> None:
    read = cases(drawn)
    (other,) = cases([Red(end=3, name="unrelated", number=0)])
    assert shape(findings(read)) <= shape(findings([*read, other]))


@few
@given(reds)
def test_lines_folder_and_ids_change_no_key(drawn: list[Red]) -> None:
    assert keys(cases(drawn, HERE)) == keys(cases(drawn, THERE))
