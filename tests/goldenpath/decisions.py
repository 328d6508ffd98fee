"""Every decision of kept runs: how a person asks for it, and what `gardener explain` then has to say."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from gardener.codec import from_json
from gardener.model.finding import Finding
from gardener.model.plan import Action
from gardener.model.story import Story
from gardener.render.outline import excerpt, filed, is_health


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """One decision, and the words that explain it."""

    run: str
    kind: str  # cause, group, nature, severity, join, suspect, an action, check
    ask: tuple[str, ...]  # the arguments of `gardener explain`
    says: tuple[str, ...]  # evidence, rule, runner-up, why
    why: str  # what the worklog says too; "" where it does not tell of it


def stories(repository: Path) -> dict[str, Story]:
    """The kept runs, oldest first."""
    kept = sorted(repository.glob(".gardener/runs/*/story.json"))
    return {path.parent.name: from_json(path.read_bytes(), Story) for path in kept}


def decisions(told: dict[str, Story]) -> list[Decision]:
    """About findings, about issues that no finding belongs to any more, and of preflight."""
    found = [each for story in told.values() for finding in story.findings for each in _of(finding, story)]
    return [*found, *_without_finding(told), *_checks(told)]


def _of(finding: Finding, story: Story) -> Iterator[Decision]:
    ask = (str(finding.fingerprint), "--run", story.run.id)
    assert finding.verdict is not None
    evidence = next((line for line in excerpt(finding.root).splitlines() if line.strip()), finding.title)
    always = (evidence, finding.verdict.rule, "runner-up", finding.verdict.runner_up)
    whys = [
        ("cause", finding.why.cause),
        ("group", finding.why.group),
        ("nature", finding.why.nature),
        ("severity", finding.why.severity),
        ("what would raise it", finding.raise_next),
        *(("join", each.why) for each in finding.joins),
        *(("related", each.why) for each in finding.related),
        *(("suspect", each.reason) for each in finding.suspects),
    ]
    for kind, why in whys:
        shown = "" if is_health(finding) else why  # the worklog lists warnings without their reasons
        yield Decision(run=story.run.id, kind=kind, ask=ask, says=(*always, why), why=shown)
    mine = filed(story.plan.actions, story.receipts, finding)
    for action in (*((mine.action,) if mine.action else ()), *mine.links):
        yield Decision(run=story.run.id, kind=action.kind, ask=ask, says=(*always, action.why), why=action.why)


def _without_finding(told: dict[str, Story]) -> Iterator[Decision]:
    """What was done to issues after their finding was seen last: closed, say."""
    last_seen: dict[int, str] = {}
    done: list[tuple[str, int, Action]] = []
    for run, story in told.items():
        numbers = {filed(story.plan.actions, story.receipts, finding).number for finding in story.findings}
        last_seen |= {number: run for number in numbers if number is not None}
        done += [(run, a.number, a) for a in story.plan.actions if a.number and not a.to and a.number not in numbers]
    for run, number, action in done:
        if last_seen.get(number, run) < run:
            yield Decision(run=run, kind=action.kind, ask=(f"#{number}",), says=(run, action.why), why=action.why)


def _checks(told: dict[str, Story]) -> Iterator[Decision]:
    """What the newest run that asked a check was answered."""
    newest = {check.id: story for story in told.values() for check in story.preflight.checks}
    for name, story in newest.items():
        answers = [check for check in story.preflight.checks if check.id == name]
        says = tuple(part for check in answers for part in (check.found, check.remedy) if part)
        yield Decision(run=story.run.id, kind="check", ask=(name,), says=says, why="")
