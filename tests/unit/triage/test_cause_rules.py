"""Every rule of the table: its examples are named by it, through the whole table."""

import pytest

from gardener.model.policy import CauseRule, Policy
from gardener.model.run import Failure, Origin
from gardener.model.text import CleanText
from gardener.rulebook import load_rulebook
from gardener.triage.cause import classify, name_cause

pytestmark = pytest.mark.unit

RULES = load_rulebook().causes
POLICY = Policy(rulebook=load_rulebook())


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_examples_are_named_by_their_own_rule(rule: CauseRule) -> None:
    named = {example: classify(CleanText(example), POLICY).rule for example in rule.examples}
    assert named == dict.fromkeys(rule.examples, rule.id)


def test_what_only_looks_alike_is_named_by_another_rule() -> None:
    counters = [(rule.id, text) for rule in RULES for text in rule.counters]
    assert counters
    assert [(name, text) for name, text in counters if classify(CleanText(text), POLICY).rule == name] == []


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_examples_keep_their_cause_in_a_log_with_timestamps_colours_and_windows_lines(rule: CauseRule) -> None:
    for example in rule.examples:
        lines = [f"2025-03-02T04:11:08.5512093Z \x1b[31m{line}\x1b[0m" for line in example.split("\n")]
        assert classify(CleanText("\r\n".join(lines)), POLICY).cause is rule.cause, example


def test_a_failure_whose_reader_knew_no_exception_is_named_from_its_detail() -> None:
    for rule in RULES:
        if rule.where or rule.look == "data":
            continue
        failure = Failure(subject="tests/test_a.py::test_a", origin=Origin.CALL, detail=CleanText(rule.examples[0]))
        assert name_cause(failure, POLICY).cause is rule.cause, rule.examples[0]
