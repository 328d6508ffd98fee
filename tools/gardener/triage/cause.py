"""Names the cause of a failure or of a raw log: the repository's own rules first, then the reviewed table."""

import itertools
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from gardener.model.cause import Cause, CauseGroup
from gardener.model.finding import Confidence, Verdict
from gardener.model.policy import CauseRule, Look, Pattern, Policy, Rulebook, UserRule
from gardener.model.run import Failure, Origin
from gardener.model.text import CleanText
from gardener.triage.evidence import Evidence, Unit, of_failure, of_text

_LONGEST_QUOTE = 240
_MOST_MATCHES = 8  # of one pattern, where `unless` excludes lines
# what these name is often only how a broken container or engine shows: docker's own evidence wins over them
_SYMPTOMS = frozenset({Cause.SERVICE_UNAVAILABLE, Cause.TIMEOUT, Cause.FIXTURE})


@dataclass(frozen=True, slots=True)
class _Match:
    """A rule that holds for a unit of the evidence; `place` orders rules as the table does."""

    rule: CauseRule
    place: int
    unit: Unit
    quote: str

    @property
    def infrastructure(self) -> bool:
        return self.rule.cause.group is CauseGroup.INFRASTRUCTURE and not self.rule.weak

    @property
    def docker(self) -> bool:
        return self.rule.cause.startswith("docker-")


def name_cause(failure: Failure, policy: Policy) -> Verdict:
    """The cause of one failure; `exception` with low confidence where no rule holds."""
    if failure.origin is Origin.PREFLIGHT and failure.exception in set(Cause):
        found = Verdict(cause=Cause(failure.exception), rule=f"preflight.{failure.subject}", quote=failure.message)
    else:
        found = _judge(of_failure(failure), policy.rulebook)
    links = failure.chain
    names = [link.exception for link in links] or [failure.exception or ""]
    said = [f"{link.exception}: {link.message}" for link in links] or [f"{failure.exception}: {failure.message}"]
    frames = [frame.path for frame in failure.frames]
    where = {
        "message": "\n".join(said),
        "path": "\n".join([failure.subject, *frames]),
        "exception": "\n".join(names),
        "log": f"{failure.captured}\n{failure.detail}",
    }
    return _with_user_rule(found, policy.user_rules, where)


def classify(text: CleanText, policy: Policy) -> Verdict:
    """The cause of one raw log text, with the usual severity of that cause."""
    evidence = of_text(text)
    names = "\n".join(unit.exception for chain in evidence.chains for unit in chain)
    where = {"message": text, "path": text, "exception": names, "log": text}
    found = _with_user_rule(_judge(evidence, policy.rulebook), policy.user_rules, where)
    if found.severity is None:
        return replace(found, severity=policy.rulebook.severities.get(found.cause))
    return found


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


def _judge(evidence: Evidence, rulebook: Rulebook) -> Verdict:
    """The strongest evidence decides; a weaker kind only where the stronger names a symptom or what is left over."""
    table = _Table(rulebook, evidence)
    error = _first_of([_of_chain(chain, table) for chain in evidence.chains])
    plain = table.first(evidence.plain)
    context = table.first(evidence.context) if _open_to_context(error, plain) else None
    warned = _first_of([table.first(unit) for unit in evidence.warnings])
    winner = error
    for other, kind in ((plain, "outside"), (context, "context"), (warned, "warning")):
        if other is not None and _gives_way(winner, other, kind):
            winner = other
    if winner is None:
        return Verdict(cause=Cause.EXCEPTION, rule="exception.unknown", confidence=Confidence.LOW)
    sure = winner.rule.confidence
    return Verdict(
        cause=winner.rule.cause,
        rule=winner.rule.id,
        confidence=Confidence.MEDIUM if winner is context and sure is Confidence.HIGH else sure,
        severity=winner.rule.severity,
        quote=CleanText(winner.quote),
        runner_up=_runner_up(winner, [error, plain, context, warned], table),
    )


def _of_chain(chain: tuple[Unit, ...], table: "_Table") -> _Match | None:
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


def _first_of(matches: list[_Match | None]) -> _Match | None:
    """Of several tests or warnings: infrastructure before others, what is named before what is left over."""
    found = [match for match in matches if match is not None]
    return min(
        found,
        key=lambda match: (not match.infrastructure, match.rule.weak, match.place if match.infrastructure else 0),
        default=None,
    )


def _open_to_context(error: _Match | None, plain: _Match | None) -> bool:
    strongest = error or plain
    return strongest is None or strongest.rule.weak or strongest.rule.cause in _SYMPTOMS


def _gives_way(winner: _Match | None, other: _Match, kind: str) -> bool:
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


def _runner_up(winner: _Match, others: list[_Match | None], table: "_Table") -> str:
    for other in others:
        if other is not None and other.rule.cause is not winner.rule.cause:
            reason = "what only reports it" if winner.infrastructure else "weaker evidence"
            return f"{other.rule.id}: {reason}"
    later = table.first(winner.unit, after=winner)
    return f"{later.rule.id}: {'what is left over' if later.rule.weak else 'later in the table'}" if later else ""


class _Table:
    """The rule table, applied to the units of one failure's evidence."""

    def __init__(self, rulebook: Rulebook, evidence: Evidence) -> None:
        self._rules = rulebook.causes
        self._where = evidence.where
        self._whole = evidence.whole

    def first(self, unit: Unit, after: _Match | None = None) -> _Match | None:
        """The first rule that holds for a unit; with `after`, the next one of another cause."""
        return next(self._matches(unit, after), None)

    def _matches(self, unit: Unit, after: _Match | None) -> Iterator[_Match]:
        if not unit.said and not unit.data:
            return
        names = _names(unit.exception)
        for place, rule in enumerate(self._rules):
            if after is not None and (place <= after.place or rule.cause is after.rule.cause):
                continue
            if (rule.exceptions and rule.exceptions.isdisjoint(names)) or (
                rule.where and rule.where.isdisjoint(self._where)
            ):
                continue
            quote = self._quote(rule, unit)
            if quote is not None:
                yield _Match(rule, place, unit, quote)

    def _quote(self, rule: CauseRule, unit: Unit) -> str | None:
        """The line that a rule's patterns matched; None where a condition does not hold."""
        text = {Look.SAID: unit.said, Look.EXACT: unit.original, Look.DATA: unit.data, Look.ALL: self._whole}[rule.look]
        if rule.context and not any(pattern.find(self._whole) for pattern in rule.context):
            return None
        original = unit.original if rule.look in (Look.SAID, Look.EXACT) else text
        if not rule.any:
            refused = any(pattern.find(text) for pattern in rule.unless)
            return None if refused else _line_at(original, 0)[:_LONGEST_QUOTE]
        for place in _places(rule.any, text):
            if not rule.unless or not any(pattern.find(_line_at(text, place)) for pattern in rule.unless):
                return _line_at(original, place)[:_LONGEST_QUOTE]
        return None


def _places(patterns: Iterable[Pattern], text: str) -> Iterator[int]:
    """Where patterns match, the first few of each."""
    for pattern in patterns:
        if pattern.literal in text:
            yield from (found.start() for found in itertools.islice(pattern.regex.finditer(text), _MOST_MATCHES))


def _names(exception: str) -> frozenset[str]:
    """What a rule may call an exception: its short name, its full one, a package of it, or "*" for any."""
    if not exception:
        return frozenset()
    parts = exception.split(".")
    packages = {".".join(parts[:i]) + ".*" for i in range(1, len(parts))}
    return frozenset({parts[-1], exception, *packages, "*"})


def _line_at(text: str, place: int) -> str:
    start = text.rfind("\n", 0, place) + 1
    end = text.find("\n", place)
    return text[start : end if end >= 0 else len(text)].strip()
