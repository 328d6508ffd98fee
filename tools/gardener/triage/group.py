"""From failures to findings: one for each root cause."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from gardener.model.cause import Cause, CauseGroup
from gardener.model.finding import Confidence, Evidence, Finding, Join, Kind, Relation, Verdict, Why
from gardener.model.key import Key
from gardener.model.policy import Policy
from gardener.model.run import Failure, Origin
from gardener.triage.absorb import absorbed
from gardener.triage.cause import Judge
from gardener.triage.explains import may_explain
from gardener.triage.flaky import rate
from gardener.triage.join import grouped, ties_between, unawaited_in
from gardener.triage.keys import CURRENT, SCHEMES, finer, key
from gardener.triage.member import Layer, Member, Tie
from gardener.triage.slug import describe
from gardener.triage.spectrum import apart, blame_of, blames, divided, ties_of

_TESTS = frozenset({Origin.COLLECTION, Origin.SETUP, Origin.CALL, Origin.TEARDOWN, Origin.CRASH})
_LOGGED = {
    "attribute": Cause.ATTRIBUTE,
    "name": Cause.ATTRIBUTE,
    "signature": Cause.SIGNATURE,
    "mock": Cause.MOCK_MISMATCH,
    "import": Cause.IMPORT,
    "type": Cause.CONTRACT,
}
# what a kind of key stands for, where some of its members show it
_SHOWS = {"type": Cause.CONTRACT, "none": Cause.ASSERTION, "warning": Cause.DEPRECATION}
_ASKED_FIRST = 12  # of many members: eleven of one mind are enough
_CERTAIN = 0.999


@dataclass(slots=True)
class _Cluster:
    """Members with one root while they are gathered; `own` are those whose key is the fingerprint's or was joined."""

    own: dict[Key, list[Member]] = field(default_factory=dict)
    guests: list[Member] = field(default_factory=list)
    witnesses: list[Member] = field(default_factory=list)  # the guests that show the cause
    ties: list[Tie] = field(default_factory=list)

    def keys(self) -> list[Key]:
        """The root's key first: the lowest layer, then what most failures share, then the smallest."""
        return sorted(self.own, key=lambda k: (self.own[k][0].mark.layer, -len(self.own[k]), str(k)))


class _Votes:
    """What each failure says its cause is, read when it is first asked: most need not be."""

    def __init__(self, judge: Judge) -> None:
        self.judge = judge
        self._known: dict[int, Verdict] = {}

    def of(self, failure: Failure) -> Verdict:
        """The verdict on one failure of this run, without a runner-up."""
        if id(failure) not in self._known:
            self._known[id(failure)] = self.judge.name(failure, fully=False)
        return self._known[id(failure)]

    def sure(self, failure: Failure) -> Cause | None:
        """The cause that a failure names for certain."""
        verdict = self.of(failure)
        return None if verdict.confidence is Confidence.LOW else verdict.cause


def group(failures: Iterable[Failure], evidence: Evidence, policy: Policy) -> tuple[Finding, ...]:
    """Findings, the lowest layer first; every failing test is in exactly one of them.

    A test that failed more than once belongs to what failed first; its later failures are kept as evidence of theirs.
    """
    failures = tuple(failures)
    vote = _Votes(Judge(policy))
    counted = [failure for failure in failures if _counts(failure, vote, policy)]
    members = [_member(failure, vote, policy) for failure in counted]
    first: dict[str, int] = {}
    for failure in counted:
        if failure.origin in _TESTS:
            first.setdefault(failure.subject, id(failure))
    tests = {failure: (place, node) for place, (node, failure) in enumerate(first.items())}
    clusters = _clusters(members, evidence, unawaited_in(failures))
    findings = [_finding(cluster, tests, evidence, vote) for cluster in clusters]
    return tuple(_related(_distinct(findings)))


def _counts(failure: Failure, vote: _Votes, policy: Policy) -> bool:
    """Not what a rule of the repository ignores; a warning is a finding only where a rule knows what it means."""
    if failure.origin is not Origin.WARNING and not policy.user_rules:
        return True
    verdict = vote.of(failure)
    return not verdict.ignore and (failure.origin is not Origin.WARNING or not verdict.rule.startswith("exception."))


def _member(failure: Failure, vote: _Votes, policy: Policy) -> Member:
    group = vote.of(failure).group if policy.user_rules else ""
    mark = SCHEMES[CURRENT](failure, policy.rulebook.masks, group)
    return Member(failure=failure, mark=mark, key=key(mark.pattern))


def _clusters(members: Sequence[Member], evidence: Evidence, unawaited: Mapping[str, set[str]]) -> list[_Cluster]:
    found = blames(members, evidence)
    members = divided(members, found, evidence)
    roots = {each: blame_of(own, found) for each, own in grouped(members).items()}
    moved = {
        place: tie
        for place, tie in absorbed(members).items()
        if (blame := found.get(members[place].failure.subject)) is None or not apart(blame, roots[tie.to])
    }
    groups = grouped(member for place, member in enumerate(members) if place not in moved)
    ties = [tie for tie in ties_between(groups, evidence, unawaited) if not apart(roots[tie.key], roots[tie.to])]
    ties += ties_of(groups, found)
    leader = _leaders(groups, ties)
    clusters: dict[Key, _Cluster] = defaultdict(_Cluster)
    for each, own in groups.items():
        clusters[leader[each]].own[each] = own
    for tie in ties:
        clusters[leader[tie.to]].ties.append(tie)
    for place, tie in moved.items():
        cluster = clusters[leader[tie.to]]
        cluster.guests.append(members[place])
        cluster.ties.append(tie)
        if tie.tells:
            cluster.witnesses.append(members[place])
    return list(clusters.values())


def _leaders(keys: Iterable[Key], ties: Iterable[Tie]) -> dict[Key, Key]:
    """For each key the one that stands for all that it is tied to."""
    leader = {key: key for key in keys}

    def top(key: Key) -> Key:
        while leader[key] is not key:
            leader[key] = key = leader[leader[key]]
        return key

    for tie in ties:
        leader[top(tie.key)] = top(leader[tie.to])
    return {key: top(key) for key in leader}


def _finding(cluster: _Cluster, first: Mapping[int, tuple[int, str]], evidence: Evidence, vote: _Votes) -> Finding:
    keys = cluster.keys()
    root, verdict = _telling(cluster, evidence, vote)
    joins = [
        Join(key=tie.key if tie.key != keys[0] else tie.to, why=tie.why, evidence=tie.evidence) for tie in cluster.ties
    ]
    if verdict.cause is Cause.FIXTURE and root.mark.name in evidence.unawaited_setups:
        joins.append(Join(key=keys[0], why="its set-up is a coroutine that nothing awaits", evidence="sources"))
    everyone = [member.failure for found in keys for member in cluster.own[found]]
    everyone += [member.failure for member in cluster.guests]
    ordered = [root.failure, *(failure for failure in everyone if failure is not root.failure)]
    tests = tuple(node for _, node in sorted({first[id(failure)] for failure in everyone if id(failure) in first}))
    slug, title = describe(root.mark, ordered, verdict.cause)
    return Finding(
        keys=tuple(keys),
        failures=tuple(ordered),
        kind=_kind(root.failure.origin, tests),
        cause=verdict.cause,
        slug=slug,
        title=title,
        tests=tests,
        verdict=verdict,
        joins=_told_once(joins),
        akin=_akin(cluster),
        confidence=_confidence(root, cluster, verdict),
        area=verdict.area,
        why=Why(cause=_why_cause(verdict), group=_why_group(root, cluster)),
    )


def _told_once(joins: Iterable[Join]) -> tuple[Join, ...]:
    """Each join; those of one spectrum have one reason, and one of them says it."""
    return tuple({(join.why, join.evidence == "text" and join.key): join for join in reversed([*joins])}.values())[::-1]


def _akin(cluster: _Cluster) -> tuple[Key, ...]:
    """The coarser keys of wrong values that were divided, the finer ones of those that were not."""
    values = [member for own in cluster.own.values() for member in own if member.mark.layer is Layer.VALUE]
    known = [
        key(pattern)
        for member in values
        for pattern in (member.mark.pattern, finer(member.mark, member.failure).pattern)
    ]
    return tuple(sorted({each for each in known if each not in cluster.own}))


def _telling(cluster: _Cluster, evidence: Evidence, vote: _Votes) -> tuple[Member, Verdict]:
    """The member that shows the cause best, with its verdict: what the key stands for, else what most of them show."""
    core = cluster.own[cluster.keys()[0]]
    wanted = Cause.ASSERTION if cluster.witnesses else _SHOWS.get(core[0].mark.kind)
    shown = _elected((*core, *cluster.witnesses), wanted, vote)
    verdict = vote.judge.name(shown.failure)
    implied = _implied(cluster, evidence, verdict.cause)
    if implied is not None:
        verdict = replace(
            verdict, cause=implied[0], rule=implied[1], runner_up=f"{verdict.rule}: only what it shows as"
        )
    return shown if shown in core else core[0], verdict


def _elected(members: Sequence[Member], wanted: Cause | None, vote: _Votes) -> Member:
    """The first member of the wanted cause, else of the one that most name; no more are asked than can matter."""
    ordered = sorted(members, key=lambda member: (member.failure.origin is Origin.WARNING, member.failure.subject))
    prevailing = None if wanted else _prevailing(ordered, vote)
    if prevailing:
        return next(member for member in ordered if vote.sure(member.failure) is prevailing)
    sure, unsure = dict[Cause, list[Member]](), dict[Cause, list[Member]]()
    for member in ordered:
        verdict = vote.of(member.failure)
        certain = verdict.confidence is not Confidence.LOW
        named = (sure if certain else unsure).setdefault(verdict.cause, [])
        named.append(member)
        if certain and (verdict.cause is wanted if wanted else 2 * len(named) > len(ordered)):
            return named[0]
    votes = sure or unsure
    winner = wanted if wanted in votes else min(votes, key=lambda cause: (-len(votes[cause]), cause))
    return votes[winner][0]


def _prevailing(members: Sequence[Member], vote: _Votes) -> Cause | None:
    """The cause that most of many members name, as some that lie evenly among them tell; None where in doubt."""
    asked = _ASKED_FIRST
    while 2 * asked < len(members):
        told = Counter(vote.sure(members[at * len(members) // asked].failure) for at in range(asked))
        cause, named = told.most_common(1)[0]
        if rate(named, asked, _CERTAIN).low > 0.5:
            return cause
        asked *= 2
    return None


def _implied(cluster: _Cluster, evidence: Evidence, shown: Cause) -> tuple[Cause, str] | None:
    """A cause that the root stands for although no failure of it says so, and its rule."""
    mark = cluster.own[cluster.keys()[0]][0].mark
    others = {own[0].mark.kind for own in cluster.own.values()} - {mark.kind}
    if mark.kind == "set-up" and (others or mark.name in evidence.unawaited_setups):
        return Cause.FIXTURE, "fixture.never-set-up"
    if mark.kind == "type" and shown is Cause.ASSERTION:  # an assertion takes the cause of what it got
        return Cause.CONTRACT, "contract.misplaced-type"
    if mark.kind == "warning" and shown is Cause.ASSERTION and "deprecated" in mark.name:
        return Cause.DEPRECATION, "deprecation.quoted"
    if mark.logged and shown is Cause.ASSERTION and mark.kind in _LOGGED:
        return _LOGGED[mark.kind], f"{_LOGGED[mark.kind]}.logged"
    return None


def _kind(origin: Origin, tests: Sequence[str]) -> Kind:
    match origin:
        case Origin.PREFLIGHT | Origin.BUILD:
            return Kind.INFRASTRUCTURE
        case Origin.WARNING if not tests:
            return Kind.WARNING
        case Origin.COLLECTION:
            return Kind.UNCOLLECTABLE
        case _:
            return Kind.FAILING


def _confidence(root: Member, cluster: _Cluster, verdict: Verdict) -> Confidence:
    if verdict.confidence is Confidence.LOW:
        return Confidence.LOW
    if root.mark.layer is Layer.VALUE or cluster.ties or verdict.confidence is Confidence.MEDIUM:
        return Confidence.MEDIUM
    return Confidence.HIGH


def _why_cause(verdict: Verdict) -> str:
    quote = f", seen in “{verdict.quote}”" if verdict.quote else ""
    return f"rule {verdict.rule}{quote}"


def _why_group(root: Member, cluster: _Cluster) -> str:
    more = [tie.why for tie in cluster.ties[:1]]
    if len(cluster.ties) > 1:
        more.append(f"{len(cluster.ties) - 1} more joined likewise")
    return "; ".join([root.mark.why, *more])


def _distinct(findings: Sequence[Finding]) -> list[Finding]:
    """Each slug once: of those that share one, all but the first carry the start of their key."""
    seen: set[str] = set()
    distinct = []
    for finding in sorted(findings, key=lambda found: str(found.fingerprint)):
        slug = (
            finding.slug
            if finding.slug not in seen
            else f"{finding.slug[:55].rstrip('-')}-{finding.fingerprint.digest[:4]}"
        )
        seen.add(slug)
        distinct.append(replace(finding, slug=slug))
    return distinct


def _related(findings: Sequence[Finding]) -> list[Finding]:
    """Each finding with the infrastructure that may explain it; nothing is absorbed."""
    roots = [found for found in findings if found.cause.group is CauseGroup.INFRASTRUCTURE]
    explained: dict[tuple[object, ...], tuple[Relation, ...]] = {}
    linked = []
    for finding in findings:
        alike = finding.cause, finding.kind, finding.root.origin is Origin.PREFLIGHT
        if alike not in explained:
            explained[alike] = tuple(
                Relation(target=str(root.fingerprint), why=f"explained by: {root.title}")
                for root in roots
                if _explains(root, finding)
            )
        linked.append(replace(finding, related=explained[alike]) if explained[alike] else finding)
    return sorted(linked, key=lambda found: (found.kind is Kind.WARNING, -found.count, str(found.fingerprint)))


def _explains(root: Finding, finding: Finding) -> bool:
    if root.cause is Cause.DOCKER_DAEMON and finding.root.origin is Origin.PREFLIGHT:
        return False  # a check that had its answer although the engine gave none
    if root.cause is finding.cause:
        return root.kind is Kind.INFRASTRUCTURE and finding.kind is not Kind.INFRASTRUCTURE
    return may_explain(root.cause, finding.cause)
