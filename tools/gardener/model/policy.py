"""What a repository's settings and the reviewed rule files give to triage."""

from dataclasses import dataclass, field

from gardener.model.cause import Cause
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
