"""Small views of the looking and setting-up commands: findings, verdicts, focuses, settings, issues, words."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from gardener.model.figures import Figures
from gardener.model.finding import Finding, Verdict
from gardener.model.focus import Focus
from gardener.model.plan import Issue, State
from gardener.model.policy import UserRule
from gardener.model.run import Counts
from gardener.render.outline import many
from gardener.render.terminal import Glyphs, priority

_SPARKS = str.maketrans({"p": "✓", "f": "✗", "x": "±"})
_LONG = frozenset({"finding", "title", "value", "selects", "assumed"})


def findings_table(findings: Sequence[Finding], counts: Counts, signs: Glyphs) -> RenderableType:
    """The root causes of a report, the worst first, and how many tests they explain."""
    rows = [(one.severity.name, one.cause, one.count, one.title, str(one.fingerprint)[:15]) for one in findings]
    table = _table(("", "cause", "tests", "finding", "fingerprint"), rows, signs)
    red = f"{counts.red} of {counts.collected} tests red, {many(len(findings), 'finding')}"
    return Group(signs.text(red, "bold"), table) if findings else signs.text(red, "bold")


def verdict(found: Verdict, signs: Glyphs) -> RenderableType:
    """The cause of one text with its rule, what it matched, and what came second."""
    return facts(_of_verdict(found), signs)


def trial(found: Verdict, own: Sequence[UserRule], signs: Glyphs) -> RenderableType:
    """The same, with the repository's own rules that hold: what the first sets, and that the others come too late."""
    rules = [f"{rule.name}: {sets_of(rule)}" for rule in own[:1]]
    rules += [f"{rule.name}: holds too, but {own[0].name} comes first" for rule in own[1:]]
    return facts([*(("own rule", rule) for rule in rules or ["none holds"]), *_of_verdict(found)], signs)


def sets_of(rule: UserRule) -> str:
    """What a rule of the repository decides, in words."""
    grade = rule.severity.name if rule.severity is not None else ""
    given = {"cause": rule.cause, "severity": grade, "area": rule.area, "group": rule.group}
    told = [f"{name} {value}" for name, value in given.items() if value] + ["no finding"] * rule.ignore
    return ", ".join(told) or "sets nothing"


def _of_verdict(found: Verdict) -> tuple[tuple[str, str], ...]:
    cause, rule = f"{found.cause} ({found.cause.group})", f"{found.rule}, confidence {found.confidence}"
    return ("cause", cause), ("rule", rule), ("matched", found.quote), ("second", found.runner_up)


def focus_table(focuses: Iterable[Focus], signs: Glyphs) -> RenderableType:
    """The focuses in stage order."""
    rows = []
    for focus in focuses:
        selects = " ".join([*focus.paths, *(["-m", focus.markers] if focus.markers else [])]) or "all tests"
        docker, name = "yes" if focus.docker else "", signs.text(focus.name, "bold")
        rows.append((name, selects, ", ".join(focus.needs), docker, "; ".join(focus.assumed)))
    return _table(("focus", "selects", "needs", "docker", "assumed"), rows, signs)


def settings_table(rows: Iterable[tuple[str, str, str]], signs: Glyphs) -> RenderableType:
    """Name, value and origin of every setting."""
    return _table(("setting", "value", "from"), rows, signs)


def issues_table(issues: Iterable[Issue], signs: Glyphs) -> RenderableType:
    """One line per issue."""
    rows = []
    for issue in issues:
        state = signs.text(issue.state, "green" if issue.state is State.CLOSED else "")
        labels = signs.text(", ".join(issue.labels), "dim")
        rows.append((issue.number, Text.assemble(*priority(issue.severity)), state, issue.title, labels))
    return _table(("#", "", "state", "title", "labels"), rows, signs) if rows else Text("No issues.")


def history_table(rows: Sequence[Mapping[str, object]], figures: Figures | None, signs: Glyphs) -> RenderableType:
    """Rows of the past, the newest first, each column named by its field; above them what they come to."""
    if not rows:
        return signs.text("Nothing is remembered of this.")
    cells = [[_short(name, value) for name, value in row.items()] for row in rows]
    table = _table(rows[0], cells, signs)
    return Group(facts(_told(figures), signs), table) if figures else table


def _told(figures: Figures) -> Iterator[tuple[str, str]]:
    """The figures as label and words; what there is nothing to say of is left out."""
    yield "course", f"oldest {figures.course.translate(_SPARKS)} newest"
    yield "fails in", f"{figures.failing} of the runs that tell"
    if figures.last_pass:
        yield "last pass", figures.last_pass
    if figures.first_bad:
        yield "first bad", str(figures.first_bad)
    if figures.worse_by_chance is not None and figures.last_pass:
        chance = f"with p = {figures.worse_by_chance:.2g} the newest failures are chance"
        yield "got worse", f"{chance} (Fisher's exact test against the runs before)"
    if figures.mixed:
        commits = ", ".join(commit[:12] for commit in figures.mixed)
        yield "flaky", f"passed and failed on one commit: {commits}"


def facts(rows: Iterable[tuple[str, str]], signs: Glyphs) -> RenderableType:
    """A line for each label; those without a value are left out."""
    table = Table(box=None, show_header=False, padding=(0, 1, 0, 0))
    table.add_column(style="dim", no_wrap=True)
    table.add_column(overflow="fold")
    for label, value in rows:
        if value:
            table.add_row(label, signs.text(value))
    return table


def _short(name: str, value: object) -> object:
    if name == "commit" and isinstance(value, str):
        return value[:12]
    return "" if value is None else value


def _table(columns: Iterable[str], rows: Iterable[Iterable[object]], signs: Glyphs) -> Table:
    table = Table(box=None, pad_edge=False, header_style="dim", padding=(0, 2, 0, 0))
    for name in columns:
        table.add_column(name, overflow="fold", no_wrap=name not in _LONG)
    for row in rows:
        table.add_row(*(cell if isinstance(cell, Text) else signs.text(cell) for cell in row))
    return table
