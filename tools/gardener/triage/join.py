"""Joins failures whose own texts differ: what only shows that something broke, to what broke."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import pairwise

from gardener.model.finding import Evidence
from gardener.model.key import Key
from gardener.model.run import Failure, Origin
from gardener.triage.chain import is_outside, root_of, short
from gardener.triage.keys import printed_key
from gardener.triage.mask import file_of, without_parameters
from gardener.triage.member import Layer, Member, Tie
from gardener.triage.names import named_in, saw_nothing
from gardener.triage.places import deepest, site
from gardener.triage.values import ties_of_values

_UNAWAITED = re.compile(r"coroutine '(?P<owner>\w{1,200})\.(?P<method>\w{1,200})' was never awaited")
_COROUTINE = re.compile(r"coroutine '(?P<name>[\w.<>]{1,200})' was never awaited")
_LONG = 4  # letters of a name that stands in a test's name for no other reason
_SENTENCE = 3  # words that a refusal must have to be known again
_ACCEPTED = re.compile(r"DID NOT RAISE (?:<class ')?(?P<type>[\w.]{1,200})")
_SHOWN = re.compile(r"""(['"])((?:(?!\1)[^\n]){1,300})\1""")
_SAID = re.compile(r"[a-z]{3,}")
_UNITTEST_SELF = re.compile(r"^self = <[\w.]{1,300} testMethod=", re.MULTILINE)
_PLAIN_SELF = re.compile(r"^self = <[\w.]{1,300} object at 0x", re.MULTILINE)  # unittest shows the name of the test
_PLAIN_WHY = "these are plain classes that lack several things: nothing calls their set-up"
_HOLDERS = ("bytes", "dict", "frozenset", "list", "set", "tuple")  # nobody asks them for two attributes by mistake
_SEVERAL = 3  # two classes may have forgotten the same thing, each by itself
_OF_CODE = ("raised", "refused")
_MANY = 5  # callers of one function, each of which may have come to ask wrongly by itself
_EMPTY = "(unknown location)"  # the package is a folder without __init__.py


class _Met:
    """The errors of a run by where they are met: of test functions and of files, crashes, refusals, words."""

    def __init__(self, members: Sequence[Member]) -> None:
        self.errors: dict[str, set[Key]] = defaultdict(set)
        self.crashes: dict[str, set[Key]] = defaultdict(set)
        self.refusals: dict[tuple[str, str], set[Key]] = defaultdict(set)
        self.said: dict[str, set[Key]] = defaultdict(set)
        self.known: set[Key] = {member.key for member in members if member.mark.layer is not Layer.VALUE}
        one = {tie.key: tie.to for tie in _refusing(grouped(members))}
        for member in members:
            test = without_parameters(member.failure.subject)
            if member.mark.absorbs:
                self.errors[test].add(member.key)
                self.errors[file_of(test)].add(member.key)
            if member.mark.kind == "raised" and not is_outside(member.mark.name):
                self.crashes[test].add(member.key)
            said = root_of(member.failure).message.partition("\n")[0] if member.mark.kind in _OF_CODE else ""
            if said.count(" ") >= _SENTENCE - 1:
                self.said[said].add(member.key)
            if member.mark.kind == "refused":
                self.refusals[file_of(test), member.mark.name].add(one.get(member.key, member.key))

    def by(self, failure: Failure) -> Iterator[tuple[set[Key], bool, str]]:
        """The errors that a wrong value may come of, whether it shows their cause, and why; the surest first."""
        test = without_parameters(failure.subject)
        printed = printed_key(failure)
        yield self.known & {printed} if printed else set(), False, f"{test} printed this error, which others meet"
        shown = _SHOWN.findall(failure.message[:4000]) if self.said else ()
        quoted = {key for _, text in shown for key in self.said.get(text, ())}
        yield quoted, False, f"{test} shows what is said where this error is raised"
        yield self.crashes[test], True, f"{test} crashes there with other parameters"
        accepted = _ACCEPTED.match(failure.message[:4000])
        refused = short(accepted["type"]) if accepted else ""
        missed = f"{test} misses a {refused}, others of its file meet one too many"
        yield self.refusals[file_of(test), refused], True, missed
        if saw_nothing(failure.message):
            empty = f"nothing came back in {test}"
            yield self.errors[test], False, f"{empty}, which meets this error with other parameters"
            met = self.errors[file_of(test)] if len(self.errors[file_of(test)]) == 1 else ()
            # whatever the file meets was not raised where it was waited for: only where the test is about it
            about = {key for key in met if not accepted or _is_about(test, key)}
            yield about, False, f"{empty}, and its file meets no other error"


def absorbed(members: Sequence[Member]) -> dict[int, Tie]:
    """By the place of a member: wrong values that are the doing of an error which the same tests meet otherwise.

    Nothing that came back belongs to the only error that its test, or else its file, meets. Any wrong value belongs to
    the only crash of its own test function: with one parameter a fault shows as a value, with another one as a crash.
    What should have been refused and was not belongs to what is refused wrongly in the same file. A value belongs to
    the error that others meet and that its test printed, or whose words it shows.
    """
    met = _Met(members)
    ties: dict[int, Tie] = {}
    for place, member in enumerate(members):
        for among, tells, why in met.by(member.failure) if member.mark.layer is Layer.VALUE else ():
            if len(among) == 1:
                ties[place] = Tie(key=member.key, to=next(iter(among)), why=why, tells=tells)
                break
    return ties


def _is_about(test: str, key: Key) -> bool:
    """Whether the test's name holds the name that the error names, or that of the function which raised it."""
    name = test.rpartition("::")[2].replace("_", "").lower()
    parts = re.split(r"\W+", key.pattern.partition(" ")[2])[-2:]
    return any(len(part) >= _LONG and part.replace("_", "").lower() in name for part in parts)


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
        *_refusing(groups),
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


def _refusing(groups: Mapping[Key, Sequence[Member]]) -> list[Tie]:
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
        if words.count(" ") < _SENTENCE - 1 or any(_refusal(each) != first[inner] for each in refused[inner]):
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
        for key in keys[1:] if len(keys) >= (2 if owner in _HOLDERS else _SEVERAL) else ():
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
