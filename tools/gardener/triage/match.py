"""Which issue of the tracker a finding belongs to, if any, and why that one."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from rapidfuzz import fuzz

from gardener.model.finding import Finding
from gardener.model.key import Key
from gardener.model.plan import Issue, State
from gardener.model.policy import Policy

QUOTED = 0.5  # weights of the three kinds of evidence in a foreign issue; they add up to 1
NAMED = 0.3
WORDS = 0.2
NEAR = 0.35  # below the adoption threshold, yet worth a link
WHOLE = 0.6  # a line this long, as a share of the message, may be a quote of the whole of it
LIKENESS = 70.0  # rapidfuzz percent from which a line of the body counts as a quote at all

_TEST = re.compile(r"\b(?:test_\w+|Test\w+)")
_WORD = re.compile(r"[A-Za-z_][\w.]*(?:[A-Z_./-][\w./-]*)+")  # identifiers, dotted names, paths: no plain words
_DATA = re.compile(r"0x[0-9a-fA-F]+|\d+|'[^']*\d[^']*'")


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """An issue for a finding. `how` is one of key, standing, adopted."""

    issue: Issue
    how: str
    why: str
    score: float = 1.0
    telling: bool = True  # it quotes the error or names a test: mere words in common link nothing


@dataclass(frozen=True, slots=True, kw_only=True)
class Matched:
    """The issue of a finding, if there is one, and those that are only related."""

    match: Match | None
    near: tuple[Match, ...] = ()


def match(finding: Finding, known: Sequence[Issue], policy: Policy) -> Matched:
    """In order: key, standing issue, an issue that people filed; what only comes near is linked."""
    found = _by_key(finding, known) or _standing(finding, known, policy)
    scored = sorted(
        (_foreign(finding, issue) for issue in known if _may_be_adopted(issue, policy)),
        key=lambda each: (-each.score, each.issue.number),
    )
    adoptable = [each for each in scored if each.score >= policy.adopt_threshold and each.issue.state is State.OPEN]
    if found is None and adoptable:
        found = adoptable[0]
    near = [
        each
        for each in scored
        if each.score >= NEAR and each.telling and (found is None or each.issue is not found.issue)
    ]
    return Matched(match=found, near=tuple(near))


def _by_key(finding: Finding, known: Sequence[Issue]) -> Match | None:
    keys = set(finding.keys)
    holders = sorted(
        (issue for issue in known if keys & set(issue.keys)),
        key=lambda issue: (issue.state is State.CLOSED, issue.number),
    )
    if not holders:
        return None
    shared = next(key for key in finding.keys if key in holders[0].keys)
    return Match(issue=holders[0], how="key", why=f"it carries the key {shared}")


def _standing(finding: Finding, known: Sequence[Issue], policy: Policy) -> Match | None:
    for standing in policy.standing:
        if standing.cause is not finding.cause:
            continue
        for issue in known:
            if issue.number == standing.issue or (standing.title and issue.title == standing.title):
                return Match(
                    issue=issue, how="standing", why=f"all findings of cause {finding.cause} are gathered into it"
                )
    return None


def _may_be_adopted(issue: Issue, policy: Policy) -> bool:
    labels = {label.casefold() for label in issue.labels}
    wanted = {label.casefold() for label in (*policy.adopt_labels, *policy.labels)}
    return not issue.keys and bool(labels & wanted) and (issue.trusted or issue.ours)


def _foreign(finding: Finding, issue: Issue) -> Match:
    """How much of the finding an issue without keys tells: the error it quotes, the tests and names it mentions."""
    text = f"{issue.title}\n{issue.body}"
    quoted, line = _quoted(finding, text)
    named, tests = _tests_named(finding, text)
    words, mentioned = _words_named(finding, text)
    # a finding without tests (a warning, a failed build) is judged by its text alone
    weights = (QUOTED, NAMED if finding.tests else 0.0, WORDS)
    score = (quoted * weights[0] + named * weights[1] + words * weights[2]) / sum(weights)
    reasons = [
        f"quotes “{line}”" if quoted else "",
        f"names {_few(tests)}" if tests else "",
        f"mentions {_few(mentioned)}" if mentioned else "",
    ]
    why = f"it {' and '.join(reason for reason in reasons if reason) or 'has nothing in common'} (score {score:.2f})"
    return Match(issue=issue, how="adopted", why=why, score=score, telling=bool(quoted or tests))


def _quoted(finding: Finding, text: str) -> tuple[float, str]:
    """How well the best line of the body quotes one of the finding's messages (0–1), and that line."""
    lines = [line.strip(" `>*-") for line in text.splitlines() if len(line.strip()) >= 8]
    best, quote = 0.0, ""
    for message in _messages(finding):
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


def _messages(finding: Finding) -> Iterable[str]:
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
    words = {word for message in _messages(finding) for word in _WORD.findall(message) if len(word) > 4}
    shared = sorted(word for word in words if word in text)
    return (len(shared) / len(words) if words else 0.0), shared


def _few(names: Sequence[str]) -> str:
    shown = ", ".join(names[:3])
    return f"{shown} and {len(names) - 3} more" if len(names) > 3 else shown


def merge_keys(first: Sequence[Key], second: Sequence[Key]) -> tuple[Key, ...]:
    """Both, each once, in order: an issue keeps every key it was ever known by."""
    return tuple(dict.fromkeys([*first, *second]))
