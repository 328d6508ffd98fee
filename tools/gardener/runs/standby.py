"""A test process that stays when its tests have run: some of them run again in it, watched, without a new start."""

import json
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from gardener import proc
from gardener.model.finding import Touched
from gardener.model.run import Run
from gardener.runs.sample import Costs, Sample, file_of, lines_of, red


@dataclass(frozen=True, slots=True, kw_only=True)
class Standby:
    """The process, and what its run cost: until the collection began, for it, and for all of the failing tests."""

    pid: int
    start_s: float
    collect_s: float
    failing_s: float

    def costs(self, run: Run) -> Costs:
        """Of the time of collection the failing tests need the share that their files are of all."""
        files = [len({file_of(case.node) for case in cases}) for cases in (red(run.cases), run.cases)]
        return Costs(needed_s=self.start_s + self.collect_s * files[0] / max(files[1], 1) + self.failing_s)


def standing_by(folder: str) -> Standby | None:
    """The process that stays for orders in a private folder; None where there is none."""
    file = Path(folder, "ready.json")
    return Standby(**json.loads(file.read_text(encoding="utf-8"))) if folder and file.exists() else None


def ask(folder: Path, standby: Standby, root: Path, changes: Sequence[Touched], sample: Sample) -> float:
    """Let it run the sample, and wait for the end of that, or end it; the seconds it took."""
    order = {
        "root": str(root),
        "lines": lines_of(changes),
        "definitions": {str(each): (each.path, each.lines, each.first, each.now, each.before) for each in changes},
        "revert": str(Path(__file__).with_name("revert.py")),
        "output": str(folder / "spectrum.jsonl"),
        "failing": sample.failing,
        "passing": sample.passing,
        "seconds": 0.9 * sample.budget_s,  # beginning, end and the test that runs then take the rest
    }
    start = time.monotonic()
    (folder / "written.json").write_text(json.dumps(order), encoding="utf-8")
    (folder / "written.json").replace(folder / "order.json")
    if not proc.ended(standby.pid, within_s=sample.limit_s):
        proc.end_tree(standby.pid, grace_s=0.1)
    return time.monotonic() - start
