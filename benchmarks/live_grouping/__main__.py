"""Breaks real projects by a seed and scores how gardener groups what fails: `python -m benchmarks.live_grouping`."""

import argparse
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec

from benchmarks.live_grouping.cases import Case, Fault, draw, first_apart, pool, truth
from benchmarks.live_grouping.faults import Edit, faults, harmless
from benchmarks.live_grouping.play import Scratch, adopt_orphans, listed, prepare, spent, stage
from benchmarks.live_grouping.projects import PROJECTS, Project, fetch, product_files
from benchmarks.live_grouping.replay import Played
from benchmarks.live_grouping.score import Score, mean, score
from gardener.repository import git

WHOLE = "run (all it knows)"
CACHE = Path(__file__).parents[2] / ".cache" / "live_grouping"


def main() -> None:
    """Play the cases and print the table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.live_grouping", description=__doc__)
    parser.add_argument("--cases", type=int, default=45, help="how many, over all projects in turn (45)")
    parser.add_argument("--seed", type=int, default=1, help="another seed draws other cases from the same faults (1)")
    parser.add_argument("--replay", action="store_true", help="group anew what was played before; nothing runs")
    parser.add_argument("--show", action="store_true", help="print every fault that was split or merged")
    wishes = parser.parse_args()
    adopt_orphans()
    prepared = [ready(project) for project in PROJECTS]
    results = []
    for place in range(wishes.cases):
        project, known, calm = prepared[place % len(prepared)]
        case = draw(project.name, place // len(prepared), known, calm, wishes.seed)
        result = _play(project, case, wishes.seed, replay=wishes.replay)
        if not result["truth"]:  # together they left no test that only one of them breaks
            continue
        results.append(result)
        run = score(result["truth"], result["groupings"][WHOLE])
        print(f"{project.name}-{case.number:02} {case.flavour:7} {len(case.faults)} faults  {_row(run)}", flush=True)
        if wishes.show:
            _show(case, result)
    print(f"\n{'':24}  P     R     F1    exact I/F   ({len(results)} cases)")
    for name in results[0]["groupings"]:
        print(f"{name:24} {_row(mean(score(each['truth'], each['groupings'][name]) for each in results))}")
    for flavour in dict.fromkeys(each["flavour"] for each in results):
        of_kind = [each for each in results if each["flavour"] == flavour]
        scores = mean(score(each["truth"], each["groupings"][WHOLE]) for each in of_kind)
        print(f"{f'  {flavour} ({len(of_kind)})':24} {_row(scores)}")
    _cost(results)


def ready(project: Project) -> tuple[Project, list[Fault], list[Edit]]:
    """A project with its green base, proven faults and harmless edits."""
    home = fetch(project, CACHE)
    prepare(home, project, CACHE / "base" / project.name)
    sources = {path: (home / path).read_bytes() for path in product_files(project, home)}
    edits = [edit for path, source in sources.items() for edit in faults(path, source)]
    calm = [edit for path, source in sources.items() for edit in harmless(path, source)]
    file = CACHE / f"{project.name}-{project.version}.faults.json"
    if not file.exists():
        scratch = Scratch(home, CACHE / "scratch" / project.name, project)
        if scratch.failing(first_apart((), calm, len(calm))) != ():
            raise SystemExit(f"{project.name}: edits that change nothing make tests fail")
        file.write_bytes(msgspec.json.encode(pool(edits, scratch.failing, file.stem)))
    return project, msgspec.json.decode(file.read_bytes(), type=list[Fault]), calm


def _play(project: Project, case: Case, seed: int, *, replay: bool = False) -> dict[str, Any]:
    """Truth and groupings of a case; what replays it stays beside its work tree."""
    root = CACHE / "cases" / str(seed) / f"{project.name}-{case.number:02}"
    told = root.with_suffix(".json")
    if not replay:
        answer = stage(CACHE / "base" / project.name, case, root)
        told.write_text(json.dumps({"answer": answer, "spent": spent(root, answer)}), encoding="utf-8")
    known = json.loads(told.read_text(encoding="utf-8"))
    played = Played(root, known["answer"]["directory"], git.resolve(CACHE / "base" / project.name, "HEAD"))
    found = played.groupings()
    if not replay:
        found[WHOLE] = listed(known["answer"]["findings"])
    blamed = truth(case.faults, found["one issue per test"])
    kept = {"project": project.name, "flavour": case.flavour, "spent": known["spent"]}
    return kept | {"truth": blamed, "groupings": found}


def _cost(results: Sequence[Mapping[str, Any]]) -> None:
    """What the spectrum takes of what the failing tests need, where it was taken: by project, then over all."""
    taken = [each for each in results if each["spent"]["spectrum"]]
    print(
        f"\nthe spectrum was taken in {len(taken)} of {len(results)} cases; seconds of it, of the failing tests alone"
    )
    parts = {
        name: [each for each in taken if each["project"] == name] for name in sorted({r["project"] for r in taken})
    }
    for name, cases in (parts | {"all": taken}).items() if taken else ():
        said = []
        for kind in ("", ", CPU"):
            pairs = [(each["spent"][f"spectrum{kind}"], each["spent"][f"failing tests alone{kind}"]) for each in cases]
            part, whole = (sum(column) for column in zip(*pairs, strict=True))
            dear = sum(one > 0.3 * other for one, other in pairs)
            said.append(f"{part:.1f} of {whole:.1f}{kind}: {part / whole:.0%}, above 30 % in {dear}")
        print(f"{name:12} {len(cases):2} cases  {'   '.join(said)}")


def _row(found: Score) -> str:
    return f"{found.precision:.3f} {found.recall:.3f} {found.f1:.3f} {found.exact:.3f} {found.ratio:.2f}"


def _show(case: Case, result: dict[str, Any]) -> None:
    """The faults whose tests are not one finding of their own."""
    blamed, groups = result["truth"], result["groupings"][WHOLE]
    for number, fault in enumerate(case.faults):
        mine = {test for test, which in blamed.items() if which == number}
        found = {groups.get(test) for test in mine}
        others = {test for test, which in blamed.items() if which != number and groups.get(test) in found}
        if mine and (len(found) > 1 or others):
            edit = fault.edit
            print(f"    {edit.operator} in {edit.path}::{edit.function}: {edit.text!r}")
            said = f"{len(mine)} tests in {len(found)} findings"
            print(f"      {said}, {len(others)} tests of others among them: {json.dumps(sorted(map(str, found)))}")


if __name__ == "__main__":
    main()
