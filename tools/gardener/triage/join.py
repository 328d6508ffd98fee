"""Joins groups of failures whose own texts differ although they are one root."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import pairwise

from gardener.model.finding import Evidence
from gardener.model.key import Key
from gardener.model.run import Failure, Origin
from gardener.triage.chain import is_outside, root_of, short
from gardener.triage.mask import file_of
from gardener.triage.member import Member, Tie
from gardener.triage.names import named_in
from gardener.triage.places import deepest, site
from gardener.triage.values import ties_of_values

_UNAWAITED = re.compile(r"coroutine '(?P<owner>\w{1,200})\.(?P<method>\w{1,200})' was never awaited")
_COROUTINE = re.compile(r"coroutine '(?P<name>[\w.<>]{1,200})' was never awaited")
SENTENCE = 3  # words that a refusal must have to be known again
_SAID = re.compile(r"[a-z]{3,}")
_UNITTEST_SELF = re.compile(r"^self = <[\w.]{1,300} testMethod=", re.MULTILINE)
_PLAIN_SELF = re.compile(r"^self = <[\w.]{1,300} object at 0x", re.MULTILINE)  # unittest shows the name of the test
_PLAIN_WHY = "these are plain classes that lack several things: nothing calls their set-up"
_HOLDERS = ("bytes", "dict", "frozenset", "list", "set", "tuple")  # nobody asks them for two attributes by mistake
_SEVERAL = 3  # two classes may have forgotten the same thing, each by itself
_MANY = 5  # callers of one function, each of which may have come to ask wrongly by itself
_EMPTY = "(unknown location)"  # the package is a folder without __init__.py


def grouped(members: Iterable[Member]) -> dict[Key, list[Member]]:
    """Members by their key."""
    groups: dict[Key, list[Member]] = defaultdict(list)
    for member in members:
        groups[member.key].append(member)
    return groups


def unawaited_in(failures: Iterable[Failure]) -> dict[str, set[str]]:
    """By file the coroutines of which Python warned there that nothing awaits them."""
    told: dict[str, set[str]] = defaultdict(set)
    for failure in failures:
        found = _COROUTINE.search(failure.message[:400]) if failure.origin is Origin.WARNING else None
        if found:
            for place in failure.places:
                told[place.rpartition(":")[0]].add(found["name"])
    return told


def ties_between(
    groups: Mapping[Key, Sequence[Member]], evidence: Evidence, unawaited: Mapping[str, set[str]]
) -> list[Tie]:
    """Groups that are one root although their keys differ. `unawaited` is what `unawaited_in` gives."""
    return [
        *_of_one_coroutine(groups, unawaited),
        *_quoting(groups),
        *refusing(groups),
        *_broken_at(groups),
        *ties_of_values(groups, evidence),
        *_never_awaited(groups),
        *_of_one_base(groups, evidence),
        *_lacking_alike(groups),
        *_missing_alike(groups),
        *_of_one_owner(groups),
        *_called_from_one_line(groups),
    ]


def _quoting(groups: Mapping[Key, Sequence[Member]]) -> list[Tie]:
    """Assertions quote an error that another group raises: same type, same words."""
    quoting = {}
    for key, members in groups.items():
        mark = members[0].mark
        if mark.kind == "name" and not mark.place:
            quoting[key] = "NameError", f"name '{mark.name}' is not defined"
        elif mark.kind == "quoted":
            exception, _, said = mark.name.partition(": ")
            quoting[key] = exception, said
    raised: dict[str, set[tuple[Key, str]]] = defaultdict(set)
    for key, members in groups.items() if quoting else ():
        for member in members:
            if member.mark.kind in ("raised", "refused", "outside") or (
                member.mark.kind == "name" and member.mark.place
            ):
                root = root_of(member.failure)
                raised[short(root.exception)].add((key, _words_said(root.message)))
    ties = []
    for key, (exception, said) in quoting.items():
        words = _words_said(said)
        same = {other for other, told in raised[exception] if told and (told in words or words in told)}
        if len(same) == 1:
            why = f"the assertions quote the {exception} that is raised there"
            ties.append(Tie(key=key, to=next(iter(same)), why=why))
    return ties


def refusing(groups: Mapping[Key, Sequence[Member]]) -> list[Tie]:
    """The product refuses at several places with the words of one: the others pass its refusal on."""
    refused = {key: members for key, members in sorted(groups.items()) if members[0].mark.kind == "refused"}
    first = {key: _refusal(members[0]) for key, members in refused.items()}
    saying: dict[str, list[Key]] = defaultdict(list)
    for key, (_, words) in first.items():
        for word in set(words.split()):
            saying[word].append(key)
    told: dict[Key, set[tuple[str, str]]] = {}
    ties = []
    for inner, (exception, words) in first.items():
        if words.count(" ") < SENTENCE - 1 or any(_refusal(each) != first[inner] for each in refused[inner]):
            continue
        # the words between the first and the last stand whole wherever the sentence does
        rarest = min(words.split()[1:-1], key=lambda word: len(saying[word]))
        for outer in saying[rarest]:
            if outer == inner or first[outer][0] != exception or words not in first[outer][1]:
                continue
            if outer not in told:
                told[outer] = {_refusal(each) for each in refused[outer]}
            if all(other == exception and words in more for other, more in told[outer]):
                ties.append(Tie(key=outer, to=inner, why=f"each {exception} there says “{words}”"))
    return ties


def _refusal(member: Member) -> tuple[str, str]:
    return member.mark.name, _words_said(root_of(member.failure).message)


def _broken_at(groups: Mapping[Key, Sequence[Member]]) -> Iterator[Tie]:
    """One function of the product breaks by errors of several types: they are what it met or made of it.

    Not those of the world outside, which may come over any function. A function that refuses on behalf of many callers
    at once is wrong itself.
    """
    first: dict[str, Key] = {}
    asking: dict[str, list[Key]] = defaultdict(list)
    for key in sorted(groups):
        mark = groups[key][0].mark
        own = mark.kind in ("refused", "raised", "call") and not is_outside(mark.name)
        if own and "::" in mark.place and first.setdefault(mark.place, key) != key:
            yield Tie(key=key, to=first[mark.place], why=f"both are raised at the same place, {mark.place}")
        raising = deepest(root_of(groups[key][0].failure).frames) if mark.kind == "refused" else None
        if raising and site(raising) != mark.place:
            asking[site(raising)].append(key)
    for place, keys in asking.items():
        for key in keys[1:] if len(keys) >= _MANY else ():
            yield Tie(key=key, to=keys[0], why=f"{place} refuses what {len(keys)} callers ask")


def _words_said(message: str) -> str:
    return " ".join(word for word in _SAID.findall(message[:4000].lower()) if word != "errno")


def _never_awaited(groups: Mapping[Key, Sequence[Member]]) -> list[Tie]:
    """Test classes that were never set up, and Python's own warning that nothing awaited their set-up."""
    classes = {
        members[0].mark.name.rpartition("::")[2]: key
        for key, members in groups.items()
        if members[0].mark.kind == "set-up"
    }
    ties = []
    for key, members in groups.items():
        told = _UNAWAITED.search(members[0].failure.message[:400])
        if told and members[0].mark.kind == "warning" and told["owner"] in classes:
            why = f"Python warns that nothing awaits {told['owner']}.{told['method']}"
            ties.append(Tie(key=key, to=classes[told["owner"]], why=why))
    return ties


def _of_one_coroutine(groups: Mapping[Key, Sequence[Member]], unawaited: Mapping[str, set[str]]) -> list[Tie]:
    """Tests that got a coroutine for a value, in files where only one function gives what nothing awaits."""
    called = defaultdict(set, {path: set(names) for path, names in unawaited.items()})
    known: dict[str, Key] = {}
    nameless: list[tuple[Key, str]] = []
    for key in sorted(groups):
        mark = groups[key][0].mark
        if mark.kind == "coroutine" and mark.name:
            known[mark.name] = key
            for member in groups[key]:
                called[file_of(member.failure.subject)].add(mark.name)
        elif mark.kind == "coroutine":
            nameless.append((key, mark.place))
    ties = []
    for key, path in nameless:
        name = next(iter(called[path]), "")
        if len(called[path]) == 1 and known.setdefault(name, key) != key:
            ties.append(Tie(key=key, to=known[name], why=f"only what {name} gives is never awaited in {path}"))
    return ties


def _of_one_base(groups: Mapping[Key, Sequence[Member]], evidence: Evidence) -> list[Tie]:
    """Test classes that were never set up and share their base: it does not call set-up methods."""
    bases = {f"{item.path}::{item.name}": item.bases for item in evidence.definitions if item.kind == "class"}
    unawaited = {tie.to for tie in _never_awaited(groups)}  # each has its own reason; unittest does call set-ups
    first: dict[tuple[str, ...], Key] = {}
    ties = []
    for key in sorted(groups):
        mark = groups[key][0].mark
        base = bases.get(mark.name, ()) if mark.kind == "set-up" and key not in unawaited else ()
        if not base or any(_UNITTEST_SELF.search(each.failure.detail) for each in groups[key]):
            continue
        if first.setdefault(base, key) != key:
            why = f"both classes stand on {', '.join(base)}, which never calls their set-up"
            ties.append(Tie(key=key, to=first[base], why=why, evidence="sources"))
    return ties


def _lacking_alike(groups: Mapping[Key, Sequence[Member]]) -> list[Tie]:
    """Test classes that were never set up for one reason: their set-up stands where nothing calls it.

    Not those of which Python says that nothing awaits their set-up: each has its own reason. Plain classes need only
    lack several things. Others, as a unittest class calls its set-up, must lack the very same, and be several.
    """
    unawaited = {tie.to for tie in _never_awaited(groups)}
    alike: dict[str, list[Key]] = defaultdict(list)
    for key, members in sorted(groups.items()):
        if members[0].mark.kind == "set-up" and key not in unawaited:
            texts = [text for each in members for text in (root_of(each.failure).message, each.failure.message)]
            lacks = sorted({named.name for text in texts if (named := named_in(text))})
            plain = len(lacks) > 1 and any(_PLAIN_SELF.search(each.failure.detail) for each in members)
            alike[_PLAIN_WHY if plain else f"these classes lack only {', '.join(lacks)}"].append(key)
    return [
        Tie(key=key, to=keys[0], why=why)
        for why, keys in alike.items()
        if why == _PLAIN_WHY or len(keys) >= _SEVERAL
        for key in keys[1:]
    ]


def _called_from_one_line(groups: Mapping[Key, Sequence[Member]]) -> Iterator[Tie]:
    """One line of the product calls several functions in a way that none of them expects: the line is wrong."""
    first: dict[tuple[str, int], Key] = {}
    for key in sorted(groups):
        if groups[key][0].mark.kind in ("signature", "call"):
            frames = {deepest(root_of(member.failure).frames) for member in groups[key]}
            lines = {(frame.path, frame.line or 0) if frame else ("", 0) for frame in frames}
            line = lines.pop()
            if not lines and line[1] and first.setdefault(line, key) != key:
                yield Tie(key=key, to=first[line], why=f"the same line of {line[0]} calls both")


def _of_one_owner(groups: Mapping[Key, Sequence[Member]]) -> Iterator[Tie]:
    """One class lacks several attributes: it lost the base that they came from, or another object came in its place."""
    lacking: dict[str, list[Key]] = defaultdict(list)
    for key in sorted(groups):
        first = groups[key][0]
        named = named_in(root_of(first.failure).message) if first.mark.kind in ("attribute", "type") else None
        if named and (named.owner or named.kind == "type"):
            lacking[named.owner or named.name].append(key)
    for owner, keys in lacking.items():
        misplaced = owner in _HOLDERS or any(groups[key][0].mark.kind == "type" for key in keys)
        for key in keys[1:] if misplaced or len(keys) >= _SEVERAL else ():
            yield Tie(key=key, to=keys[0], why=f"{owner} lacks {len(keys)} attributes")


def _missing_alike(groups: Mapping[Key, Sequence[Member]]) -> list[Tie]:
    """One name is missing as an attribute, in a mock or in an import; or in a package that has nothing left."""
    missing = sorted(
        (members[0].mark.name, key)
        for key, members in groups.items()
        if members[0].mark.kind in ("attribute", "mock", "import")
    )
    ties = [
        Tie(key=other, to=key, why=f"{name} is missing in both")
        for (name, key), (another, other) in pairwise(missing)
        if name == another
    ]
    empty = {name: key for name, key in missing if _EMPTY in groups[key][0].failure.message}
    for name, key in missing:
        package = name.rpartition(".")[0]
        if package in empty:
            ties.append(
                Tie(
                    key=key,
                    to=empty[package],
                    why=f"{name} is missing, and nothing else can be imported from {package}",
                )
            )
    return ties
