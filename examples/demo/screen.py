"""What stays on the screen when the play is over."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from claims import Judged, State
from rich import box
from rich.console import Console, Group, RenderableType
from rich.table import Table
from rich.text import Text
from stage import Played

SHOWN = 8  # of the worst findings
COLOURS = {"P0": "bold red", "P1": "red", "P2": "yellow", "P3": "dim"}
WORDS = {
    "update": "updated",
    "escalate": "escalated",
    "deescalate": "lowered",
    "reopen": "reopened",
    "link": "linked",
    "close": "closed",
    "hold": "held",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """The whole play in numbers; a test or finding that several acts show counts once."""

    red: int
    blocked: int
    causes: int
    filed: int
    known: int  # issues that were there before and took findings

    @classmethod
    def of(cls, play: Sequence[Played], start: dict[int, dict]) -> "Tally":
        """Count over all acts."""
        findings = [(run, finding) for played in play for run in played.runs for finding in run["findings"]]
        red = {test for _, finding in findings if finding["kind"] != "warning" for test in finding["tests"]}
        blocked = {test for _, finding in findings for test in finding["blocked"]}
        homes = {finding["issue"] for _, finding in findings}
        return cls(
            red=len(red),
            blocked=len(blocked - red),
            causes=len({finding["fingerprint"] for _, finding in findings}),
            filed=len(set(play[-1].issues) - set(start)),
            known=len(homes & set(start)),
        )


def show(
    console: Console, play: Sequence[Played], start: dict[int, dict], judged: Sequence[Judged], where: str
) -> None:
    """The story, in the order in which somebody who comes by would ask."""
    for part in (
        _headline(Tally.of(play, start)),
        _focuses(play),
        _worst(play),
        _touched(play, start),
        _twice(play),
        _acceptance(judged),
        _next(where),
    ):
        console.print(part)
        console.print()


def _headline(tally: Tally) -> Text:
    return Text.assemble(
        (f"{tally.red} red and {tally.blocked} blocked tests", "bold"),
        " came from ",
        (f"{tally.causes} causes", "bold"),
        " and became ",
        (f"{tally.filed} new issues", "bold"),
        f"; {tally.known} issues that people had filed took the rest.",
    )


def _focuses(play: Sequence[Played]) -> Table:
    table = _table("what ran", "", "passed", "red", "blocked", "causes", "filed", "updated", right=range(2, 8))
    for played in play:
        for run in played.runs:
            counts, done = run["counts"], [a["kind"] for a in run["actions"] if a["outcome"] == "done"]
            skipped = run["verdict"] == "skipped"
            numbers = [
                counts["passed"],
                counts["failed"] + counts["error"] + counts["lost"],
                counts["blocked"],
                counts["findings"],
                done.count("create"),
                sum(done.count(kind) for kind in ("update", "escalate", "deescalate", "reopen")),
            ]
            scope = f" · {run['scope']}" if run["scope"] else ""
            table.add_row(
                f"{played.act.day} {run['focus']}{scope}",
                Text(run["verdict"], style="yellow" if skipped else "green" if run["verdict"] == "healthy" else "red"),
                *(("–" if skipped else str(number)) for number in numbers),
            )
    return table


def _worst(play: Sequence[Played]) -> Group:
    seen: dict[str, tuple[dict, str]] = {}
    for played in play:
        for run in played.runs:
            for finding in run["findings"]:
                seen.setdefault(finding["fingerprint"], (finding, run["focus"]))
    ranked = sorted(seen.values(), key=lambda pair: (pair[0]["severity"], -_weight(pair[0])))
    table = _table("the worst", "cause", "tests", "what", "issue", right=[2])
    for finding, _ in ranked[:SHOWN]:
        issue = f"#{finding['issue']}" if finding["issue"] else "held"
        severity = Text(finding["severity"], style=COLOURS[finding["severity"]])
        table.add_row(severity, finding["cause"], str(_weight(finding)), Text(finding["title"]), issue)
    rest = len(ranked) - SHOWN
    return Group(table, Text(f" and {rest} more", style="dim")) if rest > 0 else Group(table)


def _weight(finding: dict) -> int:
    return len(finding["tests"]) or len(finding["blocked"]) or finding["count"]


def _touched(play: Sequence[Played], start: dict[int, dict]) -> Table:
    done: dict[int, list[str]] = {}
    for played in play:
        for run in played.runs:
            for action in run["actions"]:
                if action["outcome"] == "done" and action["issue"] in start:
                    done.setdefault(action["issue"], []).append(_what(action))
    table = _table("filed by people", "title", "now", "what was done")
    for number in sorted(done):
        issue = play[-1].issues[number]
        table.add_row(f"#{number}", Text(start[number]["title"]), issue["severity"] or "", _folded(done[number]))
    return table


def _what(action: dict) -> str:
    if action["kind"] == "link":
        return f"linked to #{action['to']}"
    return f"{WORDS[action['kind']]} to {action['severity']}" if action["kind"] == "escalate" else WORDS[action["kind"]]


def _folded(words: Iterable[str]) -> str:
    listed = list(words)
    unique = dict.fromkeys(listed)
    return ", ".join(word if listed.count(word) == 1 else f"{word} {listed.count(word)} times" for word in unique)


def _twice(play: Sequence[Played]) -> Text:
    last, before = play[-1], play[-2]
    new = len(set(last.issues) - set(before.issues))
    kinds = [a["kind"] for run in last.runs for a in run["actions"] if a["outcome"] == "done"]
    kept = sum(kind in ("update", "escalate", "deescalate") for kind in kinds)
    return Text.assemble(
        ("Never twice: ", "bold"),
        "the same run again filed ",
        (f"{new} issues", "bold green" if new == 0 else "bold red"),
        f" and updated {kept}; the tracker holds {len(last.issues)} issues, as before it.",
    )


def _acceptance(judged: Sequence[Judged]) -> Group:
    def those(state: State) -> list[Judged]:
        return [claim for claim in judged if claim.state is state]

    due = those(State.HOLDS) + those(State.BROKEN)
    lines: list[RenderableType] = [
        Text.assemble(("Checked: ", "bold"), f"{len(those(State.HOLDS))} of {len(due)} claims that are due hold.")
    ]
    lines += [
        Text(f"  broken   {claim.row} {claim.say}: {'; '.join(claim.problems)}", style="red")
        for claim in those(State.BROKEN)
    ]
    early, later, absent = those(State.EARLY), those(State.NOT_YET), those(State.NOT_HERE)
    if early:
        lines.append(Text(f"  early    {len(early)} that are due later hold already"))
    if later:
        lines.append(Text(f"  not yet  {_rows(later)}", style="dim"))
    if absent:
        lines.append(Text(f"  not here {_rows(absent)}", style="dim"))
    return Group(*lines)


def _rows(claims: Sequence[Judged]) -> str:
    by_due: dict[str, list[str]] = {}
    for claim in claims:
        by_due.setdefault(claim.due, []).append(claim.row)
    return "; ".join(f"{due}: {', '.join(dict.fromkeys(rows))}" for due, rows in by_due.items())


def _next(where: str) -> Group:
    return Group(
        Text.assemble(("Look: ", "bold"), f"worklogs in {where}/tests/FAILING-TEST/gardener, reports in"),
        Text(f"      {where}/.gardener/runs/*/report.html; `gardener issues list` in {where}"),
        Text.assemble(("Yours: ", "bold"), "make garden REPO=path/to/your/repository"),
    )


def _table(*columns: str, right: Iterable[int] = ()) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, header_style="bold", expand=False)
    wanted = set(right)
    for index, column in enumerate(columns):
        table.add_column(column, justify="right" if index in wanted else "left", overflow="fold")
    return table
