"""The job summary and the annotations of a hosted CI."""

import re
from dataclasses import replace

import pytest
import sample
from hypothesis import given, settings
from test_issue import assert_layout
from test_markdown import anything

from gardener.model.key import Key
from gardener.render.summary import LIMIT, annotations, summary

pytestmark = pytest.mark.unit

TEMPLATES = sample.TEMPLATES
COMMAND = re.compile(r"::(error|warning) (file=[^,\r\n]+,line=\d+,|file=[^,\r\n]+,)?title=[^,:\r\n]*::[^\r\n]*")


def test_the_summary_begins_with_the_verdict() -> None:
    assert summary(sample.story(), TEMPLATES).startswith(
        "## Failing: 8 of 24 tests red, 3 blocked, 1 not reached, from 6 root causes (1 flaky).\n"
    )


def test_every_finding_is_one_row_with_its_issue() -> None:
    text = summary(sample.story(), TEMPLATES)
    assert (
        "| **P1** | Cart() is called without its new argument 'currency' | 4 | signature | regression | escalated #12 |"
        in text
    )
    assert (
        "| **P0** | The image of checkout cannot be built: shop/ is missing in its build context | 0 + 3 blocked |"
        in text
    )
    assert text.count("<details>") == 6


def test_a_summary_stays_below_one_mebibyte_with_the_worst_kept() -> None:
    long = "y" * 5000 + "😀" * 4000
    findings = tuple(
        replace(sample.noisy(long), keys=(Key(scheme="v1", digest=f"{number:016x}"),), title=f"finding {number}")
        for number in range(900)
    )
    text = summary(sample.story(findings=(sample.DOCKER, *findings)), TEMPLATES)
    assert len(text.encode()) < LIMIT
    assert "The image of checkout" in text
    assert "more; the worklog and the report hold them all" in text


@given(anything)
@settings(max_examples=40)
def test_any_text_keeps_the_summary_intact(text: str) -> None:
    told = sample.story(findings=(sample.noisy(text or "x"),), plan=replace(sample.PLAN, actions=()), receipts=())
    assert_layout(summary(told, TEMPLATES))


def test_there_is_one_annotation_per_finding_at_its_place() -> None:
    made = annotations(sample.story())
    assert len(made) == 7
    assert made[1] == (
        "::error file=shop/cart.py,line=52,title=P1 cart-constructor::"
        "4 × Cart() is called without its new argument 'currency' – escalated #12"
    )
    assert made[-1].startswith("::warning file=shop/clock.py,line=9,")


def test_no_more_annotations_are_made_than_are_shown() -> None:
    findings = tuple(replace(sample.SIGNATURE, keys=(Key(scheme="v1", digest=f"{n:016x}"),)) for n in range(30))
    assert len(annotations(sample.story(findings=findings))) == 10


@given(anything)
@settings(max_examples=60)
def test_an_annotation_is_one_line_and_one_command(text: str) -> None:
    for line in annotations(sample.story(findings=(sample.noisy(text or "x"),))):
        assert COMMAND.fullmatch(line), line
        assert line == " ".join(line.splitlines())


def test_an_encoded_line_end_in_a_message_stays_what_was_printed() -> None:
    (line,) = annotations(sample.story(findings=(sample.noisy("100%0A::error::x"),)))
    assert "::100%250A::error::x" in line
