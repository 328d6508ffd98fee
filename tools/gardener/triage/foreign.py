"""How much of a finding an issue tells that somebody else wrote: the errors it quotes, the tests it names."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from rapidfuzz import fuzz

from gardener.model.finding import Finding

QUOTED = 0.5  # weights of the three kinds of evidence in a foreign issue; they add up to 1
NAMED = 0.3
WORDS = 0.2
WHOLE = 0.6  # a line this long, as a share of the message, may be a quote of the whole of it
LIKENESS = 70.0  # rapidfuzz percent from which a line of the body counts as a quote at all

_TEST = re.compile(r"\b(?:test_\w+|Test\w+)")
_WORD = re.compile(r"[A-Za-z_][\w.]*(?:[A-Z_./-][\w./-]*)+")  # identifiers, dotted names, paths: no plain words
_DATA = re.compile(r"0x[0-9a-fA-F]+|\d+|'[^']*\d[^']*'")


@dataclass(frozen=True, slots=True, kw_only=True)
class Telling:
    """How much of a finding a text tells, 0 to 1, and in which words."""

    score: float
    why: str
    telling: bool  # it quotes the error or names a test: mere words in common link nothing


def tells(finding: Finding, text: str) -> Telling:
    """How much of the finding a text tells: the error it quotes, the tests and names it mentions."""
    quoted, line = _quoted(finding, text)
    named, tests = _tests_named(finding, text)
    words, mentioned = _words_named(finding, text)
    # a finding without tests (a warning, a failed build) is judged by its text alone
    weights = (QUOTED, NAMED if finding.tests else 0.0, WORDS)
    score = (quoted * weights[0] + named * weights[1] + words * weights[2]) / sum(weights)
    reasons = [
        f"quotes “{line}”" if quoted else "",
        f"names {few(tests)}" if tests else "",
        f"mentions {few(mentioned)}" if mentioned else "",
    ]
    why = " and ".join(reason for reason in reasons if reason) or "has nothing in common"
    return Telling(score=score, why=why, telling=bool(quoted or tests))


def _quoted(finding: Finding, text: str) -> tuple[float, str]:
    """How well the best line of the body quotes one of the finding's messages (0–1), and that line."""
    lines = [line.strip(" `>*-") for line in text.splitlines() if len(line.strip()) >= 8]
    best, quote = 0.0, ""
    for message in messages_of(finding):
        for line in lines:
            masked = _mask(line)
            shorter = min(len(masked), len(message))
            if shorter < 12:
                continue
            # a few words that stand in the message too are no quote of it
            covered = min(1.0, len(masked) / (WHOLE * len(message)))
            likeness = covered * fuzz.partial_ratio(message, masked, score_cutoff=LIKENESS) / 100
            if likeness > best:
                best, quote = likeness, line[:80]
    return best, quote


def messages_of(finding: Finding) -> Iterable[str]:
    """The first line of each distinct message, masked."""
    firsts = (failure.message.strip().split("\n", 1)[0][:300] for failure in finding.failures)
    return dict.fromkeys(_mask(line) for line in firsts if line)


def _mask(text: str) -> str:
    return _DATA.sub("#", text)


def _tests_named(finding: Finding, text: str) -> tuple[float, list[str]]:
    """The share of the finding's tests that the text names by function, class or file; and those names."""
    said = set(_TEST.findall(text))
    hits = 0
    names: list[str] = []
    for test in finding.tests:
        parts = {part.removesuffix(".py") for part in re.split(r"::|/|\[", test)} & said
        hits += bool(parts)
        names.extend(parts)
    return (hits / len(finding.tests) if finding.tests else 0.0), sorted(set(names))


def _words_named(finding: Finding, text: str) -> tuple[float, list[str]]:
    """The share of the identifiers in the finding's messages that the text mentions too; and those."""
    words = {word for message in messages_of(finding) for word in _WORD.findall(message) if len(word) > 4}
    shared = sorted(word for word in words if word in text)
    return (len(shared) / len(words) if words else 0.0), shared


def few(names: Sequence[str]) -> str:
    """The first three, and how many more there are."""
    shown = ", ".join(names[:3])
    return f"{shown} and {len(names) - 3} more" if len(names) > 3 else shown
