"""What a repository's settings and the reviewed rule files give to triage."""

import enum
import functools
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from gardener.model.cause import Cause
from gardener.model.finding import Confidence
from gardener.model.focus import Severity


@dataclass(frozen=True, slots=True, kw_only=True)
class UserRule:
    """A repository's own rule; it comes before every other. Exactly one of regex and contains is set."""

    name: str  # its place in the settings: "rules[2]"
    regex: str | None = None
    contains: str | None = None
    on: str = "message"  # message, path, exception, log
    cause: Cause | None = None
    severity: Severity | None = None
    area: str = ""
    group: str = ""  # failures with the same text here are one finding; may use named groups: "{what}"
    ignore: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Impact:
    """Configured business impact of the tests that match a glob."""

    match: str
    text: str = ""
    critical: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """A cause whose findings are all gathered into one issue."""

    cause: Cause
    issue: int | None = None
    title: str | None = None


_compiled = functools.cache(re.compile)


@dataclass(frozen=True, slots=True)
class Pattern:
    """A regex over lower-case ASCII text, and what every match contains ("" where that cannot be told)."""

    literal: str
    source: str
    words: tuple[str, ...] = ()  # runs of small letters of which every match contains one; () where that is not so
    others: tuple[str, ...] = ()  # what every match contains besides the literal

    @property
    def regex(self) -> re.Pattern[str]:
        """The source, compiled when first asked for: of some thousand, a run needs a few."""
        return _compiled(self.source)

    def may_match(self, text: str) -> bool:
        """Whether what every match contains stands in a text of lower case: far quicker than a search."""
        if not self.literal:
            return not self.words or any(word in text for word in self.words)
        if self.literal not in text:
            return False
        for run in self.others:  # noqa: SIM110 - millions of calls, mostly about one run: a generator takes longer
            if run not in text:
                return False
        return True

    def find(self, text: str) -> re.Match[str] | None:
        """The first match; the literal spares most searches."""
        return self.regex.search(text) if self.literal in text else None


class Look(enum.StrEnum):
    """Which part of the evidence a rule reads."""

    SAID = "said"  # the error itself: what it says, without quoted data and context
    EXACT = "exact"  # the same, in its own case
    DATA = "data"  # the values that an assertion compared
    ALL = "all"  # context too: captured output, output of build steps, hints left out


@dataclass(frozen=True, slots=True, kw_only=True)
class CauseRule:
    """One reviewed rule: every condition that is given must hold. Its cause is the first part of its id."""

    id: str  # "signature.missing-argument"
    cause: Cause
    exceptions: frozenset[str] = frozenset()  # short or dotted names, or "package.*"
    any: tuple[Pattern, ...] = ()  # one of them is found where the rule looks
    context: tuple[Pattern, ...] = ()  # one of them is found anywhere in the evidence
    unless: tuple[Pattern, ...] = ()  # none of them stands in the line that matched; without `any`, none anywhere
    where: frozenset[str] = frozenset()  # collecting, module, setup, teardown, warning, crash
    look: Look = Look.SAID
    confidence: Confidence = Confidence.HIGH
    severity: Severity | None = None
    weak: bool = False  # names what is left over, or a symptom: gives way to any other evidence
    why: str = ""
    examples: tuple[str, ...] = ()  # each is named by this very rule, through the whole table
    counters: tuple[str, ...] = ()  # look alike, and are named by another one


@dataclass(frozen=True, slots=True, kw_only=True)
class Mask:
    """What changes from run to run without meaning anything, and what stands in for it."""

    name: str
    find: re.Pattern[str]
    by: str
    example: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rulebook:
    """The reviewed rule files, loaded: causes in order, first match wins; masks in order, each on what is left."""

    causes: tuple[CauseRule, ...] = ()
    masks: tuple[Mask, ...] = ()
    severities: Mapping[Cause, Severity] = field(default_factory=dict)  # usual for a text that nothing else is known of


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """Everything that triage may know besides the records it judges."""

    user_rules: tuple[UserRule, ...] = ()
    impacts: tuple[Impact, ...] = ()
    standing: tuple[Standing, ...] = ()
    max_new_issues: int = 10
    close_after_green: int = 3
    labels: tuple[str, ...] = ("gardener",)
    adopt_labels: tuple[str, ...] = ("bug", "test-failure")
    adopt_threshold: float = 0.6
    title_style: str = "both"  # slug, sentence, both
    status: str = "always"  # or "on-change": whether a run with nothing new edits the status block
    severities: tuple[tuple[Cause, Severity], ...] = field(default=())  # per cause, over the focus's own
    rulebook: Rulebook = field(default_factory=Rulebook)
