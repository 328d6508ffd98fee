"""What stays on the screen when the play is over."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from claims import Judged, State
from rich import box
from rich.console import Console, Group, RenderableType
from rich.table import Table
from rich.text import Text
from stage import Json, Played

SHOWN = 8  # of the worst findings
TITLE = 48  # characters of an earlier issue's
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
    def of(cls, play: Sequence[Played], start: dict[int, Json]) -> "Tally":
        """Count over all acts."""
        findings = [finding for played in play for run in played.runs for finding in run["findings"]]
        red = {test for finding in findings if finding["cause"] != "empty" for test in finding["tests"]}
        blocked = {test for finding in findings for test in finding["blocked"]}
        homes = {finding["issue"] for finding in findings}
        return cls(
            red=len(red),
            blocked=len(blocked - red),
            causes=len({finding["fingerprint"] for finding in findings}),
            filed=len(set(play[-1].issues) - set(start)),
            known=len(homes & set(start)),
        )


def show(
    console: Console, play: Sequence[Played], start: dict[int, Json], judged: Sequence[Judged], where: str
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
    seen: set[str] = set()
    for played in play:
        for run in played.runs:
            scope = f" · {run['scope']}" if run["scope"] else ""
            what = f"{played.act.day} {run['focus']}{scope}"
            skipped = run["verdict"] == "skipped"
            table.add_row(
                f"{what} again" if what in seen else what,
                Text(run["verdict"], style="yellow" if skipped else "green" if run["verdict"] == "healthy" else "red"),
                *("–" if skipped else str(number) for number in _numbers(run)),
            )
            if not skipped:
                seen.add(what)
    return table


def _numbers(run: Json) -> tuple[int, ...]:
    counts, done = run["counts"], [action["kind"] for action in run["actions"] if action["outcome"] == "done"]
    return (
        counts["passed"],
        counts["failed"] + counts["error"] + counts["lost"],
        counts["blocked"],
        counts["findings"],
        done.count("create"),
        sum(done.count(kind) for kind in ("update", "escalate", "deescalate", "reopen")),
    )


def _worst(play: Sequence[Played]) -> Group:
    seen: dict[str, Json] = {}
    for played in play:
        for run in played.runs:
            for finding in run["findings"]:
                seen.setdefault(finding["fingerprint"], finding)
    ranked = sorted(seen.values(), key=lambda finding: (finding["severity"], -_weight(finding)))
    table = _table("the worst", "cause", "tests", "what", "issue", right=[2], wide=3)
    for finding in ranked[:SHOWN]:
        table.add_row(
            Text(finding["severity"], style=COLOURS[finding["severity"]]),
            finding["cause"],
            str(_weight(finding)),
            Text(finding["title"]),
            f"#{finding['issue']}" if finding["issue"] else "held",
        )
    rest = len(ranked) - SHOWN
    return Group(table, Text(f"and {rest} more", style="dim")) if rest > 0 else Group(table)


def _weight(finding: Json) -> int:
    return len(finding["tests"]) or len(finding["blocked"]) or finding["count"]


def _touched(play: Sequence[Played], start: dict[int, Json]) -> Table:
    done: dict[int, list[str]] = {}
    for played in play:
        for run in played.runs:
            for action in run["actions"]:
                if action["outcome"] == "done" and action["issue"] in start:
                    done.setdefault(action["issue"], []).append(_what(action))
    table = _table("filed before", "title", "now", "what was done", wide=3, wraps=True)
    for number in sorted(done):
        issue = play[-1].issues[number]
        title = Text(start[number]["title"])
        title.truncate(TITLE, overflow="ellipsis")
        table.add_row(f"#{number}", title, issue["severity"] or "", _folded(done[number]))
    return table


def _what(action: Json) -> str:
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
        ("Never twice", "bold"),
        "  the same run again filed ",
        (f"{new} issues", "bold green" if new == 0 else "bold red"),
        f" and updated {kept}: {len(before.issues)} issues before it, {len(last.issues)} after.",
    )


def _acceptance(judged: Sequence[Judged]) -> Group:
    def those(state: State) -> list[Judged]:
        return [claim for claim in judged if claim.state is state]

    held, broken, early = those(State.HOLDS), those(State.BROKEN), those(State.EARLY)
    due = f"{len(held)} of the {len(held) + len(broken)} claims that are due hold"
    parts: list[RenderableType] = [_lines([("Checked", f"{due}, and {len(early)} that are due later")])]
    if broken:
        rows = [(claim.row, f"{claim.say}: {'; '.join(claim.problems)}") for claim in broken]
        parts.append(_lines(rows, style="red"))
    for word, claims in (("not yet", those(State.NOT_YET)), ("not here", those(State.NOT_HERE))):
        if claims:
            parts.append(_lines([(word, _rows(claims))], style="dim"))
    return Group(*parts)


def _rows(claims: Sequence[Judged]) -> str:
    by_due: dict[str, list[str]] = {}
    for claim in claims:
        by_due.setdefault(claim.due, []).append(claim.row)
    return "; ".join(f"{due}: {', '.join(dict.fromkeys(rows))}" for due, rows in by_due.items())


def _next(where: str) -> Table:
    return _lines(
        [
            ("Worklogs", f"{where}/tests/FAILING-TEST/gardener/"),
            ("Reports", f"{where}/.gardener/runs/*/report.html"),
            ("Issues", f"cd {where} && gardener issues list"),
            ("Yours", "make garden REPO=path/to/your/repository"),
        ]
    )


def _table(*columns: str, right: Iterable[int] = (), wide: int | None = None, wraps: bool = False) -> Table:
    """One line per row; the wide column takes the room that is left, and is cut or wrapped where there is none."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, header_style="bold", show_edge=False, expand=wide is not None)
    for index, column in enumerate(columns):
        table.add_column(
            column,
            justify="right" if index in right else "left",
            no_wrap=not (wraps and index == wide),
            overflow="ellipsis",
            ratio=1 if index == wide else None,
        )
    return table


def _lines(rows: Iterable[tuple[str, str]], style: str = "") -> Table:
    """A word and what is to be said of it, which may need several lines."""
    grid = Table.grid(padding=(0, 2))
    grid.add_column(style="bold", no_wrap=True)
    grid.add_column(style=style)
    for word, said in rows:
        grid.add_row(word, Text(said))
    return grid
