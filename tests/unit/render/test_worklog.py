"""The worklog: readable by a program and by a person, its numbers from one place."""

import re
from dataclasses import replace

import build
import pytest
import sample
import yaml
from hypothesis import given, settings
from test_markdown import anything, parsed

from gardener.model.focus import Focus
from gardener.model.plan import Action, ActionKind, Done, Plan, Receipt
from gardener.model.run import Outcome, Preflight
from gardener.model.story import Change, Fact, Outlook
from gardener.render.worklog import file_name, front_matter, worklog

pytestmark = pytest.mark.unit

TEMPLATES = sample.TEMPLATES
TEXT = worklog(sample.story(), TEMPLATES)
SECTIONS = [
    "Since the last run", "Preflight", "Attempts", "Findings", "Blocked, not run", "Code health",
    "What passes, and what that tells", "Status per suite", "Issue actions", "Statistics", "Next steps",
]  # fmt: skip


def front(text: str) -> dict[str, object]:
    loaded = yaml.safe_load(text.split("---\n")[1])
    assert isinstance(loaded, dict)
    return loaded


def section(text: str, name: str) -> str:
    return text.split(f"\n## {name}\n")[-1].split("\n## ")[0]


def sections(text: str) -> list[str]:
    tokens = parsed(text.split("---\n", 2)[2])
    return [
        tokens[i + 1].content for i, token in enumerate(tokens) if token.type == "heading_open" and token.tag == "h2"
    ]


def test_a_program_can_read_the_front_matter() -> None:
    read = front(TEXT)
    assert read["run"] == sample.RUN
    assert read["focus"] == "checkout"
    assert read["scope"] is None
    assert read["commit"] == sample.COMMIT
    assert read["dirty"] is False
    assert read["exit_code"] == 1
    assert read["versions"] == {"gardener": "0.1.0", "python": "3.12.7", "pytest": "9.2.0", "platform": "linux"}
    assert read["artifacts"]["report"].endswith("report.html")  # type: ignore[index]


@given(anything)
@settings(max_examples=60)
def test_the_front_matter_stays_yaml_whatever_it_holds(text: str) -> None:
    run = sample.run(branch=text, command=text, selection=text)
    told = sample.story(run=run, session=text, artifacts=(Fact(label=text, value=text),), focus=Focus(name=text or "x"))
    read = yaml.safe_load(front_matter(told, TEMPLATES).split("---\n")[1])
    assert set(read) >= {"run", "session", "focus", "command", "counts", "artifacts"}
    assert read["counts"]["collected"] == run.counts.collected


def test_words_that_yaml_would_read_as_something_else_stay_words() -> None:
    for word in ("yes", "no", "on", "off", "null", "true", "1e3", "0o7", "12:30", "~", ""):
        assert yaml.safe_load(front_matter(sample.story(session=word), TEMPLATES).split("---\n")[1])["session"] == word


def test_the_worklog_has_everything_in_order() -> None:
    assert sections(TEXT) == SECTIONS


def test_all_numbers_come_from_the_counts_of_the_run_and_agree() -> None:
    counts = sample.story().run.counts
    read = front(TEXT)["counts"]
    assert read == {name: getattr(counts, name) for name in counts.__slots__} | {"findings": 7}
    row = re.findall(r"\d+", section(TEXT, "Statistics").strip().splitlines()[-1])
    assert list(map(int, row)) == list(read.values())  # type: ignore[union-attr]
    suites = [line.split(" | ") for line in section(TEXT, "Status per suite").strip().splitlines()[2:]]
    assert sum(int(row[2]) for row in suites) == counts.passed
    assert sum(int(row[3]) + int(row[4]) for row in suites) == counts.failed + counts.error
    assert sum(int(row[5]) for row in suites) == counts.blocked


def test_a_finding_stands_with_evidence_cause_nature_impact_tests_and_its_issue() -> None:
    told = section(TEXT, "Findings").split("\n### ")[2]
    for fact in (
        "P1 · Cart() is called without its new argument 'currency'",
        "- Cause: `signature` by `signature.missing-argument` (confidence high)",
        "- Nature: regression – its tests passed in the run of 26 February",
        "next: P0 when more than half of the focus fails by it",
        "- Issue: **escalated #12** – P2 → P1: 4 tests fail by it now; updated and not new, because",
        "shop/cart.py:52 in open_cart",
        "4 tests:\n\n- `tests/checkout/test_cart.py::TestCart::test_adds`",
    ):
        assert fact in told


def test_findings_come_worst_first() -> None:
    assert re.findall(r"^### (P\d)", TEXT, re.MULTILINE) == ["P0", "P1", "P1", "P2", "P2", "P2"]


def test_what_changed_since_the_last_run_is_named() -> None:
    told = section(TEXT, "Since the last run")
    assert "2 appeared, 1 gone, 3 stayed" in told
    assert "- appeared: shop/refunds.py does not parse `v1:3333333333333333`" in told
    first = worklog(sample.story(change=Change()), TEMPLATES)
    assert "This is the first run of this focus that is remembered." in first


def test_blocked_tests_stand_under_what_blocks_them_and_unreached_ones_apart() -> None:
    told = section(TEXT, "Blocked, not run")
    assert "Blocked by The image of checkout cannot be built" in told
    assert "- `tests/checkout/test_containers.py::test_boots`" in told
    assert "- `tests/checkout/test_stock.py::test_reserve` – not run" in told


def test_deprecations_stand_under_code_health_with_their_places() -> None:
    told = section(TEXT, "Code health")
    assert "seen 57 times" in told
    assert "  - `shop/orders.py:41`" in told
    assert "utcnow" not in section(TEXT, "Findings")


def test_what_passes_tells_something() -> None:
    told = section(TEXT, "What passes, and what that tells")
    assert (
        "- 9 tests in 2 files without a failure: tests/checkout/test_prices.py, tests/checkout/test_orders.py" in told
    )
    assert "tests/checkout/test_cart.py: 2 of 6 pass (test_empties, test_counts)" in told
    assert "- files parse: 211 of 212 Python files" in told


def test_each_suite_has_its_status_and_what_stands_in_its_way() -> None:
    told = section(TEXT, "Status per suite")
    for row in (
        "| `tests/checkout/test_cart.py` | 4/6 failed |",
        "| `tests/checkout/test_refunds.py` | collection error |",
        "| `tests/checkout/test_containers.py` | 3/3 blocked |",
        "| `tests/checkout/test_legacy.py` | 0 collected |",
        "| `tests/checkout/test_prices.py` | passed |",
    ):
        assert row in told
    assert "P1 cart-constructor |" in told


def test_every_next_step_is_a_command_or_a_place() -> None:
    steps = section(TEXT, "Next steps").strip().splitlines()
    assert len(steps) == 9
    for step in steps:
        assert re.search(r": `(gardener |python -m pytest |[\w/.-]+:\d+)", step), step


def test_actions_that_were_not_written_are_said_to_be_planned() -> None:
    simulated = tuple(Receipt(action=one, outcome=Done.SIMULATED) for one in sample.PLAN.actions)
    text = worklog(sample.story(receipts=simulated), TEMPLATES)
    assert "- would be filed: The image of checkout" in section(text, "Issue actions")
    assert "gardener apply" in section(text, "Next steps")


def test_a_narrowed_run_says_so_at_the_top() -> None:
    focus = Focus(name="checkout", scope="carts")
    text = worklog(sample.story(focus=focus, run=sample.run(narrowed=True)), TEMPLATES)
    assert "# Failing-test gardener: `checkout`, scope `carts`" in text
    assert "closes no issue" in text
    assert front(text)["narrowed"] is True


def test_a_skipped_focus_is_told_as_skipped() -> None:
    empty = replace(build.run(), cases=(), focus="critical")
    text = worklog(
        sample.story(
            run=empty,
            findings=(),
            plan=Plan(run=empty.id),
            receipts=(),
            preflight=Preflight(),
            outlook=Outlook.SKIPPED,
            verdict="skipped: unit failed",
            skipped_because="unit failed, and critical needs it",
        ),
        TEMPLATES,
    )
    assert "**Skipped. Unit failed.**" in text
    assert "Skipped: unit failed, and critical needs it" in text
    assert sections(text) == SECTIONS


def test_a_green_run_needs_few_words() -> None:
    run = build.run(build.case("tests/test_a.py::test_a"), build.case("tests/test_a.py::test_b", Outcome.SKIPPED))
    told = sample.story(
        run=run, findings=(), plan=Plan(run=run.id), receipts=(), outlook=Outlook.HEALTHY, verdict="healthy: 1 passed"
    )
    text = worklog(told, TEMPLATES)
    assert sections(text) == SECTIONS
    assert "None: nothing is failing." in text


@given(anything)
@settings(max_examples=40)
def test_any_text_in_a_finding_keeps_the_worklog_intact(text: str) -> None:
    finding = sample.noisy(text or "x")
    action = Action(kind=ActionKind.UPDATE, why=text, fingerprint=str(finding.fingerprint), finding=finding, number=1)
    told = sample.story(
        findings=(finding,),
        plan=Plan(run=sample.RUN, actions=(action,), warnings=(text,)),
        receipts=(Receipt(action=action, outcome=Done.FAILED, error=text),),
        held=(Fact(label=text, value=text),),
        invocation=text,
    )
    assert sections(worklog(told, TEMPLATES)) == SECTIONS


def test_the_file_is_named_after_focus_and_time() -> None:
    name = file_name("critical", None, "2025-09-14T11:59:00Z", lambda _: False)
    assert name == "FAILING-TEST-GARDENER-WORKLOG-critical-2025-09-14-115900.md"


def test_a_narrowed_run_has_its_scope_in_the_file_name() -> None:
    name = file_name("unit", "event-checklist", "2025-09-14T11:59:00.123456+00:00", lambda _: False)
    assert name == "FAILING-TEST-GARDENER-WORKLOG-unit-event-checklist-2025-09-14-115900.md"


def test_a_taken_name_gets_a_number() -> None:
    there = {
        "FAILING-TEST-GARDENER-WORKLOG-unit-2025-09-14-115900.md",
        "FAILING-TEST-GARDENER-WORKLOG-unit-2025-09-14-115900-2.md",
    }
    name = file_name("unit", None, "2025-09-14T11:59:00Z", there.__contains__)
    assert name == "FAILING-TEST-GARDENER-WORKLOG-unit-2025-09-14-115900-3.md"


@pytest.mark.parametrize("focus", ["../../etc/x", "/etc/passwd", "C:\\x", "con", "x" * 300, "-rf", "", "a\nb", "…"])
def test_a_file_name_never_leaves_its_folder(focus: str) -> None:
    name = file_name(focus, focus, "2025-09-14T11:59:00Z", lambda _: False)
    assert re.fullmatch(r"FAILING-TEST-GARDENER-WORKLOG-[A-Za-z0-9-]+-2025-09-14-115900\.md", name)
    assert len(name) < 200
