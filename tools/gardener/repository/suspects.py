"""Which commits may have brought a finding: judged by what the error names and where it fails. Pure."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from gardener.model.finding import Change, Confidence, Evidence, Finding, Kind, Nature, Suspect
from gardener.model.run import Failure

MOST = 3
LOOKED_AT = 20  # failures of a finding that are read: they share their root
_CALLED = re.compile(r"([A-Za-z_][\w.<>]*)\(\) (?:missing|got|takes)")
_ATTRIBUTE = re.compile(r"(?:'(\w+)' object|type object '(\w+)'|module '[\w.]+'|\w+) has no attribute '(\w+)'")
_NAME = re.compile(r"cannot import name '(\w+)'|name '(\w+)' is not defined")
_MODULE = re.compile(r"No module named '([\w.]+)'")


@dataclass(frozen=True, slots=True, kw_only=True)
class Traits:
    """What a finding says of its origin. Names are qualified as far as the error tells: `Cart.__init__`, `total`."""

    names: tuple[str, ...] = ()
    modules: tuple[str, ...] = ()  # dotted, that could not be imported
    frames: tuple[tuple[str, str], ...] = ()  # (path, function) of own product code, the deepest first
    paths: tuple[str, ...] = ()  # files that define the names, and those that the tests import
    tests: tuple[str, ...] = ()  # the tests' own files

    @property
    def files(self) -> frozenset[str]:
        """Every file that it speaks of."""
        return frozenset((*(path for path, _ in self.frames), *self.paths, *self.tests))


@dataclass(frozen=True, slots=True, kw_only=True)
class Range:
    """The commits that come into question, the newest first."""

    changes: tuple[Change, ...]
    since_pass: bool = False  # it begins where the tests were seen to pass; else where the test was written
    first_failure: bool = False  # it ends with the first run that fails


def in_question(finding: Finding) -> bool:
    """Whether a commit is to be named at all: not for what flickers, is being written, or never worked."""
    if finding.nature in (Nature.FLAKY, Nature.ACTIVE_DEV):
        return False
    return finding.nature is not Nature.NEW or finding.kind is Kind.UNCOLLECTABLE


def traits(finding: Finding, evidence: Evidence) -> Traits:
    """What the finding's errors and tracebacks speak of."""
    read = finding.failures[:LOOKED_AT]
    said = "\n".join(text for failure in read for text in (failure.message, *(link.message for link in failure.chain)))
    names = tuple(dict.fromkeys(_names(said)))
    tests = tuple(dict.fromkeys(test.partition("::")[0] for test in finding.tests))
    frames = dict.fromkeys(frame for failure in read for frame in _own(failure, evidence.own) if frame[0] not in tests)
    defining = [each.path for each in evidence.definitions if any(_fits(each.name, name) for name in names)]
    imported = [path for test, paths in evidence.imports if test in tests for path in paths]
    return Traits(
        names=names,
        modules=tuple(dict.fromkeys(_MODULE.findall(said))),
        frames=tuple(frames),
        paths=tuple(dict.fromkeys([*defining, *imported])),
        tests=tests,
    )


def rank(wanted: Traits, span: Range) -> tuple[Suspect, ...]:
    """The likeliest commits with reason and confidence, at most MOST.

    HIGH takes two witnesses: the tests were seen to pass where the range begins, and either this commit alone changed
    what the error names, or it is the only commit of the range and touches what fails.
    """
    weighed = [(*found, change) for change in span.changes if (found := _weigh(wanted, change))]
    best = sorted(weighed, key=lambda entry: entry[0])[:MOST]
    return tuple(
        Suspect(
            commit=change.commit,
            author=change.author,
            subject=change.subject,
            reason=reason,
            confidence=_confidence(tier, sum(other == tier for other, _, _ in weighed), span),
        )
        for tier, reason, change in best
    )


def _confidence(tier: int, rivals: int, span: Range) -> Confidence:
    alone = len(span.changes) == 1 and span.first_failure and tier < 4
    if span.since_pass and (alone or (tier == 0 and rivals == 1)):
        return Confidence.HIGH
    return Confidence.MEDIUM if tier <= 1 or (tier == 2 and rivals == 1) else Confidence.LOW


def _weigh(wanted: Traits, change: Change) -> tuple[int, str] | None:
    """How near a commit comes to what failed, 0 the nearest, and in which way; None where it does not touch it."""
    for entry in change.signatures:
        path, _, name = entry.partition("::")
        if any(_fits(name, known) for known in wanted.names):
            exact = path in wanted.files or any("." in known and _fits(name, known) for known in wanted.names)
            return (0 if exact else 1), f"changed {name} in {path}, which the error names"
    for path in change.paths:
        module = path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
        if any(f".{module}".endswith(f".{known}") for known in wanted.modules):
            return 0, f"touched {path}, which cannot be imported"
    for entry in change.functions:
        path, _, name = entry.partition("::")
        if any(_fits(name, known) for known in wanted.names):
            return 1, f"changed the body of {name} in {path}, which the error names"
        if any(path == place and name.rpartition(".")[2] == function for place, function in wanted.frames):
            return 1, f"changed {name} in {path}, where it fails"
    touched = [path for path, _ in wanted.frames if path in change.paths]
    if touched:
        return 2, f"touched {touched[0]}, where it fails"
    touched = [path for path in wanted.paths if path in change.paths]
    if touched:
        return 3, f"touched {touched[0]}, which the tests exercise"
    touched = [path for path in wanted.tests if path in change.paths]
    return (4, f"changed the test itself, {touched[0]}") if touched else None


def _names(said: str) -> Iterator[str]:
    for called in _CALLED.findall(said):
        name = ".".join(called.rpartition("<locals>.")[2].split(".")[-2:])
        yield name
        if name.endswith(".__init__"):  # a dataclass has none in its source: its fields are the signature
            yield name.removesuffix(".__init__")
    for instance, kind, attribute in _ATTRIBUTE.findall(said):
        yield f"{instance or kind}.{attribute}" if instance or kind else attribute
        yield attribute
    for imported, missing in _NAME.findall(said):
        yield imported or missing
        yield f"import {imported or missing}"


def _own(failure: Failure, own: Sequence[str]) -> Iterator[tuple[str, str]]:
    for frame in reversed(failure.frames):
        if any(frame.path == folder or frame.path.startswith(f"{folder}/") for folder in own):
            yield frame.path, frame.function or ""


def _fits(name: str, wanted: str) -> bool:
    return name == wanted or name.endswith(f".{wanted}")
