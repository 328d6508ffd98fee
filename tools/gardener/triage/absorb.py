"""Wrong values that are the doing of an error which other tests, or other parameters, meet by itself."""

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence

from gardener.model.key import Key
from gardener.model.run import Failure
from gardener.triage.chain import is_outside, root_of, short
from gardener.triage.join import SENTENCE, grouped, refusing
from gardener.triage.keys import printed_key
from gardener.triage.mask import file_of, without_parameters
from gardener.triage.member import Layer, Member, Tie
from gardener.triage.names import saw_nothing

_LONG = 4  # letters of a name that stands in a test's name for no other reason
_ACCEPTED = re.compile(r"DID NOT RAISE (?:<class ')?(?P<type>[\w.]{1,200})")
_SHOWN = re.compile(r"""'[^'\n]{1,300}'|"[^"\n]{1,300}\"""")
_OF_CODE = ("raised", "refused")


class _Met:
    """The errors of a run by where they are met: of test functions and of files, crashes, refusals, words."""

    def __init__(self, members: Sequence[Member]) -> None:
        self.errors: dict[str, set[Key]] = defaultdict(set)
        self.crashes: dict[str, set[Key]] = defaultdict(set)
        self.refusals: dict[tuple[str, str], set[Key]] = defaultdict(set)
        self.said: dict[str, set[Key]] = defaultdict(set)
        self.second = set[str]()  # words of what is said: they stand between spaces wherever it is shown
        self.known: set[Key] = {member.key for member in members if member.mark.layer is not Layer.VALUE}
        one = {tie.key: tie.to for tie in refusing(grouped(members))}
        for member in members:
            test = without_parameters(member.failure.subject)
            if member.mark.absorbs:
                self.errors[test].add(member.key)
                self.errors[file_of(test)].add(member.key)
            if member.mark.kind == "raised" and not is_outside(member.mark.name):
                self.crashes[test].add(member.key)
            said = root_of(member.failure).message.partition("\n")[0] if member.mark.kind in _OF_CODE else ""
            if said.count(" ") >= SENTENCE - 1:
                self.said[said].add(member.key)
                self.second.add(said.split(" ", 2)[1])
            if member.mark.kind == "refused":
                self.refusals[file_of(test), member.mark.name].add(one.get(member.key, member.key))

    def by(self, failure: Failure) -> Iterator[tuple[set[Key], bool, str]]:
        """The errors that a wrong value may come of, whether it shows their cause, and why; the surest first."""
        test = without_parameters(failure.subject)
        printed = printed_key(failure)
        yield self.known & {printed} if printed else set(), False, f"{test} printed this error, which others meet"
        message = failure.message[:4000]
        shown = () if self.second.isdisjoint(message.split(" ")) else _SHOWN.findall(message)
        quoted = {key for text in shown for key in self.said.get(text[1:-1], ())}
        yield quoted, False, f"{test} shows what is said where this error is raised"
        yield self.crashes[test], True, f"{test} crashes there with other parameters"
        accepted = _ACCEPTED.match(message)
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
