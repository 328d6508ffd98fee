"""The rule table, applied to the units of one failure's evidence; finds the few rules that can hold at all first."""

import itertools
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from gardener.model.cause import CauseGroup
from gardener.model.policy import CauseRule, Look, Pattern
from gardener.sieve import Sieve
from gardener.triage.evidence import HEDGES, Evidence, Unit

_LONGEST_QUOTE = 240
_MOST_MATCHES = 8  # of one pattern, where `unless` excludes lines
_LETTERS = {sign: chr(sign) if chr(sign).islower() else " " for sign in range(128)}  # splits faster than a regex finds
_GRAM = 3  # letters by which the words of patterns are found in the words of a text
_DOCKER = "docker-"
_ERRORS = 1_000  # that are remembered
_REMEMBERED = 50_000  # words; a text of random letters must not fill the memory


@dataclass(frozen=True, slots=True)
class Match:
    """A rule that holds for a unit of the evidence; `place` orders rules as the table does."""

    rule: CauseRule
    place: int
    unit: Unit
    quote: str

    @property
    def infrastructure(self) -> bool:
        """Whether it names something outside the code, for certain."""
        return self.rule.cause.group is CauseGroup.INFRASTRUCTURE and not self.rule.weak

    @property
    def docker(self) -> bool:
        """Whether it names something of Docker's."""
        return self.rule.cause.startswith(_DOCKER)


class Index:
    """Patterns by a word that each of them needs: of thousands, the few that a text may match.

    A run of letters that a pattern needs stands within one word of every text that it matches.
    """

    def __init__(self, patterns: Iterable[Pattern]) -> None:
        self._wordless: list[int] = []
        self._needing: dict[str, list[tuple[str, int]]] = defaultdict(list)
        self._known: dict[str, tuple[int, ...]] = {}
        literals = list[str]()
        for number, pattern in enumerate(patterns):
            for word in pattern.words:
                self._needing[word[:_GRAM]].append((word, number))
            if not pattern.words:
                self._wordless.append(number)
                literals.append(pattern.literal.lower())
        self._literals = Sieve.of(literals)

    def found(self, text: str) -> list[int]:
        """The numbers of the patterns that may match a part of an ASCII text of lower case, in their order."""
        numbers = set(self._wordless) if self._literals(text) else set[int]()
        for word in set(text.translate(_LETTERS).split()):
            known = self._known.get(word)
            if known is None:
                known = self._learned(word)
            if known:
                numbers.update(known)
        return sorted(numbers)

    def _learned(self, word: str) -> tuple[int, ...]:
        if len(self._known) >= _REMEMBERED:
            self._known.clear()
        grams = {word[at : at + _GRAM] for at in range(len(word) - _GRAM + 1)}
        needing = (pair for gram in grams for pair in self._needing.get(gram, ()))
        self._known[word] = known = tuple(number for run, number in needing if run in word)
        return known


class RuleTable:
    """The reviewed rules in their order, ready to be applied to any number of failures."""

    def __init__(self, rules: Sequence[CauseRule]) -> None:
        self.rules = rules
        patterns = [(place, rule, pattern) for place, rule in enumerate(rules) for pattern in rule.any]
        self._said = [(place, pattern) for place, rule, pattern in patterns if rule.look is Look.SAID]
        self._index = Index(pattern for _, pattern in self._said)
        self.exact = [(place, pattern) for place, rule, pattern in patterns if rule.look is Look.EXACT]
        self.compared = [(place, pattern) for place, rule, pattern in patterns if rule.look is Look.DATA]
        self.compares = Sieve.over(pattern.source for _, pattern in self.compared)
        self.anywhere = [(place, pattern) for place, rule, pattern in patterns if rule.look is Look.ALL]
        telling = [p for _, rule, p in patterns if rule.look is Look.ALL or rule.cause.startswith(_DOCKER)]
        self._around = Sieve.of(
            [*HEDGES, *(word.lower() for p in telling for word in ((p.literal,) if p.literal else p.words))]
        )
        self._typed: dict[str, tuple[frozenset[int], tuple[int, ...]]] = {}
        self._spoken: dict[tuple[str, str], Mapping[int, Sequence[Pattern]]] = {}  # many tests fail by one error

    def of(self, evidence: Evidence) -> "Applied":
        """The table, applied to the evidence of one failure."""
        return Applied(self, evidence)

    def spoken_for(self, exception: str, said: str) -> Mapping[int, Sequence[Pattern]]:
        """By place the rules that may hold for what an error says, with those of their patterns that may match."""
        known = self._spoken.get((exception, said))
        if known is None:
            if len(self._spoken) >= _ERRORS:
                self._spoken.clear()
            allowed, bare = self.open_to(exception)
            candidates: dict[int, list[Pattern]] = {place: [] for place in bare}
            for place, pattern in map(self._said.__getitem__, self._index.found(said)):
                if place in allowed and pattern.may_match(said):
                    candidates.setdefault(place, []).append(pattern)
            self._spoken[exception, said] = known = dict(sorted(candidates.items()))
        return known

    def knows(self, evidence: Evidence) -> bool:
        """Whether what stands around the errors may hold something of Docker's, or for a rule that looks anywhere."""
        return evidence.unsorted is None or self._around(evidence.unsorted)

    def open_to(self, exception: str) -> tuple[frozenset[int], tuple[int, ...]]:
        """By their place the rules that an exception's name allows; and those of them that need no pattern."""
        if exception not in self._typed:
            names = _names(exception)
            fits = [
                place for place, r in enumerate(self.rules) if not r.exceptions or not r.exceptions.isdisjoint(names)
            ]
            self._typed[exception] = frozenset(fits), tuple(place for place in fits if not self.rules[place].any)
        return self._typed[exception]


class Applied:
    """The rules that hold for the units of one failure's evidence."""

    def __init__(self, table: RuleTable, evidence: Evidence) -> None:
        self._table = table
        self._evidence = evidence
        self._candidates: dict[int, Mapping[int, Sequence[Pattern]]] = {}  # by the id of the unit

    @cached_property
    def quiet(self) -> bool:
        """Whether nothing of Docker's stands around the errors, and nothing for a rule that looks anywhere."""
        return not self._table.knows(self._evidence)

    def first(self, unit: Unit, after: Match | None = None) -> Match | None:
        """The first rule that holds for a unit; with `after`, the next one of another cause."""
        return next(self._matches(unit, after), None)

    def _matches(self, unit: Unit, after: Match | None) -> Iterator[Match]:
        if not unit.said and not unit.data:
            return
        if id(unit) not in self._candidates:
            self._candidates[id(unit)] = self._candidates_for(unit)
        for place, patterns in self._candidates[id(unit)].items():
            rule = self._table.rules[place]
            if after is not None and (place <= after.place or rule.cause is after.rule.cause):
                continue
            if rule.where and rule.where.isdisjoint(self._evidence.where):
                continue
            quote = self._quote(rule, patterns, unit)
            if quote is not None:
                yield Match(rule, place, unit, quote)

    def _candidates_for(self, unit: Unit) -> Mapping[int, Sequence[Pattern]]:
        """The rules that may hold, by their place, with those of their patterns that may match."""
        looks = [(self._table.exact, unit.original)]
        if unit.data and self._table.compares(unit.data):
            looks.append((self._table.compared, unit.data))
        if not self.quiet:
            looks.append((self._table.anywhere, self._evidence.whole))
        candidates = self._table.spoken_for(unit.exception, unit.said)
        found = [each for patterns, text in looks for each in patterns if each[1].may_match(text)]
        allowed, _ = self._table.open_to(unit.exception) if found else (frozenset[int](), ())
        more = defaultdict[int, list[Pattern]](list, {place: [*patterns] for place, patterns in candidates.items()})
        for place, pattern in found:
            if place in allowed:
                more[place].append(pattern)
        return dict(sorted(more.items())) if found else candidates

    def _text(self, unit: Unit, look: Look) -> str:
        match look:
            case Look.SAID:
                return unit.said
            case Look.EXACT:
                return unit.original
            case Look.DATA:
                return unit.data
            case Look.ALL:
                return self._evidence.whole

    def _surrounded(self, context: Iterable[Pattern]) -> bool:
        """Whether one of the patterns is found anywhere in the evidence."""
        unsorted = self._evidence.unsorted
        if unsorted is not None and self.quiet:
            context = [pattern for pattern in context if pattern.may_match(unsorted)]
        return any(pattern.find(self._evidence.whole) for pattern in context)

    def _quote(self, rule: CauseRule, patterns: Iterable[Pattern], unit: Unit) -> str | None:
        """The line that a rule's patterns matched; None where a condition does not hold."""
        text = self._text(unit, rule.look)
        if rule.context and not self._surrounded(rule.context):
            return None
        original = unit.original if rule.look in (Look.SAID, Look.EXACT) else text
        if not rule.any:
            refused = any(pattern.find(text) for pattern in rule.unless)
            return None if refused else _line_at(original, 0)[:_LONGEST_QUOTE]
        for place in _places(patterns, text):
            if not rule.unless or not any(pattern.find(_line_at(text, place)) for pattern in rule.unless):
                return _line_at(original, place)[:_LONGEST_QUOTE]
        return None


def _places(patterns: Iterable[Pattern], text: str) -> Iterator[int]:
    """Where patterns match, the first few of each."""
    for pattern in patterns:
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
