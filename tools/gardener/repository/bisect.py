"""Bisection as a pure function: from a line of commits and the answers so far to the next probe, or to the end."""

import enum
from collections.abc import Collection, Sequence
from dataclasses import dataclass

ENDS = 3  # how often each end of the line is asked before it is believed
CULPRIT = 2  # how often the suspect must fail and its parent pass


class Answer(enum.StrEnum):
    """What one probe of a commit says."""

    GOOD = "good"
    BAD = "bad"
    SKIP = "skip"  # it cannot tell: no such test there, nothing that collects, another failure in the way


class Ending(enum.StrEnum):
    """How a bisection ended."""

    FOUND = "found"
    FLAKY = "flaky"
    NOT_REPRODUCED = "not-reproduced"
    INCONCLUSIVE = "inconclusive"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sighting:
    """One probe: a commit, what it answered, and why."""

    commit: str
    answer: Answer
    why: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Probe:
    """The commit to ask next."""

    commit: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """The end. `first_bad` and `last_good` bound what is known; they are neighbours when it is FOUND.

    INCONCLUSIVE with a `first_bad` and no `last_good`: the older end is not what it should be.
    """

    ending: Ending
    why: str
    first_bad: str = ""
    last_good: str = ""

    @property
    def found(self) -> bool:
        """Whether the commit is known and verified."""
        return self.ending is Ending.FOUND


def advance(line: Sequence[str], seen: Collection[Sighting], *, ends: int = ENDS) -> Probe | Outcome:
    """What comes next on a line of commits, the oldest first, each the first parent of the one after it.

    The last commit should be bad and the first one good; both are asked `ends` times. Then the middle of what is open
    is asked, or a neighbour of it where it cannot tell; at the end the suspect and its parent are asked once more.
    Answers about other commits are ignored. On a line of n commits after the good one these are at most ⌈log2 n⌉ + 2
    probes besides those of the ends, skipped ones not counted.
    """
    answers = [[each.answer for each in seen if each.commit == commit] for commit in line]
    wavering = [commit for commit, said in zip(line, answers, strict=True) if {Answer.GOOD, Answer.BAD} <= set(said)]
    if wavering:
        why = f"{wavering[0][:12]} failed and passed: the same commit answers both ways"
        return Outcome(ending=Ending.FLAKY, why=why, first_bad=wavering[0])
    return _confirm(line, answers, ends) or _search(line, answers)


def _confirm(line: Sequence[str], answers: Sequence[Sequence[Answer]], ends: int) -> Probe | Outcome | None:
    """The ends first; None when both are what they should be."""
    for place, wanted in ((-1, Answer.BAD), (0, Answer.GOOD)):
        commit, said = line[place], answers[place]
        end = "newer" if wanted is Answer.BAD else "older"
        if Answer.SKIP in said:
            bad = line[-1] if wanted is Answer.GOOD else ""
            why = f"the {end} end {commit[:12]} cannot be tested"
            return Outcome(ending=Ending.INCONCLUSIVE, why=why, first_bad=bad)
        if len(said) < ends:
            return Probe(commit=commit, why=f"confirming the {end} end, {len(said) + 1} of {ends}")
        if said[0] is wanted:
            continue
        if wanted is Answer.BAD:
            return Outcome(ending=Ending.NOT_REPRODUCED, why=f"it passes on {commit[:12]}, {len(said)} times")
        why = f"it fails already on {commit[:12]}, where it should pass"
        return Outcome(ending=Ending.INCONCLUSIVE, why=why, first_bad=commit)
    return None


def _search(line: Sequence[str], answers: Sequence[Sequence[Answer]]) -> Probe | Outcome:
    bad = min(place for place, said in enumerate(answers) if Answer.BAD in said)
    good = [place for place, said in enumerate(answers) if Answer.GOOD in said]
    if good[-1] > bad:
        why = f"it passes on {line[good[-1]][:12]}, after it failed on {line[bad][:12]}"
        return Outcome(ending=Ending.FLAKY, why=why, first_bad=line[bad], last_good=line[good[-1]])
    last = good[-1]
    untold = [place for place in range(last + 1, bad) if not answers[place]]
    if untold:
        return Probe(commit=line[_nearest_to_middle(last, bad, untold)], why=f"{bad - last - 1} commits are open")
    if bad - last > 1:
        why = f"the {bad - last - 1} commits between {line[last][:12]} and {line[bad][:12]} cannot be tested"
        return Outcome(ending=Ending.INCONCLUSIVE, why=why, first_bad=line[bad], last_good=line[last])
    for place, what in ((bad, "fails"), (last, "passes")):
        if len(answers[place]) < CULPRIT:
            return Probe(commit=line[place], why=f"verifying that {line[place][:12]} {what}")
    why = f"{line[bad][:12]} fails and its parent {line[last][:12]} passes"
    return Outcome(ending=Ending.FOUND, why=why, first_bad=line[bad], last_good=line[last])


def _nearest_to_middle(last: int, bad: int, untold: Sequence[int]) -> int:
    """The middle; the more was skipped, the further from all of that, to leave a broken stretch soon."""
    middle, skipped = (last + bad) // 2, sorted(set(range(last + 1, bad)).difference(untold))
    gap = 1 << min(len(skipped), 20) >> 1
    while gap > 1:
        far = [place for place in untold if all(abs(place - other) >= gap for other in skipped)]
        if far:
            untold = far
            break
        gap //= 2
    return min(untold, key=lambda place: abs(place - middle))
