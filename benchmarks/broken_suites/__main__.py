"""Breaks whole suites and scores how gardener groups their reports: `python -m benchmarks.broken_suites`."""

import argparse
from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable, Mapping
from pathlib import Path

from benchmarks.broken_suites.application import sound
from benchmarks.broken_suites.decay import Break, Files, drawn
from benchmarks.broken_suites.play import chosen, groupings, proven, staged, truth
from benchmarks.broken_suites.sdists import PROJECTS, candidates, unpacked
from benchmarks.live_grouping.score import Score, mean, score

CACHE = Path(__file__).parents[2] / ".cache"
HOME = CACHE / "broken_suites"
ROOTS = 36  # of a project's suite


def main() -> None:
    """Play the suites and print a table for what fails and for what cannot be collected."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.broken_suites", description=__doc__)
    parser.add_argument("--suites", type=int, default=2, help="of the application, each broken in its own way (2)")
    parser.add_argument(
        "--projects", nargs="*", default=[one.name for one in PROJECTS], help="those of the index (all)"
    )
    parser.add_argument("--show", action="store_true", help="print every root that was split or merged")
    wishes = parser.parse_args()
    rows: dict[tuple[str, str], list[Score]] = defaultdict(list)
    for name, files, breaks in _suites(wishes.suites, wishes.projects):
        by_break = {each: proven(files, each, HOME / name.partition("-")[0]) for each in breaks}
        root = HOME / "cases" / name
        blamed = truth(staged(files, breaks, root), by_break)
        found = groupings(root)
        for part, mine in _parts(blamed):
            print(f"{name:14} {part:13} {len(mine):4} tests {len(set(mine.values())):3} roots", end="")
            for way, group in found.items():
                rows[way, part].append(score(mine, group))
            print(f"   {_row(rows[next(iter(found)), part][-1])}", flush=True)
        if wishes.show:
            _show(blamed, next(iter(found.values())))
    print(f"\n{'':34}  P     R     F1    exact I/F")
    for (way, part), scores in rows.items():
        print(f"{way:20} {part:13} {_row(mean(scores))}")


def _suites(wanted: int, projects: Iterable[str]) -> Iterable[tuple[str, Files, list[Break]]]:
    for number in range(1, wanted + 1):
        yield f"application-{number}", sound(), drawn(number)
    for project in PROJECTS:
        if project.name in projects:
            files = unpacked(project, CACHE / "live_grouping")
            yield project.name, files, chosen(files, candidates(files, project, 1), HOME / project.name, ROOTS)


def _parts(blamed: Mapping[str, str]) -> Iterable[tuple[str, dict[str, str]]]:
    for part, inside in (("failing", True), ("uncollectable", False)):
        mine = {test: name for test, name in blamed.items() if ("::" in test) is inside}
        if mine:
            yield part, mine


def _row(found: Score) -> str:
    return f"{found.precision:.3f} {found.recall:.3f} {found.f1:.3f} {found.exact:.3f} {found.ratio:.2f}"


def _show(blamed: Mapping[str, str], groups: Mapping[str, Hashable]) -> None:
    """The roots whose tests are not one finding of their own."""
    held: dict[Hashable, set[str]] = defaultdict(set)
    for test, name in blamed.items():
        held[groups.get(test)].add(name)
    for name in sorted(set(blamed.values())):
        found = Counter(groups.get(test) for test, other in blamed.items() if other == name)
        others = sorted({other for group in found for other in held[group]} - {name})
        if len(found) > 1 or others:
            print(f"    {name}: {dict(found)}{f', with {others}' if others else ''}")


if __name__ == "__main__":
    main()
