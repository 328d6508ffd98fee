"""What a person sees in the terminal: the run, the plan as a diff, issues, checks, why it was decided so."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from textwrap import indent

from rich.console import Group, RenderableType
from rich.text import Text

from gardener.model.finding import Finding
from gardener.model.plan import Action, ActionKind, Issue, Plan, Receipt
from gardener.model.run import Check, Preflight, Status
from gardener.model.story import Story
from gardener.render.markdown import clip, visible
from gardener.render.outline import Filed, done, excerpt, filed, many, outline, place, rerun

# what the runner of a hosted CI would obey in a line of output, wherever the line is wrapped
_COMMAND = re.compile(
    r"::(?=(?:set-output|set-env|add-path|add-mask|add-matcher|remove-matcher|save-state|stop-commands|echo|debug|"
    r"notice|warning|error|group|endgroup)\b)|##(?=\[)",
    re.IGNORECASE,
)
_FEW = 2  # selectors (marker:docker) are told, long lists of tests are counted
_PRIORITY = ("bold red", "dark_orange", "yellow", "cyan")
_OUTLOOK = {"healthy": "bold green", "failing": "bold red", "crashed": "bold red", "timed-out": "bold red"}
_ACTION = {
    ActionKind.CREATE: ("+", "green"),
    ActionKind.UPDATE: ("~", "yellow"),
    ActionKind.ESCALATE: ("↑", "red"),
    ActionKind.DEESCALATE: ("↓", "cyan"),
    ActionKind.REOPEN: ("↺", "red"),
    ActionKind.LINK: ("&", "dim"),
    ActionKind.CLOSE: ("✓", "green"),
    ActionKind.HOLD: ("=", "dim"),
}
_CHECK = {
    Status.OK: ("✓", "green"),
    Status.WARN: ("!", "yellow"),
    Status.BLOCK: ("✗", "bold red"),
    Status.UNKNOWN: ("?", "cyan"),
    Status.SKIPPED: ("-", "dim"),
}
_SIGNS = str.maketrans(
    {"↑": "^", "↓": "v", "↺": "o", "✓": "+", "✗": "X", "·": "|", "–": "-", "…": "...", "→": "->", "×": "x", "±": "~"}
)


@dataclass(frozen=True, slots=True)
class Glyphs:
    """Makes text that a stream of this encoding can take."""

    encoding: str

    def text(self, value: object, style: str = "") -> Text:
        """Text of anybody: no markup, no terminal code, no workflow command; plain signs where others cannot be had."""
        said = _COMMAND.sub(lambda found: " ".join(found[0]), visible(str(value)))
        try:
            said.encode(self.encoding)
        except UnicodeEncodeError:
            said = said.translate(_SIGNS).encode(self.encoding, "backslashreplace").decode(self.encoding)
        return Text(said, style)


def glyphs(encoding: str | None) -> Glyphs:
    """For a stream's encoding as it names it; an unknown one is taken for ASCII."""
    try:
        "".encode(encoding or "ascii")
    except LookupError:
        return Glyphs("ascii")
    return Glyphs(encoding or "ascii")


def run_summary(story: Story, signs: Glyphs) -> RenderableType:
    """Verdict, findings worst first with what became of them, and what to do next."""
    view = outline(story)
    head = signs.text(story.outlook.value.upper(), _OUTLOOK.get(story.outlook, "bold yellow"))
    lines = [Text.assemble(head, " ", signs.text(f"{story.focus.name}: {view.headline}", "bold"))]
    lines += [_two_lines(finding, view.of(finding).words, signs) for finding in view.findings]
    if view.steps:
        lines += [Text("next", "bold"), *(signs.text(f"   {step.where}") for step in view.steps[:3])]
    lines += [signs.text(f"{fact.label}: {fact.value}", "dim") for fact in story.artifacts]
    return Group(*lines)


def plan_diff(plan: Plan, signs: Glyphs, receipts: Sequence[Receipt] = ()) -> RenderableType:
    """Every action with its sign and its why; what became of it, where it was tried."""
    lines: list[Text] = []
    for action in plan.actions:
        sign, colour = _sign(action)
        told = done(action, receipts)
        words = told.words if told.receipt else f"{action.kind}{f' #{action.number}' if action.number else ''}"
        lines.append(Text.assemble(signs.text(f"{sign} {words} ", colour), *priority(action.severity)))
        lines[-1].append_text(signs.text(action.finding.title if action.finding else action.fingerprint))
        error = f" – {told.receipt.error}" if told.receipt and told.receipt.error else ""
        lines.append(signs.text(f"    {action.why}{error}", "dim"))
    lines += [signs.text(f"! {warning}", "yellow") for warning in plan.warnings]
    return Group(*lines) if lines else Text("Nothing to do on the tracker.")


def issue_card(issue: Issue, signs: Glyphs) -> RenderableType:
    """One issue with its whole text, links and comments."""
    state = f"{issue.state}{f' as {issue.state_reason}' if issue.state_reason else ''}"
    parts = [
        signs.text(f"#{issue.number} {issue.title}", "bold"),
        signs.text(" · ".join(filter(None, (state, ", ".join(issue.labels), issue.url))), "dim"),
        *(signs.text(f"& #{link.to}: {link.why}") for link in issue.links),
        signs.text(f"\n{issue.body.strip()}\n"),
    ]
    for said in issue.comments:
        parts += [signs.text(f"{said.author} {said.at}", "dim"), signs.text(f"{said.body.strip()}\n")]
    return Group(*parts)


def doctor(preflight: Preflight, signs: Glyphs) -> RenderableType:
    """Each check with its answer; under a problem, where it lies and the command that mends it."""
    lines = [line for check in preflight.checks for line in _check_lines(check, signs)]
    lines += [
        signs.text(f"tried {one.command}: {one.result} {one.error}".rstrip(), "dim") for one in preflight.attempts
    ]
    return Group(*lines) if lines else Text("No check was asked.")


def explained(finding: Finding, story: Story, later: Sequence[tuple[str, Filed]], signs: Glyphs) -> RenderableType:
    """Why it was decided so: the evidence, each decision with its reason, what came second, the actions.

    `later` is what newer runs, that did not see the finding, did to its issue.
    """
    named = finding.verdict
    mine = filed(story.plan.actions, story.receipts, finding)
    acted = [*([mine] if mine.action else []), *(done(link, story.receipts) for link in mine.links)]
    facts = [
        ("cause", f"{finding.cause}: {finding.why.cause}"),
        ("rule", f"{named.rule} (confidence {finding.confidence})" if named else ""),
        ("runner-up", (named.runner_up if named else "") or "none: no other rule fits"),
        ("quoted", named.quote if named else ""),
        ("one finding", finding.why.group),
        *(("joined", f"{join.key}: {join.why} ({join.evidence})") for join in finding.joins),
        ("nature", f"{finding.nature}: {finding.why.nature}"),
        ("severity", f"{finding.severity.name}: {finding.why.severity}"),
        ("next", finding.raise_next),
        ("impact", finding.impact),
        ("where", place(finding)),
        *(("suspect", f"{one.commit[:12]} {one.subject} ({one.author}): {one.reason}") for one in finding.suspects),
        *(("related", f"{one.target}: {one.why}") for one in finding.related),
        *(("action", _deed(each)) for each in acted),
        *(("later", f"{run} {_deed(each)}") for run, each in later),
        ("keys", " ".join(str(key) for key in finding.keys)),
        ("again", rerun(finding.tests)),
    ]
    shown = indent(clip(excerpt(finding.root), lines=40, chars=4000), "   ")
    told = (Text.assemble((f"   {name:<12}", "dim"), signs.text(value)) for name, value in facts if value.strip(": "))
    return Group(_two_lines(finding, "", signs), signs.text(f"\n{shown}\n"), *told)


def _deed(each: Filed) -> str:
    why = each.action.why if each.action else ""
    return f"{each.words}: {why}{f' ({each.receipt.error})' if each.receipt and each.receipt.error else ''}"


def word(kind: str, meaning: str, checks: Sequence[Check], signs: Glyphs) -> RenderableType:
    """One of gardener's own words and what it means; for a check also what the last run that asked it found."""
    said = Text.assemble(signs.text(kind, "bold"), ": ", signs.text(meaning))
    return Group(said, *(line for check in checks for line in _check_lines(check, signs)))


def _check_lines(check: Check, signs: Glyphs) -> Iterable[Text]:
    sign, style = _CHECK[check.status]
    name = check.id if check.service is None else f"{check.id} ({check.service})"
    yield Text.assemble(signs.text(f"{sign} ", style), signs.text(f"{name}: ", "bold"), signs.text(check.found))
    blocks = ", ".join(check.blocks) if len(check.blocks) <= _FEW else many(len(check.blocks), "test")
    details = {"needed": check.needed, "why": check.why, "at": check.location, "blocks": blocks, "try": check.remedy}
    if check.status not in (Status.OK, Status.SKIPPED):
        yield from (
            signs.text(f"    {name}: {value}", "dim" * (name != "try")) for name, value in details.items() if value
        )


def _two_lines(finding: Finding, became: str, signs: Glyphs) -> Text:
    tests = many(len(finding.tests), "test") if finding.tests else ""
    blocked = f"{many(len(finding.blocked), 'test')} blocked" if finding.blocked else ""
    extent = ", ".join(filter(None, (tests, blocked))) or f"seen {many(finding.count, 'time')}"
    about = " · ".join(filter(None, (extent, finding.cause, finding.nature, place(finding), became)))
    return Text.assemble(*priority(finding.severity), signs.text(finding.title), signs.text(f"\n   {about}", "dim"))


def _sign(action: Action) -> tuple[str, str]:
    """The sign of an action; a link to an issue that only looks alike is a question."""
    near = action.kind is ActionKind.LINK and action.why.startswith("near match")
    return ("?", "cyan") if near else _ACTION[action.kind]


def priority(severity: int | None) -> tuple[tuple[str, str], ...]:
    """A priority in its colour; nothing for none."""
    return () if severity is None else ((f"P{int(severity)} ", _PRIORITY[severity]),)
