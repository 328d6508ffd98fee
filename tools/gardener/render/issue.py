"""An issue as the tracker shows it: title, labels, body, the managed block, and comments on a change of state."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from gardener.model.cause import CauseGroup
from gardener.model.finding import Finding, Kind
from gardener.model.focus import Focus
from gardener.model.key import Managed, write_block
from gardener.model.plan import Action, Issue, IssueLink
from gardener.model.run import Check, Preflight, Run, Status
from gardener.model.text import units
from gardener.render import markdown
from gardener.render.engine import Templates

LIMIT = 60_000  # UTF-16 units; GitHub refuses above 65,536
_BLOCK_LIMIT = 30_000
_TITLE_LIMIT = 256
_LABEL_LIMIT = 50
# What may be shown, richest first: lines of evidence, characters of evidence, tests, lines of the whole traceback
_RATIONS = ((60, 6000, 100, 200), (40, 4000, 60, 60), (30, 3000, 30, 0), (20, 1500, 10, 0), (8, 400, 3, 0))
_TYPES = {
    CauseGroup.INFRASTRUCTURE: "infrastructure",
    CauseGroup.TEST_SUITE: "bug",
    CauseGroup.PRODUCT: "bug",
    CauseGroup.CODE_HEALTH: "tech-debt",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Writing:
    """How the issue texts of one run are made."""

    templates: Templates
    focus: Focus
    run: Run
    preflight: Preflight = field(default_factory=Preflight)
    title_style: str = "both"
    labels: tuple[str, ...] = ("gardener",)
    session_labels: tuple[str, ...] = ()  # added to every issue that the run touches
    session: str = ""
    worklog: str = ""  # where the worklog of this run will lie
    close_after: int = 3
    owners: Callable[[str], Sequence[str]] = lambda _: ()  # of a path, as CODEOWNERS has it


def title(finding: Finding, style: str = "both") -> str:
    """One line of at most 256 UTF-16 units. `style`: slug, sentence or both."""
    kind = "uncollectable" if finding.kind is Kind.UNCOLLECTABLE else "failing"
    slug = f"{kind}-test-{finding.nature}-{finding.severity.name}-{finding.slug}"
    wanted = {"slug": slug, "sentence": finding.title or slug}.get(style) or f"{slug} · {finding.title}"
    return markdown.heading(wanted.rstrip(" ·"), _TITLE_LIMIT)


def labels(finding: Finding, configured: Sequence[str] = ("gardener",)) -> tuple[str, ...]:
    """Priority, type, area, then the configured ones (which may say `{cause}`), each once whatever its case."""
    given = [label.replace("{cause}", finding.cause) for label in configured]
    unique: dict[str, str] = {}
    for label in (finding.severity.name, _TYPES[finding.cause.group], finding.area, *given):
        fit = markdown.shorten(markdown.one_line(label.replace(",", " ")), _LABEL_LIMIT)
        if fit:
            unique.setdefault(fit.casefold(), fit)
    return tuple(unique.values())


def body(finding: Finding, managed: Managed, writing: Writing) -> str:
    """The text of a new issue, the managed block last; below the limit, cut by importance, never in a fence."""
    footer = _block(managed, writing, finding=finding, fresh=True)
    text = ""
    for lines, chars, tests, trace in _RATIONS:
        text = writing.templates.markdown(
            "issue.md.j2",
            finding=finding,
            writing=writing,
            check=_check(finding, writing.preflight),
            lines=lines,
            chars=chars,
            most=tests,
            trace=trace,
        )
        if units(text) + units(footer) < LIMIT - 2:
            break
    return f"{text}\n{footer}\n"


def block(action: Action, issue: Issue, managed: Managed, writing: Writing, kept: Sequence[str] = ()) -> str:
    """The managed block alone: for a quiet edit, or for an issue that somebody else wrote. `kept`: what people set."""
    return _block(managed, writing, finding=action.finding, also=action.also, links=issue.links, set_by_people=kept)


def comment(action: Action, writing: Writing) -> str:
    """What a change of state is announced with; names the run and its evidence."""
    said = (action.announce or action.why).split("\n\n")
    return writing.templates.markdown("comment.md.j2", action=action, said=said, writing=writing)


def _block(
    managed: Managed,
    writing: Writing,
    *,
    finding: Finding | None,
    also: Sequence[Finding] = (),
    links: Sequence[IssueLink] = (),
    set_by_people: Sequence[str] = (),
    fresh: bool = False,  # the text above it holds the evidence already
) -> str:
    kept = _fit(managed)
    visible = writing.templates.markdown(
        "block.md.j2",
        managed=kept,
        writing=writing,
        finding=finding,
        also=also,
        links=links,
        modes=_modes(managed, finding, also),
        set_by_people=set_by_people,
        fresh=fresh,
    )
    return write_block(visible, kept)


def _modes(managed: Managed, finding: Finding | None, also: Sequence[Finding]) -> tuple[tuple[str, str, int], ...]:
    """Where an issue has several failure modes: each with its key and the number of runs that met it."""
    shown = [one for one in (finding, *also) if one is not None]
    patterns = {str(key): key.pattern for one in shown for key in one.keys}
    modes = [(patterns.get(key, ""), key, number) for key, number in managed.counts]
    return tuple(sorted(modes, key=lambda mode: -mode[2])) if len(modes) > 1 else ()


def _check(finding: Finding, preflight: Preflight) -> Check | None:
    """The preflight check that this finding came from."""
    mine = [check for check in preflight.checks if check.id == finding.root.subject and check.status is not Status.OK]
    return next((check for check in mine if check.found == finding.root.message), None)


def _fit(managed: Managed) -> Managed:
    """Small enough for any tracker: test ids become their files, then folders, so that closing asks for more."""
    kept = replace(managed, keys=managed.keys[:200], last_runs=managed.last_runs[:10])
    while units(write_block("", kept)) > _BLOCK_LIMIT and kept.tests != (".",):
        shorter = {_parent(test) for test in kept.tests}
        kept = replace(kept, tests=tuple(sorted(shorter)))
    return kept


def _parent(test: str) -> str:
    """From `a/b.py::T::t` to `a/b.py` to `a` to `.`."""
    if "::" in test:
        return test.split("::", 1)[0]
    return test.rpartition("/")[0] or "."
