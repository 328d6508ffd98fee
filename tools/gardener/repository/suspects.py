"""Which commits may have brought a finding: judged by what the error names and where it fails. Pure."""

import builtins
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from gardener.model.finding import Change, Confidence, Evidence, Finding, Kind, Nature, Suspect
from gardener.model.run import Failure

MOST = 3
LOOKED_AT = 20  # failures of a finding that are read: they share their root
_CALLED = re.compile(r"([A-Za-z_][\w.<>]*)\(\) (?:missing|got|takes)")
_ATTRIBUTE = re.compile(r"(?:'(\w+)' object|type object '(\w+)'|module '[\w.]+'|\w+) has no attribute '(\w+)'")
_BUILTIN = frozenset({*vars(builtins), "NoneType", "coroutine", "generator", "function", "method"})
_NAME = re.compile(r"cannot import name '(\w+)'|name '(\w+)' is not defined")
# what decides which packages there are, and which versions
INSTALLED = re.compile(
    r"(^|/)([\w-]*(requirements|constraints)[\w-]*\.(txt|in)|pyproject\.toml|setup\.(py|cfg)|Pipfile(\.lock)?"
    r"|(poetry|uv|pdm)\.lock|environment\.ya?ml)$"
)
_MODULE = re.compile(r"No module named '([\w.]+)'")


@dataclass(frozen=True, slots=True, kw_only=True)
class Traits:
    """What a finding says of its origin. Names are qualified as far as the error tells: `Cart.__init__`, `total`."""

    names: tuple[str, ...] = ()
    modules: tuple[str, ...] = ()  # dotted, that could not be imported
    missing: tuple[str, ...] = ()  # words of own code that stand for nothing
    frames: tuple[tuple[str, str], ...] = ()  # (path, function) of own product code, the deepest first
    paths: tuple[str, ...] = ()  # files that define the names, and those that the tests import
    exercised: tuple[str, ...] = ()  # "path::name" of what changed below the tests since they were written
    tests: tuple[str, ...] = ()  # the tests' own files
    named: tuple[str, ...] = ()  # files that a check complains of

    @property
    def files(self) -> frozenset[str]:
        """Every file that it speaks of."""
        return frozenset((*(path for path, _ in self.frames), *self.paths, *self.tests, *self.named))


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


def told(failures: Sequence[Failure], own: Sequence[str]) -> Traits:
    """What errors and tracebacks speak of."""
    read = failures[:LOOKED_AT]
    said = "\n".join(text for failure in read for text in (failure.message, *(link.message for link in failure.chain)))
    tests = tuple(dict.fromkeys(failure.subject.partition("::")[0] for failure in failures))
    frames = [frame for failure in read for frame in reversed(failure.frames_below(own)) if frame.path not in tests]
    places = dict.fromkeys((frame.path, frame.function or "") for frame in frames)
    lacking = [attribute for one, other, attribute in _ATTRIBUTE.findall(said) if (one or other) not in _BUILTIN]
    return Traits(
        names=tuple(dict.fromkeys(_names(said))),
        modules=tuple(dict.fromkeys(_MODULE.findall(said))),
        missing=tuple(dict.fromkeys([*lacking, *("".join(each) for each in _NAME.findall(said))])),
        frames=tuple(places),
        tests=tests,
    )


def traits(finding: Finding, evidence: Evidence) -> Traits:
    """What a finding speaks of, and what git and the sources know of it."""
    found = told(finding.failures, evidence.own)
    tests = tuple(dict.fromkeys(test.partition("::")[0] for test in finding.tests))
    broken = [each for line in evidence.lineages if line.test in finding.tests for each in line.breaks]
    defining = [each.path for each in evidence.definitions if any(fits(each.name, name) for name in found.names)]
    imported = [path for test, paths in evidence.imports if test in tests for path in paths]
    return replace(
        found,
        paths=tuple(dict.fromkeys([*defining, *(each.path for each in broken), *imported])),
        exercised=tuple(dict.fromkeys(each.place for each in broken)),
        tests=tests,
        named=tuple(dict.fromkeys(place.rpartition(":")[0] or place for place in finding.root.places)),
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
    for path in change.paths:
        module = path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
        if any(f".{module}".endswith(f".{known}") for known in wanted.modules):
            return 0, f"touched {path}, which cannot be imported"
    found = [weight for entry in change.signatures if (weight := _signed(wanted, entry))]
    found += [weight for entry in change.functions if (weight := _defined(wanted, entry))]
    failing, used = [path for path, _ in wanted.frames], "which the tests exercise"
    touched = [path for path in change.paths if path not in change.idle]
    for tier, files, what in ((2, failing, "where it fails"), (2, wanted.exercised, used), (3, wanted.paths, used)):
        found += [(tier, f"touched {path}, {what}") for path in files if path in touched]
    found += [(1, f"touched {path}, which the check names") for path in wanted.named if path in change.paths]
    installed = [path for path in change.paths if INSTALLED.search(path)]
    found += [(1 if wanted.modules else 3, f"touched {path}, which says what is installed") for path in installed]
    found += [(4, f"changed the test itself, {path}") for path in wanted.tests if path in touched]
    return min(found, key=lambda weight: weight[0], default=None)


def _signed(wanted: Traits, entry: str) -> tuple[int, str] | None:
    """What came, went, or can be used in another way now."""
    path, _, name = entry.partition("::")
    if not any(fits(name, known) for known in wanted.names):
        return None
    exact = path in wanted.files or any("." in known and fits(name, known) for known in wanted.names)
    return (0 if exact else 1), f"changed {name} in {path}, which the error names"


def _defined(wanted: Traits, entry: str) -> tuple[int, str] | None:
    path, _, name = entry.partition("::")
    if any(fits(name, known) for known in wanted.names):
        return 1, f"changed the body of {name} in {path}, which the error names"
    if any(path == place and name.rpartition(".")[2] == function for place, function in wanted.frames):
        return 1, f"changed {name} in {path}, where it fails"
    if entry not in wanted.exercised:
        return None
    return (3 if name.startswith("import ") else 2), f"changed {name} in {path}, which the tests exercise"


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


def fits(name: str, wanted: str) -> bool:
    """Whether a qualified name is meant by one that may be shorter."""
    return name == wanted or name.endswith(f".{wanted}")
