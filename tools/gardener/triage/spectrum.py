"""Blames failing tests on the changed definition that most likely broke them, by what other tests ran of it. Pure."""

import math
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby, zip_longest

from gardener.model.finding import Evidence, Finding, Trace
from gardener.model.key import Key
from gardener.triage.keys import finer, key
from gardener.triage.mask import file_of, without_parameters
from gardener.triage.member import Layer, Member, Tie, layer_of
from gardener.triage.places import deepest

DIVISIBLE = frozenset({"value", "none"})
_LACKING = frozenset({"attribute", "mock", "name"})
_BLIND = frozenset({"signature", "call", "name", "warning"})  # they fail before anything that changed is entered


@dataclass(frozen=True, slots=True, kw_only=True)
class Blame:
    """A definition that changed since the tests passed, `path::name`, and why this one."""

    definition: str
    why: str
    evidence: str = "spectrum"  # or "git", where the failure itself names it


NOTHING = Blame(definition="", why="it runs nothing that changed")  # so it is not the doing of what others run


def open_question(found: Iterable[Finding]) -> tuple[str, ...]:
    """The tests whose grouping may change when it is known what they ran; () where none would.

    One of each finding and file before the second of any, for there may not be time for all; wrong values first.
    One error alone is one finding whatever it ran; a wrong value alone may still be two.
    """
    movable = [finding for finding in found if finding.tests and layer_of(finding.fingerprint) >= Layer.CODE]
    movable.sort(key=lambda finding: layer_of(finding.fingerprint), reverse=True)
    parts = [tuple(same) for finding in movable for _, same in groupby(sorted(finding.tests, key=file_of), file_of)]
    tests = tuple(dict.fromkeys(test for turn in zip_longest(*parts) for test in turn if test))
    return tests if len(tests) > 1 and (len(movable) > 1 or layer_of(movable[0].fingerprint) is Layer.VALUE) else ()


def blames(members: Sequence[Member], evidence: Evidence) -> dict[str, Blame]:
    """By test; NOTHING where it ran nothing of what changed. One of equally suspicious things is not in it."""
    ran = _by_spectrum(evidence)
    healed = {trace.test for trace in evidence.traces if trace.healed}
    found: dict[str, Blame] = {}
    for member in members:
        test = member.failure.subject
        if member.mark.layer < Layer.CODE or test in found:
            continue
        blame = ran.get(test)
        if test not in healed:
            blame = None if member.mark.kind in _BLIND else blame
            blame = _by_name(member, evidence) or (test in ran and _by_line(member, evidence)) or blame
        if blame:
            found[test] = blame
    found |= dict(_by_elimination(members, evidence, found))
    found |= dict(_by_function(members, found, ran))
    idle = {trace.test for trace in evidence.traces if not (trace.passed or trace.met)}
    return dict.fromkeys((each.failure.subject for each in members if each.failure.subject in idle), NOTHING) | found


def divided(members: Sequence[Member], found: Mapping[str, Blame], evidence: Evidence) -> list[Member]:
    """Members, those with a finer key whose own key holds the doing of more than one definition.

    A test that ran nothing of what changed is not the doing of any of them.
    """
    watched = {trace.test for trace in evidence.traces}
    parts: dict[Key, set[str]] = defaultdict(set)
    for member in members:
        blame = found.get(member.failure.subject, NOTHING)
        if member.mark.kind in DIVISIBLE and (blame is not NOTHING or member.failure.subject in watched):
            parts[member.key].add(blame.definition)
    return [
        replace(member, key=key(finer(member.mark, member.failure).pattern))
        if len(parts[member.key]) > 1 and found.get(member.failure.subject, NOTHING) is not NOTHING
        else member
        for member in members
    ]


def ties_of(groups: Mapping[Key, Sequence[Member]], found: Mapping[str, Blame]) -> Iterator[Tie]:
    """Groups that one definition broke, each tied to the first of them."""
    first: dict[str, Key] = {}
    for each in sorted(groups, key=lambda k: (groups[k][0].mark.layer, -len(groups[k]), str(k))):
        blame = blame_of(groups[each], found)
        if blame and blame is not NOTHING and first.setdefault(blame.definition, each) != each:
            yield Tie(key=each, to=first[blame.definition], why=blame.why, evidence=blame.evidence)


def blame_of(members: Iterable[Member], found: Mapping[str, Blame]) -> Blame | None:
    """What most of the members are blamed on, of those that are blamed on anything."""
    known = [blame for member in members if (blame := found.get(member.failure.subject))]
    blamed = [blame for blame in known if blame is not NOTHING] or known
    told = Counter(blame.definition for blame in blamed)
    for definition, count in told.items():
        if 2 * count > len(blamed):
            return next(blame for blame in blamed if blame.definition == definition)
    return None


def apart(one: Blame | None, other: Blame | None) -> bool:
    """Whether two are known to be different roots."""
    return one is not None and other is not None and one.definition != other.definition


def _by_spectrum(evidence: Evidence) -> dict[str, Blame | None]:
    """By failing test that was watched.

    A definition without whose change a failing test passes, or that is all that may have broken one, is sure to break
    something: it comes before others, and what it explains does not count against them. Of several, the one that
    healed most of those that ran the same changes; else the highest Ochiai score decides, a / √(n·(a + p)) of a failing
    and p passing tests that ran it (Abreu, Zoeteweij, van Gemund 2007), without n, the number of all that fail, which
    is the same for each.
    """
    red = [trace for trace in evidence.traces if not trace.passed]
    green = [trace for trace in evidence.traces if trace.passed]
    passing = Counter(name for trace in green for name in trace.met)
    everyone = Counter(name for trace in red for name in trace.met)
    healed = Counter(trace.healed for trace in red if trace.healed)
    alike = Counter((trace.met, trace.healed) for trace in red if trace.healed)
    share = _share(red, evidence)
    left = {
        trace.test: [trace.healed] if trace.healed else [name for name in trace.met if name not in trace.vain]
        for trace in red
    }
    sure = {names[0] for names in left.values() if len(names) == 1}
    rest = [trace for trace in red if sure.isdisjoint(left[trace.test])]
    found: dict[str, Blame | None] = {}
    for traces in (rest, [trace for trace in red if trace not in rest]):
        failing = Counter(name for trace in traces for name in left[trace.test])
        scores = {name: count / math.sqrt(count + passing[name] / share) for name, count in failing.items()}
        for trace in traces:
            names = [name for name in left[trace.test] if name in sure] or left[trace.test]
            best = _highest(names, {name: alike[trace.met, name] for name in names}) or _highest(names, scores)
            beside = f" and {passing[best] or 'none'} of the passing ones" if green else ""
            why = f"{everyone[best]} of the failing tests{beside} run what changed in {best}"
            if healed[best]:
                why = f"{healed[best]} of the failing tests pass without what changed in {best}"
            found[trace.test] = Blame(definition=best, why=why) if best else None
    return found


def _share(red: Sequence[Trace], evidence: Evidence) -> float:
    """Of the passing tests in the files of the failing ones, how many were watched: above 0, at most 1."""
    files = {file_of(trace.test) for trace in red}
    beside = {test for test in evidence.passed if file_of(test) in files}
    watched = beside.intersection(trace.test for trace in evidence.traces)
    return len(watched) / len(beside) if watched else 1.0


def _highest(names: Sequence[str], scores: Mapping[str, float]) -> str:
    """The one of the highest score; "" where several have it, or none."""
    top = max((scores[name] for name in names), default=0.0)
    best = [name for name in names if scores[name] == top]
    return best[0] if len(best) == 1 else ""


def _by_name(member: Member, evidence: Evidence) -> Blame | None:
    """The only changed definition that the error names: one that is gone, or that could not be called."""
    name = f".{member.mark.name}".rpartition(".")[2]
    able = member.mark.kind in _LACKING, member.mark.kind in _BLIND
    named = [each for each in evidence.touched if f".{each.name}".endswith(f".{name}") and able[not each.gone]]
    why = f"the error names {name}, and {named[0]} {'is gone' if named[0].gone else 'changed'}" if named else ""
    return Blame(definition=str(named[0]), why=why, evidence="git") if len(named) == 1 else None


def _by_line(member: Member, evidence: Evidence) -> Blame | None:
    """The definition by whose changed line an error was raised, where that line raises or asks for what is not there.

    Not where it asks nothing, None, for something: that came from elsewhere.
    """
    frame = deepest(member.failure.frames)
    if frame is None or not frame.code or "'NoneType' object" in member.failure.message:
        return None
    name = member.mark.name.rpartition(".")[2] if member.mark.kind == "attribute" else ""
    itself = frame.code.lstrip().startswith("raise ") or (name and re.search(rf"\.{re.escape(name)}\b", frame.code))
    here = [str(each) for each in evidence.touched if each.path == frame.path and frame.line in each.lines]
    if not itself or len(here) != 1:
        return None
    why = f"it is raised by line {frame.line} of {frame.path}, by which {here[0]} changed"
    return Blame(definition=here[0], why=why, evidence="git")


def _by_elimination(
    members: Sequence[Member], evidence: Evidence, found: Mapping[str, Blame]
) -> Iterator[tuple[str, Blame]]:
    """Wrong values of tests that ran nothing that changed, beside errors that name what cannot be called any more.

    Such a call fails before a line of what is called runs; where something catches it, only a wrong value is left.
    """
    named: dict[str, set[str]] = defaultdict(set)
    for member in members:
        blame = found.get(member.failure.subject)
        if blame and member.mark.kind in _BLIND:
            named[file_of(member.failure.subject)].add(blame.definition)
    idle = {trace.test for trace in evidence.traces if not trace.passed and not trace.met}
    for member in members:
        test = member.failure.subject
        uncallable = named[file_of(test)]
        if test in idle and member.mark.layer is Layer.VALUE and len(uncallable) == 1:
            definition = next(iter(uncallable))
            why = f"{test} runs nothing that changed, and its file meets that {definition} cannot be called"
            yield test, Blame(definition=definition, why=why)


def _by_function(
    members: Sequence[Member], found: Mapping[str, Blame], watched: Mapping[str, Blame | None]
) -> Iterator[tuple[str, Blame]]:
    """Wrong values of tests that were not watched go with the other parameters of their function, where these agree.

    Where no other parameter tells, with the only change that is known to break anything, if watching told that.
    """
    told: dict[str, dict[str, Blame]] = defaultdict(dict)
    for test, blame in found.items():
        told[without_parameters(test)].setdefault(blame.definition, blame)
    everything = {blame.definition: blame for blame in (*found.values(), *watched.values()) if blame}
    only = everything if any(watched.values()) else {}
    for member in members:
        test = member.failure.subject
        known = told.get(without_parameters(test), only)
        if test not in watched and test not in found and len(known) == 1 and member.mark.layer is Layer.VALUE:
            yield test, next(iter(known.values()))
