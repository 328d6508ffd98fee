"""Whatever fails, and whatever is known of it: each decision has its reason."""

from dataclasses import fields

import build
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gardener.model.finding import Definition, Evidence, Finding, Past
from gardener.model.focus import Focus, Severity
from gardener.model.key import Managed
from gardener.model.plan import Issue, Reason, State
from gardener.model.policy import Policy
from gardener.model.run import Case, Failure, Link, Origin, Outcome, Run
from gardener.model.text import CleanText
from gardener.rulebook import load_rulebook
from gardener.triage.cause import classify
from gardener.triage.group import group
from gardener.triage.judge import judge
from gardener.triage.plan import decide

pytestmark = pytest.mark.unit

POLICY = Policy(rulebook=load_rulebook(), max_new_issues=2)
SAID = [
    "assert 1 == 2",
    "Cart.add() missing 1 required positional argument: 'tax'",
    "'NoneType' object has no attribute 'total'",
    "No module named 'shop.cart'",
    "[Errno 111] Connection refused",
    "timed out after 5.0 s",
    "Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?",
    "no space left on device",
    "fixture 'cart' not found",
    "utcnow() is deprecated",
    "",
]
messages = st.one_of(st.sampled_from(SAID), st.text(max_size=40)).map(CleanText)
names = st.sampled_from(["AssertionError", "TypeError", "ImportError", "Exception", "shop.Broken", "", None])
subjects = st.sampled_from(
    ["tests/test_cart.py::test_total", "tests/test_cart.py::TestTax::test_it[é-1]", "tests/x.py"]
)
frames = st.builds(
    build.frame,
    path=st.sampled_from(["src/shop/cart.py", "tests/test_cart.py", "conftest.py", "/usr/lib/python3/json.py"]),
    line=st.integers(1, 90),
    function=st.sampled_from(["total", "test_total", "<module>", "__init__", "cart"]),
)
links = st.builds(Link, exception=st.sampled_from(["KeyError", "OSError"]), message=messages)
failures = st.builds(
    Failure,
    subject=subjects,
    origin=st.sampled_from(list(Origin)),
    exception=names,
    message=messages,
    chain=st.lists(links, max_size=2).map(tuple),
    frames=st.lists(frames, max_size=3).map(tuple),
    detail=messages,
    captured=messages,
)
times = st.sampled_from(["", "2025-09-01T12:00:00Z"])
numbers = st.integers(0, 9)
pasts = st.builds(
    Past,
    first_seen=times,
    last_seen=times,
    runs_failed=numbers,
    runs_passed=numbers,
    relapses=numbers,
    last_pass=times,
    green_streak=numbers,
    tests_passed_before=numbers,
    same_commit_pass=st.booleans(),
)
evidences = st.builds(
    Evidence,
    own=st.sampled_from([(), ("src", "tests")]),
    passed=st.sampled_from([(), ("tests/test_cart.py::test_other",)]),
    definitions=st.sampled_from([(), (Definition(path="src/shop/cart.py", name="Cart.add", kind="function"),)]),
    changed_now=st.sampled_from([(), ("src/shop/cart.py",)]),
    changed_on_branch=st.sampled_from([(), ("tests/test_cart.py",)]),
    on_default_branch=st.booleans(),
    no_git=st.sampled_from(["", "there is no git here"]),
)


def run_of(found: list[Failure]) -> Run:
    bad = {failure.subject: failure for failure in found if failure.origin is not Origin.WARNING}
    cases = [Case(node=node, outcome=Outcome.FAILED, failures=(failure,)) for node, failure in bad.items()]
    return build.run(*cases, build.case("tests/test_cart.py::test_other"), id="20250914-115900-k3x9")


def issues_of(findings: tuple[Finding, ...], states: list[int]) -> list[Issue]:
    """Issues with the keys of some of the findings, in every state; and one of a person."""
    made = [build.issue(99, title="the cart's total is wrong", body="tests/test_cart.py::test_total: assert 1 == 2")]
    for number, (finding, how) in enumerate(zip(findings, states, strict=False), start=1):
        managed = Managed(keys=finding.keys, tests=finding.tests, focus="unit", last_runs=("20250901-115900-aaaa",))
        closed = {"state": State.CLOSED, "closed_at": "2025-09-02T00:00:00Z"}
        more = (
            {"severity": Severity.P3},
            closed | {"state_reason": Reason.COMPLETED},
            closed | {"state_reason": Reason.NOT_PLANNED, "closed_by_human": True},
            {"locked": True},
            {"severity": Severity.P0, "severity_by_human": True},
        )[how]
        made.append(build.issue(number, managed, **more))
    return made


@given(
    found=st.lists(failures, max_size=6),
    past=pasts,
    evidence=evidences,
    states=st.lists(st.integers(0, 4), max_size=6),
    green=st.booleans(),
)
def test_no_why_is_ever_empty(
    found: list[Failure], past: Past, evidence: Evidence, states: list[int], *, green: bool
) -> None:
    run = run_of(found)
    focus = Focus(name="unit", severity=Severity.P2)
    grouped = group(found, evidence, POLICY)
    findings = judge(grouped, {str(each.fingerprint): past for each in grouped}, evidence, focus, POLICY, run)
    known = issues_of(findings, states)
    for each in findings:
        empty = [part.name for part in fields(each.why) if not getattr(each.why, part.name).strip()]
        assert not empty, each.title
        assert each.verdict is not None
        assert each.verdict.rule
        assert each.raise_next
        assert all(reason.strip() for reason in (*(j.why for j in each.joins), *(r.why for r in each.related)))
    now = build.run(*(build.case(case.node) for case in run.cases)) if green else run
    plan = decide(() if green else findings, known, now, POLICY, frozenset())
    assert all(action.why.strip() for action in plan.actions)


@given(st.one_of(messages, st.text()))
def test_every_text_has_a_cause_with_its_rule(text: str) -> None:
    verdict = classify(CleanText(text), POLICY)
    assert verdict.rule
