"""What a person sees in the terminal: the run, the plan as a diff, issues, the doctor's view, why it was decided so."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from gardener.model.finding import Finding
from gardener.model.plan import Action, ActionKind, Issue, Plan, Receipt, State
from gardener.model.run import Preflight, Status
from gardener.model.story import Story
from gardener.render.markdown import clip, visible
from gardener.render.outline import excerpt, filed, many, outline, place, rerun

# what the runner of a hosted CI would obey in a line of output, wherever the line is wrapped
_COMMAND = re.compile(
    r"::(?=(?:set-output|set-env|add-path|add-mask|add-matcher|remove-matcher|save-state|stop-commands|echo|debug|"
    r"notice|warning|error|group|endgroup)\b)|##(?=\[)",
    re.IGNORECASE,
)
_PRIORITY = ("bold red", "dark_orange", "yellow", "cyan")
_OUTLOOK = {"healthy": "bold green", "failing": "bold red", "crashed": "bold red", "timed-out": "bold red"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Glyphs:
    """The signs of the views, and text that the stream can take."""

    encoding: str = "utf-8"
    create: str = "+"
    update: str = "~"
    escalate: str = "↑"
    deescalate: str = "↓"
    reopen: str = "↺"
    link: str = "&"
    near: str = "?"
    keep: str = "="
    close: str = "✓"
    ok: str = "✓"
    warn: str = "!"
    block: str = "✗"
    dash: str = "–"

    def text(self, value: object, style: str = "") -> Text:
        """Text of anybody: no markup, no terminal code, no workflow command, nothing the stream cannot encode."""
        broken = _COMMAND.sub(lambda found: " ".join(found[0]), visible(str(value)))
        return Text(broken.encode(self.encoding, "backslashreplace").decode(self.encoding), style)

    def of(self, action: Action) -> str:
        """The sign of an action; a link to an issue that only looks alike is a question."""
        if action.kind is ActionKind.LINK:
            return self.near if action.why.startswith("near match") else self.link
        return self.keep if action.kind is ActionKind.HOLD else str(getattr(self, action.kind.value))


def glyphs(encoding: str | None) -> Glyphs:
    """Typographic signs where the stream can encode them, plain ones elsewhere."""
    rich = Glyphs(encoding=encoding or "ascii")
    try:
        "↑↓↺✓✗–…".encode(rich.encoding)
    except (UnicodeEncodeError, LookupError):
        return Glyphs(
            encoding="ascii", escalate="^", deescalate="v", reopen="o", close="x", ok="ok", block="X", dash="-"
        )
    return rich


def run_summary(story: Story, signs: Glyphs) -> RenderableType:
    """Verdict, findings worst first with what became of them, and what to do next."""
    view = outline(story)
    head = signs.text(story.outlook.value.upper(), _OUTLOOK.get(story.outlook, "bold yellow"))
    parts: list[RenderableType] = [
        Text.assemble(head, " ", signs.text(f"{story.focus.name}: {view.headline}", "bold")),
    ]
    for finding in view.findings:
        parts.append(Text.assemble(_priority(finding.severity), " ", signs.text(finding.title)))
        about = (_extent(finding), finding.cause.value, finding.nature.value, place(finding), view.of(finding).words)
        parts.append(signs.text("   " + " · ".join(filter(None, about)), "dim"))
    if view.steps:
        parts.append(Text("next", "bold"))
        parts += [signs.text(f"   {step.where}") for step in view.steps[:3]]
    parts += [signs.text(f"{fact.label}: {fact.value}", "dim") for fact in story.artifacts]
    return Group(*parts)


def plan_diff(plan: Plan, signs: Glyphs, receipts: Sequence[Receipt] = ()) -> RenderableType:
    """Every action with its sign and its why; with receipts, what became of it."""
    colours = {"create": "green", "escalate": "red", "reopen": "red", "close": "green", "update": "yellow"}
    lines: list[Text] = []
    for action in plan.actions:
        colour = colours.get(action.kind.value, "dim")
        what = action.finding.title if action.finding else action.fingerprint
        told = filed((action,), receipts)
        words = told.words if receipts else f"{action.kind.value}{f' #{action.number}' if action.number else ''}"
        priority = _priority(action.severity) if action.severity is not None else Text("")
        lines.append(Text.assemble(Text(f"{signs.of(action)} ", colour), signs.text(words, colour), " ", priority, " "))
        lines[-1].append_text(signs.text(what))
        why = action.why + (f" {signs.dash} {told.receipt.error}" if told.receipt and told.receipt.error else "")
        lines.append(signs.text(f"    {why}", "dim"))
    lines += [signs.text(f"! {warning}", "yellow") for warning in plan.warnings]
    return Group(*lines) if lines else Text("Nothing to do on the tracker.")


def issues_table(issues: Iterable[Issue], signs: Glyphs) -> RenderableType:
    """One line per issue."""
    table = _table("#", "", "state", "title", "labels")
    for issue in issues:
        table.add_row(
            str(issue.number),
            _priority(issue.severity) if issue.severity is not None else "",
            signs.text(issue.state.value, "green" if issue.state is State.CLOSED else ""),
            signs.text(issue.title),
            signs.text(", ".join(issue.labels), "dim"),
        )
    return table if table.row_count else Text("No issues.")


def issue_card(issue: Issue, signs: Glyphs) -> RenderableType:
    """One issue with its whole text, links and comments."""
    state = f"{issue.state.value}{f' as {issue.state_reason.value}' if issue.state_reason else ''}"
    parts: list[RenderableType] = [
        signs.text(f"#{issue.number} {issue.title}", "bold"),
        signs.text(f"{state} · {', '.join(issue.labels)}", "dim"),
        *(signs.text(f"{signs.link} #{link.to}: {link.why}") for link in issue.links),
        Padding(signs.text(issue.body), (1, 0)),
    ]
    for comment in issue.comments:
        parts += [signs.text(f"{comment.author} {comment.at}", "dim"), Padding(signs.text(comment.body), (0, 0, 1, 2))]
    return Group(*parts)


def doctor(preflight: Preflight, signs: Glyphs) -> RenderableType:
    """Each check with its answer; under a problem, where it lies and the command that mends it."""
    looks = {
        Status.OK: (signs.ok, "green"),
        Status.WARN: (signs.warn, "yellow"),
        Status.BLOCK: (signs.block, "bold red"),
        Status.UNKNOWN: ("?", "cyan"),
        Status.SKIPPED: (signs.dash, "dim"),
    }
    lines: list[Text] = []
    for check in preflight.checks:
        sign, style = looks[check.status]
        name = check.id if check.service is None else f"{check.id} ({check.service})"
        lines.append(Text.assemble((f"{sign} ", style), signs.text(f"{name}: ", "bold"), signs.text(check.found)))
        if check.status in (Status.OK, Status.SKIPPED):
            continue
        details = (
            ("needed", check.needed),
            ("why", check.why),
            ("at", check.location or ""),
            ("blocks", many(len(check.blocks), "test") if check.blocks else ""),
            ("try", check.remedy),
        )
        lines += [
            signs.text(f"    {label}: {value}", "dim" if label != "try" else "") for label, value in details if value
        ]
    return Group(*lines) if lines else Text("No check was asked.")


def explained(finding: Finding, signs: Glyphs, actions: Sequence[Action] = ()) -> RenderableType:
    """Why it was decided so: the evidence, each decision with its reason, the runner-up."""
    verdict = finding.verdict
    facts = [
        ("cause", f"{finding.cause.value}: {finding.why.cause}"),
        ("rule", f"{verdict.rule} (confidence {finding.confidence.value})" if verdict else ""),
        ("runner-up", verdict.runner_up if verdict else ""),
        ("quoted", verdict.quote if verdict else ""),
        ("one finding", finding.why.group),
        *(("joined", f"{join.key}: {join.why} ({join.evidence})") for join in finding.joins),
        ("nature", f"{finding.nature.value}: {finding.why.nature}"),
        ("severity", f"{finding.severity.name}: {finding.why.severity}"),
        ("next", finding.raise_next),
        ("where", place(finding)),
        *(("suspect", f"{one.commit[:12]} {one.subject} ({one.author}): {one.reason}") for one in finding.suspects),
        *(("related", f"{one.target}: {one.why}") for one in finding.related),
        *(("issue", f"{filed((one,), ()).words}: {one.why}") for one in actions),
        ("keys", " ".join(str(key) for key in finding.keys)),
        ("again", rerun(finding.tests)),
    ]
    table = Table(box=None, show_header=False, padding=(0, 1, 0, 0))
    table.add_column(style="dim", no_wrap=True)
    table.add_column(overflow="fold")
    for label, value in facts:
        if value.strip(": "):
            table.add_row(label, signs.text(value))
    head = Text.assemble(_priority(finding.severity), " ", signs.text(finding.title, "bold"))
    shown = signs.text(clip(excerpt(finding.root), lines=40, chars=4000))
    return Group(head, Padding(shown, (1, 0, 1, 2)), table)


def _extent(finding: Finding) -> str:
    tests = many(len(finding.tests), "test") if finding.tests else ""
    blocked = f"{many(len(finding.blocked), 'test')} blocked" if finding.blocked else ""
    return ", ".join(filter(None, (tests, blocked))) or f"seen {many(finding.count, 'time')}"


def _priority(severity: int) -> Text:
    return Text(f"P{int(severity)}", _PRIORITY[severity])


def _table(*columns: str) -> Table:
    table = Table(box=None, pad_edge=False, header_style="dim", padding=(0, 2, 0, 0))
    for name in columns:
        wide = name in ("finding", "title")
        table.add_column(name, overflow="fold", no_wrap=not wide, ratio=1 if wide else None)
    return table
