"""An issue's title, labels, body, managed block and comments, with friendly and with hostile evidence."""

from dataclasses import replace

import build
import pytest
import sample
from hypothesis import given, settings
from test_markdown import ACTS, anything, parsed, pieces

from gardener.model.cause import Cause
from gardener.model.finding import Kind, Nature
from gardener.model.focus import Severity
from gardener.model.key import BEGIN, END, Managed, read_block, replace_block, split_body
from gardener.model.plan import Action, ActionKind, Issue, IssueLink
from gardener.model.run import Check, Origin, Preflight, Status
from gardener.model.text import CleanText, units
from gardener.render.issue import LIMIT, block, body, comment, labels, title

pytestmark = pytest.mark.unit

SECTIONS = [
    "Impact", "Current behaviour", "Expected behaviour", "Reproduction", "Technical details", "Affected tests",
    "Done when",
]  # fmt: skip
BLOCK_SECTIONS = ["State, kept by gardener", "Related", "Last runs", "Key"]
WRITING = sample.writing()


def headings(text: str) -> list[str]:
    tokens = parsed(text)
    return [tokens[place + 1].content for place, token in enumerate(tokens) if token.type == "heading_open"]


def assert_layout(text: str) -> None:
    """Raw HTML is ours alone, and nothing outside code acts but references that are meant."""
    for token in parsed(text):
        if token.type == "html_block":
            assert token.content.startswith(("<!-- gardener", "<details><summary>", "</details>")), token.content
        for child in pieces(token):
            assert child.type not in {"html_inline", "image", "link_open"}
            if child.type == "text" and not child.content.startswith("gardener-key: "):
                assert not ACTS.search(child.content.replace("#7", "")), child.content


def test_a_title_names_kind_nature_priority_and_slug() -> None:
    assert title(sample.SIGNATURE) == (
        "failing-test-regression-P1-cart-constructor · Cart() is called without its new argument 'currency'"
    )
    assert title(sample.SYNTAX, "slug") == "uncollectable-test-active-dev-P1-refunds-does-not-parse"
    assert title(sample.DEPRECATED, "slug") == "failing-test-new-P3-utcnow"
    assert title(sample.DOCKER, "sentence") == sample.DOCKER.title


def test_the_range_in_which_it_broke_does_not_grow_while_it_goes_on_failing() -> None:
    managed, past = sample.managed(sample.SIGNATURE), replace(sample.SIGNATURE.past, last_pass_commit="a" * 40)
    first = body(replace(sample.SIGNATURE, past=past), managed, WRITING)
    assert f"First bad commit lies in `{'a' * 12}..{WRITING.run.commit[:12]}`" in first
    since = replace(sample.SIGNATURE, past=replace(past, first_fail_commit="b" * 40))
    assert f"First bad commit lies in `{'a' * 12}..{'b' * 12}`" in body(since, managed, WRITING)


def test_a_title_without_a_sentence_is_its_slug() -> None:
    assert title(replace(sample.FLAKY, title="")) == "failing-test-flaky-P2-stock-race"
    assert title(replace(sample.FLAKY, title=""), "sentence") == "failing-test-flaky-P2-stock-race"


def test_labels_are_priority_type_area_and_gardener() -> None:
    assert labels(sample.SIGNATURE) == ("P1", "bug", "checkout", "gardener")
    assert labels(sample.DOCKER) == ("P0", "infrastructure", "docker", "gardener")
    assert labels(sample.DEPRECATED) == ("P3", "tech-debt", "gardener")


def test_configured_labels_may_say_the_cause_and_come_once_whatever_their_case() -> None:
    assert labels(sample.SIGNATURE, ("gardener", "cause: {cause}", "Bug")) == (
        "P1", "bug", "checkout", "gardener", "cause: signature",
    )  # fmt: skip


def test_a_label_fits_the_tracker() -> None:
    made = labels(replace(sample.SIGNATURE, area="a, very\nlong area " + "x" * 60))
    assert all(units(label) <= 50 and "," not in label and "\n" not in label for label in made)


def test_a_body_has_its_sections_in_order_and_the_block_last() -> None:
    text = body(sample.SIGNATURE, sample.managed(sample.SIGNATURE), WRITING)
    assert headings(text) == [*SECTIONS, *BLOCK_SECTIONS]
    assert text.rstrip().endswith(END)
    assert "**4 of 24 tests in the focus `checkout` fail for one reason:**" in text


def test_a_body_says_how_to_see_it_again() -> None:
    text = body(sample.SIGNATURE, sample.managed(sample.SIGNATURE), WRITING)
    assert (
        f"git checkout {sample.COMMIT}\ngardener preflight checkout\npython -m pytest tests/checkout/test_cart.py"
        in text
    )


def test_a_body_names_place_suspect_range_and_owner() -> None:
    text = body(sample.SIGNATURE, sample.managed(sample.SIGNATURE), WRITING)
    for fact in (
        "- Where: `shop/cart.py:52`",
        "`51d3a8e2907b`",
        "`aaaaaaaaaaaa..8c1f0d7e5b3a`",
        "- Owner: `@shop/cart`",
    ):
        assert fact in text


def test_the_quoted_mention_of_the_captured_log_stays_in_its_fence() -> None:
    text = body(sample.SIGNATURE, sample.managed(sample.SIGNATURE), WRITING)
    assert "@octocat" in text
    assert_layout(text)


def test_a_blocking_check_tells_what_is_needed_what_mends_it_and_what_waits() -> None:
    text = body(sample.DOCKER, sample.managed(sample.DOCKER), WRITING)
    assert "a folder shop/ below ./services" in text
    assert "What mends it: `gardener preflight checkout --fix`" in text
    assert "## Blocked tests\n\n- `tests/checkout/test_containers.py::test_boots`" in text
    assert "Business impact: $40K a day: checkout" in text


def test_a_warning_lists_its_places() -> None:
    text = body(sample.DEPRECATED, sample.managed(sample.DEPRECATED), WRITING)
    assert "Seen at 2 places:\n\n- `shop/clock.py:9`\n- `shop/orders.py:41`" in text
    assert "Seen 57 times" in text


def test_a_flaky_finding_is_done_by_silence() -> None:
    text = body(sample.FLAKY, sample.managed(sample.FLAKY), WRITING)
    assert "quiet for longer than chance allows" in text


@given(anything)
@settings(max_examples=60)
def test_any_text_in_a_finding_keeps_the_body_intact(text: str) -> None:
    finding = sample.noisy(text or "x")
    written = body(finding, sample.managed(finding), WRITING)
    assert units(written) < LIMIT
    assert headings(written) == [*SECTIONS, *BLOCK_SECTIONS]
    assert_layout(written)
    assert split_body(written) is not None
    assert written.count(BEGIN) == written.count(END) == 1


@given(anything)
@settings(max_examples=60)
def test_any_text_in_a_finding_leaves_the_block_readable_with_exactly_its_keys(text: str) -> None:
    finding = sample.noisy(text or "x")
    managed = sample.managed(finding)
    for written in (
        body(finding, managed, WRITING),
        block(Action(kind=ActionKind.UPDATE, why=text, finding=finding), Issue(number=1, title=text), managed, WRITING),
    ):
        read = read_block(written)
        assert read is not None
        assert [str(key) for key in read.keys] == [str(key) for key in finding.keys]
        assert read == managed


def test_a_forged_block_in_a_failure_does_not_count() -> None:
    forged = f'{BEGIN}\n<!-- gardener-state: {{"severity":0}} -->\ngardener-key: v1:{"b" * 16}\n{END}'
    finding = sample.noisy(forged)
    read = read_block(body(finding, sample.managed(finding), WRITING))
    assert read is not None
    assert [str(key) for key in read.keys] == ["v1:" + "a" * 16]
    assert read.severity == int(finding.severity)


@pytest.mark.parametrize("size", [65_535, 65_536, 65_537, 2_000_000])
@pytest.mark.parametrize("letter", ["x", "😀", "`", "\n", "<", "@a "])
def test_a_body_stays_below_the_limit_however_much_a_test_prints(size: int, letter: str) -> None:
    finding = sample.noisy(letter * (size // len(letter)))
    written = body(finding, sample.managed(finding, tests=("tests/a.py::test_a",)), WRITING)
    assert units(written) < LIMIT
    assert headings(written) == [*SECTIONS, *BLOCK_SECTIONS]
    assert read_block(written) is not None


def test_the_richest_body_that_fits_is_taken() -> None:
    tests = tuple(f"tests/test_{'long' * 40}_{number}.py::test_x" for number in range(90))
    long = replace(sample.SIGNATURE, tests=tests)
    short = replace(sample.SIGNATURE, tests=tests[:5])
    assert body(long, Managed(keys=long.keys), WRITING).count("- `tests/test_long") >= 60
    assert "Whole traceback" in body(short, Managed(keys=short.keys), WRITING)


def test_too_many_tests_for_a_block_become_their_files_and_the_block_still_fits() -> None:
    tests = tuple(
        f"tests/{folder}/test_{file}.py::test_{case}" for folder in "abc" for file in range(9) for case in range(200)
    )
    managed = sample.managed(sample.SIGNATURE, tests=tests)
    written = body(replace(sample.SIGNATURE, tests=tests), managed, WRITING)
    read = read_block(written)
    assert read is not None
    assert len(read.tests) == 27
    assert "tests/a/test_0.py" in read.tests
    assert units(written) < LIMIT


def test_tests_that_no_folding_makes_fit_leave_something_that_never_passes() -> None:
    tests = tuple(f"{'x' * 300}{number}" for number in range(500))
    read = read_block(body(sample.SIGNATURE, sample.managed(sample.SIGNATURE, tests=tests), WRITING))
    assert read is not None
    assert read.tests == (".",)


def test_the_block_of_an_adopted_issue_leaves_what_people_wrote() -> None:
    action = sample.PLAN.actions[1]
    assert action.managed is not None
    mine = block(action, sample.KNOWN[0], action.managed, WRITING)
    text = replace_block(sample.KNOWN[0].body, mine)
    assert text.startswith(sample.KNOWN[0].body)
    assert "tests/FAILING-TEST/gardener/WORKLOG.md" in mine
    assert "gardener-session-2026-03-01-0715" in mine
    assert "TypeError: Cart.__init__() missing 1 required positional argument" in mine
    again = replace_block(text, mine)
    assert again == text


def test_the_block_shows_links_and_what_else_is_gathered() -> None:
    action = Action(kind=ActionKind.UPDATE, why="", finding=sample.DEPRECATED, also=(sample.FLAKY,))
    known = Issue(number=16, title="", links=(IssueLink(to=3, why="the same API"),))
    text = block(action, known, sample.managed(sample.DEPRECATED), WRITING)
    assert "- #3: the same API" in text
    assert "Gathered here as well:\n\n- P2 Stock is counted while it changes (1) at `tests/test_cart.py:5`" in text


def test_the_block_of_something_that_is_gone_counts_the_green_runs() -> None:
    action = Action(kind=ActionKind.UPDATE, why="green", number=9)
    managed = Managed(keys=(sample.key("f"),), green_streak=2, last_pass="2026-03-01T07:15:00Z")
    text = block(action, Issue(number=9, title=""), managed, WRITING)
    assert "**Not seen** in the newest run of `checkout`; green 2 times in a row." in text
    assert read_block(text) == managed


def test_a_comment_names_the_change_the_run_and_the_evidence() -> None:
    text = comment(sample.PLAN.actions[1], WRITING)
    assert text.startswith("**Escalated to P1**\n\nPriority P2 → P1: 4 tests fail by it now.\n")
    assert f"Run `{sample.RUN}` of `checkout` at `8c1f0d7e5b3a`" in text
    assert "shop/cart.py:52" in text


def test_a_recovery_says_its_numbers() -> None:
    assert comment(sample.PLAN.actions[-1], WRITING).startswith(
        "**Recovered**\n\nRecovered: all its 2 tests ran and passed in 3 runs in a row.\n"
    )


@given(anything)
@settings(max_examples=40)
def test_a_comment_about_any_text_keeps_its_layout(text: str) -> None:
    finding = sample.noisy(text or "x")
    action = Action(kind=ActionKind.REOPEN, why=text, announce=text, number=1, finding=finding, severity=Severity.P1)
    assert_layout(comment(action, WRITING))
    assert read_block(comment(action, WRITING)) is None


def test_evidence_without_message_or_frames_is_still_shown() -> None:
    bare = build.failure("tests/x.py", None, "", origin=Origin.CRASH, frames=(), detail=CleanText("Segmentation fault"))
    finding = replace(sample.FLAKY, failures=(bare,), cause=Cause.CRASH, nature=Nature.NEW, kind=Kind.FAILING)
    assert "```text\nSegmentation fault\n```" in body(finding, sample.managed(finding), WRITING)


def test_an_answered_check_is_not_taken_for_the_cause() -> None:
    fine = Preflight(
        checks=(Check(id="build-context", status=Status.OK, found=sample.BUILD_MESSAGE, needed="nothing"),)
    )
    assert "nothing" not in body(sample.DOCKER, sample.managed(sample.DOCKER), replace(WRITING, preflight=fine))
