"""Which issue of the tracker a finding belongs to, if any, and why that one."""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from gardener.model.finding import Confidence, Finding, Verdict
from gardener.model.key import Key
from gardener.model.plan import Issue, Reason, State
from gardener.model.policy import Policy
from gardener.model.text import CleanText
from gardener.triage.cause import Judge
from gardener.triage.explains import may_explain
from gardener.triage.foreign import few, messages_of, tells
from gardener.triage.mask import without_parameters
from gardener.triage.member import Layer, layer_of

NEAR = 0.5  # what is not the same is worth a link when it quotes the error or names a test by its function
MOST_LINKS = 5

_QUALIFIED = re.compile(r"\b[A-Za-z_]\w*(?:\.[A-Za-z_]\w*){2,}\b")  # package.module.name: no file name, no sentence


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """An issue for a finding. `how` is one of key, standing, adopted; of a near one also related."""

    issue: Issue
    how: str
    why: str
    score: float = 1.0
    near: float = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Matched:
    """The issue of a finding, if there is one, and those that are only related."""

    match: Match | None
    near: tuple[Match, ...] = ()
    other: Match | None = None  # of the near ones the issue of another cause with which it shares a key


def told_causes(known: Sequence[Issue], policy: Policy) -> dict[int, Verdict]:
    """What the issues of people tell of, by number, where their text leaves no doubt."""
    classify = Judge(policy).classify
    verdicts = {i.number: classify(CleanText(i.body)) for i in known if _may_be_adopted(i, policy) and i.body}
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
        key=lambda each: (-each.score, -each.near, each.issue.number),
    )
    adoptable = [
        each
        for each in scored
        if each.score >= policy.adopt_threshold and each.issue.state is State.OPEN and not each.issue.locked
    ]
    if found is None and adoptable:
        found = adoptable[0]
    others = [each for each in scored if found is None or each.issue is not found.issue]
    near = [each for each in others if each.near >= NEAR]
    sharing = _sharing_a_symptom(finding, known, found)
    near.extend(sharing)
    for each in others:
        why = _related(finding, each.issue, (told or {}).get(each.issue.number))
        if why and each not in near:
            near.append(replace(each, how="related", why=why))
    return Matched(match=found, near=tuple(near[:MOST_LINKS]), other=sharing[0] if sharing else None)


def _related(finding: Finding, issue: Issue, told: Verdict | None) -> str:
    """Why an issue that is not the finding's has to do with it all the same; "" where it has not."""
    if told is not None and may_explain(told.cause, finding.cause):
        return f"it tells of {told.cause} (“{told.quote[:80]}”), which may bring about {finding.cause}: another cause"
    text = f"{issue.title}\n{issue.body}"
    names = {name for message in messages_of(finding) for name in _QUALIFIED.findall(message)}
    shared = sorted(name for name in names if name in text)
    return f"it speaks of {few(shared)} too" if shared else ""


def holder(keys: Collection[Key], known: Sequence[Issue], root: Key | None = None) -> Issue | None:
    """The issue that one of these keys belongs to, as its own or as an alias.

    Open before closed; of several, one that may be written to, the one that was filed for this root, by its own key
    before an alias, then the lowest number. What people put away comes after what may be opened again.
    """
    wanted = set(keys)
    holding = [issue for issue in known if wanted & {*issue.keys, *issue.aliases}]
    put_away = max((i.closed_at for i in holding if i.state_reason is Reason.NOT_PLANNED), default="")

    def rank(issue: Issue) -> tuple[bool, int, bool, bool, int]:
        filed_for_it = root is not None and issue.keys[:1] == (root,)
        away = _away(issue, put_away)
        return issue.state is State.CLOSED, away, not filed_for_it, not wanted & set(issue.keys), issue.number

    return min(holding, key=rank, default=None)


def _away(issue: Issue, put_away: str) -> int:
    """How far an issue is from being written to, where people put another one of its key away last at `put_away`.

    That is their last word on what was closed before. A lock alone is followed by a new issue.
    """
    merged = issue.managed is not None and bool(issue.managed.merged_into)
    if issue.state is State.OPEN:
        return int(issue.locked)
    if merged or issue.state_reason is Reason.DUPLICATE:
        return 3
    if issue.state_reason is Reason.NOT_PLANNED:
        return 1
    return 2 if issue.locked or (issue.closed_at and issue.closed_at <= put_away) else 0


def _by_key(finding: Finding, known: Sequence[Issue]) -> Match | None:
    found = holder(finding.keys, [issue for issue in known if _is_its_own(finding, issue)], finding.fingerprint)
    if found is None:
        return _by_akin(finding, known)
    shared = next((key for key in finding.keys if key in found.keys), None)
    if shared is not None:
        return Match(issue=found, how="key", why=f"it carries the key {shared}")
    alias = next(key for key in finding.keys if key in found.aliases)
    return Match(issue=found, how="key", why=f"it carries the alias {alias}, of an issue that was merged into it")


def _is_its_own(finding: Finding, issue: Issue) -> bool:
    """Whether a key in common may say that it is the same cause.

    What only joined the issue and only joins the finding is a symptom that two causes can share. It is the same cause
    in another dress where the issue is open and most of its tests fail by the finding.
    """
    held = {*issue.keys, *issue.aliases}
    knows = bool({finding.fingerprint, *issue.keys[:1]} & set(finding.keys) & held)
    if issue.state is State.CLOSED:
        return knows and _is_back(finding, issue)
    theirs = issue.managed.tests if issue.managed else ()
    return knows or 2 * len(set(theirs) & set(finding.tests)) >= len(theirs)


def _is_back(finding: Finding, issue: Issue) -> bool:
    """Whether the cause of a closed issue is back: each knows the other's root, or else most of the other's tests.

    A root that only one of them knows says little, for a large finding swallows what failed alone once. The root of a
    wrong value says little too: it is a test file, where many causes show.
    """
    theirs = set(map(without_parameters, issue.managed.tests if issue.managed else ()))
    mine = set(map(without_parameters, finding.tests))
    root = finding.fingerprint
    agreed = root in issue.aliases or (root in issue.keys and issue.keys[0] in finding.keys)
    if agreed and (layer_of(root) is not Layer.VALUE or not theirs):
        return True
    return 2 * len(theirs & mine) >= max(len(theirs), len(mine))


def _sharing_a_symptom(finding: Finding, known: Sequence[Issue], found: Match | None) -> list[Match]:
    """The open issues of other causes with which it shares a key; where it has none, the last closed one too."""
    sharing = []
    shut: tuple[Issue, Key] | None = None
    for issue in known:
        shared = next((key for key in finding.keys if key in issue.keys), None)
        if shared is None or _is_its_own(finding, issue):
            continue
        if issue.state is State.CLOSED:
            shut = issue, shared
            continue
        why = f"{shared} is a symptom of both, and most of its tests do not fail by this: another cause"
        sharing.append(Match(issue=issue, how="related", why=why))
    if found is None and shut:
        why = f"it carries {shut[1]}, but was filed for another root and other tests: another cause"
        sharing.append(Match(issue=shut[0], how="related", why=why))
    return sharing


def without_symptoms(finding: Finding, found: Match | None, known: Sequence[Issue]) -> Finding:
    """The finding without the keys, its own root apart, that another open issue holds: a key belongs to one of them."""
    others = [i for i in known if i.state is State.OPEN and not (found and found.issue.number == i.number)]
    taken = {key for issue in others for key in (*issue.keys, *issue.aliases)} - {finding.fingerprint}
    return replace(finding, keys=tuple(key for key in finding.keys if key not in taken))


def _by_akin(finding: Finding, known: Sequence[Issue]) -> Match | None:
    """Another run divided what this one cannot, or the other way round: the same tests under a finer or coarser key."""
    tests = set(finding.tests)
    found = holder(finding.akin, [i for i in known if i.managed and not tests.isdisjoint(i.managed.tests)])
    if found is None:
        return None
    akin = next(key for key in finding.akin if key in {*found.keys, *found.aliases})
    return Match(issue=found, how="key", why=f"it carries {akin}, the key of the same tests as another run saw them")


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
    told = tells(finding, f"{issue.title}\n{issue.body}")
    return Match(issue=issue, how="adopted", why=f"it {told.why}", score=told.score, near=told.near)
