"""Breaks whole suites and scores how gardener groups their reports: `python -m benchmarks.broken_suites`."""

import argparse
from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable, Mapping
from pathlib import Path

from benchmarks.broken_suites.application import sound
from benchmarks.broken_suites.decay import Break, Files, drawn
from benchmarks.broken_suites.play import chosen, groupings, lived, proven, staged, truth
from benchmarks.broken_suites.sdists import PROJECTS, candidates, unpacked
from benchmarks.live_grouping.projects import Project
from benchmarks.live_grouping.score import Score, mean, score

CACHE = Path(__file__).parents[2] / ".cache"
HOME = CACHE / "broken_suites"
ROOTS = 24  # of a project's suite


def main() -> None:
    """Play the suites and print, as each is done, a table for what fails and for what cannot be collected."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.broken_suites", description=__doc__)
    parser.add_argument("--suites", type=int, default=2, help="of the application, each broken in its own way (2)")
    parser.add_argument(
        "--projects", nargs="*", default=[one.name for one in PROJECTS], help="those of the index (all)"
    )
    parser.add_argument("--seed", type=int, default=1, help="which breaks the projects get (1)")
    parser.add_argument("--show", action="store_true", help="print every root that was split or merged")
    parser.add_argument("--live", action="store_true", help="also by `gardener run`, with a good run and git at hand")
    wishes = parser.parse_args()
    wanted = [project for project in PROJECTS if project.name in wishes.projects]
    for subject, suites in (
        ("application", _drawn(wishes.suites)),
        *((one.name, _broken(one, wishes.seed)) for one in wanted),
    ):
        rows: dict[tuple[str, str], list[Score]] = defaultdict(list)
        for name, files, breaks in suites:
            _play(name, {each: proven(files, each, HOME / subject) for each in breaks}, files, rows, wishes)
        for (part, way), scores in sorted(rows.items()):  # at once: a run that is cut short keeps what it has
            print(f"{subject:12} {part:13} {way:20} {_row(mean(scores))}", flush=True)


def _play(
    name: str,
    by_break: Mapping[Break, frozenset[str]],
    files: Files,
    rows: dict[tuple[str, str], list[Score]],
    wishes: argparse.Namespace,
) -> None:
    """Break the suite in all its ways at once, and add its scores by part and way of grouping."""
    root = HOME / "cases" / name
    blamed = truth(staged(files, [*by_break], root), by_break)
    found = groupings(root)
    if wishes.live:
        found["run (all it knows)"], said = lived(files, [*by_break], HOME / "live" / name)
        print(said)
    for part, mine in _parts(blamed):
        print(f"{name:14} {part:13} {len(mine):4} tests {len(set(mine.values())):3} roots", flush=True)
        for way, group in found.items():
            rows[part, way].append(score(mine, group))
    if wishes.show:
        _show(blamed, next(iter(found.values())))


def _drawn(wanted: int) -> Iterable[tuple[str, Files, list[Break]]]:
    return ((f"application-{number}", sound(), drawn(number)) for number in range(1, wanted + 1))


def _broken(project: Project, seed: int) -> Iterable[tuple[str, Files, list[Break]]]:
    files = unpacked(project, CACHE / "live_grouping")
    breaks = chosen(files, candidates(files, project, seed), HOME / project.name, ROOTS)
    yield f"{project.name}-{seed}", files, breaks


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
