"""Names the cause of a failure or of a raw log: the repository's own rules first, then the reviewed table."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace

from gardener.model.cause import Cause
from gardener.model.finding import Confidence, Verdict
from gardener.model.policy import Policy, UserRule
from gardener.model.run import Failure, Origin
from gardener.model.text import CleanText
from gardener.triage.evidence import Evidence, Unit, of_failure, of_text
from gardener.triage.table import Applied, Match, RuleTable

# what these name is often only how a broken container or engine shows: docker's own evidence wins over them
_SYMPTOMS = frozenset({Cause.SERVICE_UNAVAILABLE, Cause.TIMEOUT, Cause.FIXTURE})


class Judge:
    """Names causes by one policy; for many of them at once, for what it learns of their words stays with it."""

    def __init__(self, policy: Policy) -> None:
        self._policy = policy
        self._rules = RuleTable(policy.rulebook.causes)

    def name(self, failure: Failure, *, fully: bool = True) -> Verdict:
        """The cause of one failure; `exception` with low confidence where no rule holds.

        A verdict that is not `fully` made has no runner-up: most failures then need no look around their error.
        """
        if failure.origin is Origin.PREFLIGHT and failure.exception in set(Cause):
            found = Verdict(cause=Cause(failure.exception), rule=f"preflight.{failure.subject}", quote=failure.message)
        else:
            found = _judge(of_failure(failure), self._rules, fully=fully)
        return _with_user_rule(found, self._policy.user_rules, _where(failure)) if self._policy.user_rules else found

    def classify(self, text: CleanText) -> Verdict:
        """The cause of one raw log text, with the usual severity of that cause."""
        return self.trial(text)[0]

    def trial(self, text: CleanText) -> tuple[Verdict, tuple[UserRule, ...]]:
        """The cause of one raw log text, and the repository's own rules that hold for it: the first one counts."""
        evidence = of_text(text)
        names = "\n".join(unit.exception for chain in evidence.chains for unit in chain)
        where = {"message": text, "path": text, "exception": names, "log": text}
        own = tuple(rule for rule in self._policy.user_rules if matching_user_rule([rule], where))
        found = _with_user_rule(_judge(evidence, self._rules), own, where)
        if found.severity is None:
            found = replace(found, severity=self._policy.rulebook.severities.get(found.cause))
        return found, own


def name_cause(failure: Failure, policy: Policy) -> Verdict:
    """The cause of one failure alone."""
    return Judge(policy).name(failure)


def classify(text: CleanText, policy: Policy) -> Verdict:
    """The cause of one raw log text alone."""
    return Judge(policy).classify(text)


def _where(failure: Failure) -> Mapping[str, str]:
    """What each `on` of a user rule looks at."""
    links = failure.chain
    names = [link.exception for link in links] or [failure.exception or ""]
    said = [f"{link.exception}: {link.message}" for link in links] or [f"{failure.exception}: {failure.message}"]
    frames = [frame.path for frame in failure.frames]
    return {
        "message": "\n".join(said),
        "path": "\n".join([failure.subject, *frames]),
        "exception": "\n".join(names),
        "log": f"{failure.captured}\n{failure.detail}",
    }


def matching_user_rule(
    rules: Iterable[UserRule], where: Mapping[str, str]
) -> tuple[UserRule, Mapping[str, str]] | None:
    """The first of the repository's rules that holds, with its named groups; `where` maps each `on` to its text."""
    for rule in rules:
        text = where.get(rule.on, "")
        if rule.contains is not None and rule.contains in text:
            return rule, {}
        found = re.search(rule.regex, text, re.MULTILINE) if rule.regex is not None else None
        if found:
            return rule, {name: value or "" for name, value in found.groupdict().items()}
    return None


def _with_user_rule(found: Verdict, rules: Iterable[UserRule], where: Mapping[str, str]) -> Verdict:
    matched = matching_user_rule(rules, where)
    if matched is None:
        return found
    rule, words = matched
    group = re.sub(r"\{(\w+)\}", lambda place: words.get(place[1], ""), rule.group)
    changed = replace(found, area=rule.area, group=group, ignore=rule.ignore)
    if rule.severity is not None:
        changed = replace(changed, severity=rule.severity)
    if rule.cause is None:
        return changed
    second = f"{found.rule} ({found.cause}): the repository's own rule comes first"
    return replace(changed, cause=rule.cause, rule=rule.name, confidence=Confidence.HIGH, runner_up=second)


def _judge(evidence: Evidence, rules: RuleTable, *, fully: bool = True) -> Verdict:
    """The strongest evidence decides; a weaker kind only where the stronger names a symptom or what is left over."""
    table = rules.of(evidence)
    error = _first_of([_of_chain(chain, table) for chain in evidence.chains])
    if error is not None and not fully and not _open_to_context(error, None):
        return _verdict(error)
    plain = table.first(evidence.plain)
    # around an error with a name only something of Docker's can decide
    idle = not fully and plain is None and error is not None and bool(error.unit.exception) and table.quiet
    context = table.first(evidence.context) if _open_to_context(error, plain) and not idle else None
    warned = _first_of([table.first(unit) for unit in evidence.warnings])
    winner = error
    for other, kind in ((plain, "outside"), (context, "context"), (warned, "warning")):
        if other is not None and _gives_way(winner, other, kind):
            winner = other
    if winner is None:
        return Verdict(cause=Cause.EXCEPTION, rule="exception.unknown", confidence=Confidence.LOW)
    found = _verdict(winner, certain=winner is not context)
    return replace(found, runner_up=_runner_up(winner, [error, plain, context, warned], table)) if fully else found


def _verdict(winner: Match, *, certain: bool = True) -> Verdict:
    sure = winner.rule.confidence
    return Verdict(
        cause=winner.rule.cause,
        rule=winner.rule.id,
        confidence=sure if certain or sure is not Confidence.HIGH else Confidence.MEDIUM,
        severity=winner.rule.severity,
        quote=CleanText(winner.quote),
    )


def _of_chain(chain: tuple[Unit, ...], table: Applied) -> Match | None:
    """Infrastructure anywhere in the chain; else the last error, unless it only wraps its root."""
    found = [match for unit in chain if (match := table.first(unit))]
    infrastructure = [match for match in found if match.infrastructure]
    if infrastructure:
        return min(infrastructure, key=lambda match: match.place)
    last = found[-1] if found else None
    if last is not None and last.rule.weak:
        wrapped = [match for match in found if match.unit.joint == "cause" and not match.rule.weak]
        return wrapped[0] if wrapped else last
    return last


def _first_of(matches: list[Match | None]) -> Match | None:
    """Of several tests or warnings: infrastructure before others, what is named before what is left over."""
    found = [match for match in matches if match is not None]
    return min(
        found,
        key=lambda match: (not match.infrastructure, match.rule.weak, match.place if match.infrastructure else 0),
        default=None,
    )


def _open_to_context(error: Match | None, plain: Match | None) -> bool:
    strongest = error or plain
    return strongest is None or strongest.rule.weak or strongest.rule.cause in _SYMPTOMS


def _gives_way(winner: Match | None, other: Match, kind: str) -> bool:
    """Whether weaker evidence decides after all: what stands outside the errors, in their context, in warnings."""
    if winner is None:
        return True
    if other.rule.weak or (not winner.rule.weak and winner.rule.cause not in _SYMPTOMS):
        return False
    if kind == "warning" or (winner.rule.weak and not winner.unit.exception):
        return winner.rule.weak and not winner.unit.exception
    if not winner.rule.weak or kind == "context":
        return other.docker
    died = other.docker or other.rule.cause is Cause.CRASH
    return died if winner.rule.cause is Cause.ASSERTION else other.infrastructure


def _runner_up(winner: Match, others: list[Match | None], table: Applied) -> str:
    for other in others:
        if other is not None and other.rule.cause is not winner.rule.cause:
            reason = "what only reports it" if winner.infrastructure else "weaker evidence"
            return f"{other.rule.id}: {reason}"
    later = table.first(winner.unit, after=winner)
    return f"{later.rule.id}: {'what is left over' if later.rule.weak else 'later in the table'}" if later else ""
