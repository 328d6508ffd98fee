"""Ties between findings of which only wrong values are seen, or where something gave None: their tests tell."""

import builtins
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import pairwise

from gardener.model.finding import Evidence
from gardener.model.key import Key
from gardener.model.run import Failure
from gardener.triage.chain import root_of, short
from gardener.triage.flaky import BY_CHANCE, worse_by_chance
from gardener.triage.mask import without_parameters
from gardener.triage.member import Layer, Member, Tie
from gardener.triage.places import deepest

_WORD = re.compile(r"[A-Z]?[a-z]{2,}|[A-Z]{3,}(?![a-z])")
_LOUD = 4  # how much oftener than others the tests about a word must fail, for the word to mean something
_GRAMMAR = re.compile(  # words that no test is about
    r"tests?|after|all|an[dy]?|a[st]|be|before|but|by|can|does|do|each|for|from|has|have|if|in|into|is|its?|may|must"
    r"|not?|off?|on|one|only|or|other|out|should|than|that|the|their|then|there|to|two|up|was|when|where|while|with\w*"
)
_COMMON = 0.8  # share of a group's tests whose names hold the word
_ASKED = re.compile(  # what an assert called, as pytest shows it where it was reached through a module
    r"^ \+  where [^\n]{1,400}? = (?:<(?:function|bound method) (?:[\w<>]{1,200}\.){0,9})?(?P<name>[a-z_]\w{2,200})"
    r"(?:\(| at 0x| of <)",
    re.MULTILINE,
)
_CALLS = re.compile(r"[a-z_]\w{2,200}\(")
_KEY = re.compile(r"'[A-Za-z_]\w{2,200}'")
_GIVEN = re.compile(r"(?:^|, )([a-z_]\w{1,200}) = None(?=,|$)", re.MULTILINE)
_SOME = 0.3  # share of a file's wrong values that one function gave, for code that breaks where it calls it
# or looked at
_HELD = re.compile(r"^ \+  (?:where|and  ) None = [^\n]{1,400}(?P<name>\.[a-z_]\w{2,200})$", re.MULTILINE)


def ties_of_values(groups: Mapping[Key, Sequence[Member]], evidence: Evidence) -> list[Tie]:
    """Groups that are one root although their files differ."""
    weak = {key: members for key, members in groups.items() if members[0].mark.layer is Layer.VALUE}
    return [
        *_speaking(weak, groups, evidence),
        *_asking(weak),
        *_breaking_on(weak, groups),
        *_giving_none(groups),
        *_lacking(groups),
    ]


def _speaking(
    weak: Mapping[Key, Sequence[Member]], groups: Mapping[Key, Sequence[Member]], evidence: Evidence
) -> Iterator[Tie]:
    """Wrong values in two files whose tests are about one word, when tests about that word fail far oftener."""
    if not evidence.passed or evidence.traces:  # what tests ran says more than what they are called
        return
    wrong = _functions(member for members in weak.values() for member in members)
    known = _functions(member for members in groups.values() for member in members)
    known |= {without_parameters(node) for node in evidence.passed}
    failing = Counter(word for node in wrong for word in _words(node))
    total = Counter(word for node in known for word in _words(node))
    usual = len(wrong) / max(len(known), 1)
    loud = {
        word
        for word, count in failing.items()
        if count >= _LOUD * usual * total[word]
        and worse_by_chance(len(wrong) - count, len(known) - total[word], count, total[word]) < BY_CHANCE
    }
    topics = {
        key: {word for word, share in _shares(members).items() if share >= _COMMON} & loud
        for key, members in weak.items()
    }
    for one, other, word in _sharing(topics):
        why = f"{failing[word]} of the {total[word]} tests about “{word}” fail, in both files"
        yield Tie(key=other, to=one, why=why)


def _asking(weak: Mapping[Key, Sequence[Member]]) -> Iterator[Tie]:
    """Wrong values in two files that most assertions of both got from one function, or None from one attribute."""
    asked = {}
    for key, members in weak.items():
        counts = Counter(name for member in members for name in _called(member.failure.message))
        asked[key] = {name for name, count in counts.items() if count >= _COMMON * len(members)}
    for one, other, name in _sharing(asked):
        told = f"what {name}) gives is wrong" if name.endswith("(") else f"{name} is None"
        yield Tie(key=other, to=one, why=f"{told} in both files")


def _breaking_on(weak: Mapping[Key, Sequence[Member]], groups: Mapping[Key, Sequence[Member]]) -> Iterator[Tie]:
    """Code of the product that breaks in a line where it calls a function which gave the wrong values of one file."""
    gave: dict[str, set[Key]] = defaultdict(set)
    for key, members in weak.items():
        counts = Counter(name for member in members for name in _called(member.failure.message))
        for name, count in counts.items():
            if count >= _SOME * len(members):
                gave[name].add(key)
    for key, members in groups.items() if gave else ():
        if members[0].mark.kind == "raised":
            frames = [deepest(root_of(member.failure).frames) for member in members]
            called = set.intersection(*(set(_CALLS.findall((frame and frame.code) or "")) for frame in frames))
            wrong = sorted((other, name) for name in called for other in gave.get(name, ()))
            if len(wrong) == 1:
                yield Tie(
                    key=key, to=wrong[0][0], why=f"it breaks where it calls {wrong[0][1]}), which gave wrong values"
                )


def _giving_none(groups: Mapping[Key, Sequence[Member]]) -> Iterator[Tie]:
    """Something gave None: what was done with it failed in the same words in several places, or a fixture gave it."""
    said: dict[Key, set[str]] = defaultdict(set)
    for key, members in groups.items():
        for member in members if members[0].mark.kind in ("none", "raised") else ():
            root = root_of(member.failure)
            if "'NoneType'" in root.message:
                words = root.message.partition("\n")[0]
                said[key].add(f"each says “{words}”")
                said[key].update(f"the fixture {name} gave it" for name in _given_none(member.failure))
    for one, other, told in _sharing(said):
        yield Tie(key=other, to=one, why=f"None came where a value was due, and {told}")


def _lacking(groups: Mapping[Key, Sequence[Member]]) -> Iterator[Tie]:
    """Several places ask for one key that is not there."""
    asked: dict[Key, set[str]] = defaultdict(set)
    for key, members in groups.items():
        for member in members if members[0].mark.kind in ("raised", "fixture") else ():
            root = root_of(member.failure)
            if short(root.exception) == "KeyError" and _KEY.fullmatch(root.message):
                asked[key].add(root.message)
    for one, other, name in _sharing(asked):
        yield Tie(key=other, to=one, why=f"there is no {name} in what both ask")


def _given_none(failure: Failure) -> set[str]:
    """The fixtures that were None, as pytest shows them above the test, where its line that broke uses them."""
    head = failure.detail.partition("\n\n")[0]
    code = failure.frames[0].code if failure.frames and "None" not in failure.subject else ""
    return {name for name in _GIVEN.findall(head) if re.search(rf"\b{name}\b", code or "")}


def _sharing(topics: Mapping[Key, set[str]]) -> Iterator[tuple[Key, Key, str]]:
    """Keys that have a topic in common, each with the next of them, and the first of these topics."""
    shared: dict[tuple[Key, Key], str] = {}
    for topic in sorted({topic for own in topics.values() for topic in own}):
        for pair in pairwise(sorted(key for key, own in topics.items() if topic in own)):
            shared.setdefault(pair, topic)
    return ((one, other, topic) for (one, other), topic in sorted(shared.items()))


def _called(message: str) -> set[str]:
    if " +  " not in message:
        return set()
    called = {f"{name}(" for name in _ASKED.findall(message[:4000]) if not hasattr(builtins, name)}
    return called | set(_HELD.findall(message[:4000]))


def _functions(members: Iterable[Member]) -> set[str]:
    return {without_parameters(member.failure.subject) for member in members}


def _shares(members: Sequence[Member]) -> dict[str, float]:
    nodes = _functions(members)
    return {word: count / len(nodes) for word, count in Counter(w for node in nodes for w in _words(node)).items()}


def _words(node: str) -> set[str]:
    """The words of a test's name and class, without its file."""
    name = node.partition("::")[2].replace("_", " ")
    return {word for word in map(str.lower, _WORD.findall(name)) if not _GRAMMAR.fullmatch(word)}
