"""The failing tests of a case that was played, grouped by the rules as they stand with more or less evidence."""

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

from benchmarks.live_grouping.keeping import WRITTEN
from benchmarks.live_grouping.play import NOISE, Grouping
from gardener.grounds import open_grounds
from gardener.model.finding import Evidence, Past
from gardener.ports import Watched, World
from gardener.reading import harvested
from gardener.repository import evidence
from gardener.repository.touched import touched
from gardener.runs import sample
from gardener.tracing import with_spectrum
from gardener.triage.group import group
from gardener.triage.places import is_test


class Played:
    """A case whose `gardener run` ended: its report in `folder`, and its repository since the commit `green`."""

    def __init__(self, root: Path, folder: str, green: str) -> None:
        self._root, self._green = root, green
        grounds = open_grounds(root, {})
        self.run = harvested([root / folder / "report.json"], grounds.redactor)
        self.policy = grounds.policy
        self.text = Evidence(passed=self.run.passed())
        self.sources = replace(evidence.gather(root, self.run, grounds.checkout, ()), passed=self.run.passed())
        self.touched = touched(root, green)

    def groupings(self) -> dict[str, Grouping]:
        """By gardener with all it knows and with less, and by two policies."""
        first = {failure.subject: failure.message for failure in reversed(self.run.failures())}
        changed = tuple(each for each in self.touched if not is_test(each.path))
        return {
            "run (all it knows)": self.grouped(self.everything()),
            "text + sources + git": self.grouped(replace(self.sources, touched=changed)),
            "text + sources": self.grouped(self.sources),
            "harvest (text alone)": self.grouped(self.text),
            "masked message": {test: NOISE.sub("#", message) for test, message in first.items()},
            "one issue per test": {test: test for test in first},
        }

    def grouped(self, known: Evidence) -> Grouping:
        found = group(self.run.failures(), known, self.policy)
        return {test: str(one.fingerprint) for one in reversed(found) for test in one.tests}

    def everything(self) -> Evidence:
        """What the run knew, with what it really watched and tried."""
        seen = sample.read(self._root / WRITTEN)
        watched = Watched(
            ran={node: one.ran for node, one in seen.items()},
            tried={node: one.tried for node, one in seen.items()},
            passed=frozenset(node for node, one in seen.items() if not one.failed),
            failed=frozenset(sample.alike(self.run.cases, seen)),
        )
        passed = Past(last_pass_commit=self._green)
        store = SimpleNamespace(past=lambda found, *_: {str(each.fingerprint): passed for each in found})
        world = SimpleNamespace(store=store, touched=lambda _: self.touched, watch=lambda *_: watched)
        focus, found = SimpleNamespace(name="unit"), group(self.run.failures(), self.sources, self.policy)
        return with_spectrum(cast(Any, focus), cast(Any, None), self.run, found, self.sources, cast(World, world))[0]
