"""Which issue of the tracker a finding belongs to, if any, and why that one."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from rapidfuzz import fuzz

from gardener.model.finding import Confidence, Finding, Verdict
from gardener.model.key import Key
from gardener.model.plan import Issue, State
from gardener.model.policy import Policy
from gardener.model.text import CleanText
from gardener.triage.cause import classify
from gardener.triage.explains import may_explain

QUOTED = 0.5  # weights of the three kinds of evidence in a foreign issue; they add up to 1
NAMED = 0.3
WORDS = 0.2
NEAR = 0.35  # below the adoption threshold, yet worth a link
WHOLE = 0.6  # a line this long, as a share of the message, may be a quote of the whole of it
MOST_LINKS = 5
LIKENESS = 70.0  # rapidfuzz percent from which a line of the body counts as a quote at all

_TEST = re.compile(r"\b(?:test_\w+|Test\w+)")
_WORD = re.compile(r"[A-Za-z_][\w.]*(?:[A-Z_./-][\w./-]*)+")  # identifiers, dotted names, paths: no plain words
_QUALIFIED = re.compile(r"\b[A-Za-z_]\w*(?:\.[A-Za-z_]\w*){2,}\b")  # package.module.name: no file name, no sentence
_DATA = re.compile(r"0x[0-9a-fA-F]+|\d+|'[^']*\d[^']*'")


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """An issue for a finding. `how` is one of key, standing, adopted; of a near one also related."""

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


def told_causes(known: Sequence[Issue], policy: Policy) -> dict[int, Verdict]:
    """What the issues of people tell of, by number, where their text leaves no doubt."""
    verdicts = {i.number: classify(CleanText(i.body), policy) for i in known if _may_be_adopted(i, policy) and i.body}
    return {number: verdict for number, verdict in verdicts.items() if verdict.confidence is Confidence.HIGH}


def match(
    finding: Finding, known: Sequence[Issue], policy: Policy, told: Mapping[int, Verdict] | None = None
) -> Matched:
    """In order: key, standing issue, an issue that people filed; what only comes near is linked.

    `told` is what `told_causes` says of the issues: of one that may explain the finding a link is made.
    """
    found = _by_key(finding, known) or _standing(finding, known, policy)
    scored = sorted(
        (_foreign(finding, issue) for issue in known if _may_be_adopted(issue, policy)),
        key=lambda each: (-each.score, each.issue.number),
    )
    adoptable = [each for each in scored if each.score >= policy.adopt_threshold and each.issue.state is State.OPEN]
    if found is None and adoptable:
        found = adoptable[0]
    others = [each for each in scored if found is None or each.issue is not found.issue]
    near = [each for each in others if each.score >= NEAR and each.telling]
    for each in others:
        why = _related(finding, each.issue, (told or {}).get(each.issue.number))
        if why and each not in near:
            near.append(replace(each, how="related", why=why))
    return Matched(match=found, near=tuple(near[:MOST_LINKS]))


def _related(finding: Finding, issue: Issue, told: Verdict | None) -> str:
    """Why an issue that is not the finding's has to do with it all the same; "" where it has not."""
    if told is not None and may_explain(told.cause, finding.cause):
        return f"it tells of {told.cause} (“{told.quote[:80]}”), which may bring about {finding.cause}: another cause"
    text = f"{issue.title}\n{issue.body}"
    names = {name for message in _messages(finding) for name in _QUALIFIED.findall(message)}
    shared = sorted(name for name in names if name in text)
    return f"it speaks of {_few(shared)} too" if shared else ""


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
