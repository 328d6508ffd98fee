"""Bisection on real parts: commits from git, the finding's tests in a tree of their own, every answer kept."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

from gardener.codec import from_json, to_json
from gardener.grounds import Grounds
from gardener.keep import write
from gardener.model.errors import ConfigurationError, UnreadableReport
from gardener.model.finding import Evidence, Finding, Nature
from gardener.model.story import Story
from gardener.reading import run_of
from gardener.render.shapes import BisectShape
from gardener.repository import git, probe
from gardener.repository.bisect import ENDS, Answer, Ending, Outcome, Sighting, advance
from gardener.runs.launch import Order, launch, remove
from gardener.triage.group import group

PATIENCE_S = 10.0  # a run that was begun may take so long after the time is up: each call learns something
MOST_TESTS = 20  # of a finding, that stand for all of it


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What is looked for, and where. Commits are full hashes."""

    finding: Finding
    story: Story  # the run that saw it
    python: str
    bad: str
    starts: tuple[str, ...]  # where it may have been good, the likeliest first
    timeout_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """What a bisection knows so far; the same question goes on from it."""

    bad: str
    python: str
    seen: tuple[Sighting, ...] = ()
    told: bool = False  # whether the issue knows


def ask(grounds: Grounds, story: Story, finding: Finding, python: str, *, good: str, bad: str, box_s: float) -> Asked:
    """The question with its commits. ConfigurationError where nothing can be asked."""
    checkout, root = grounds.checkout, grounds.root
    if checkout.commit is None:
        raise ConfigurationError(f"There is nothing to bisect: {checkout.why_not}.", "Bisection needs commits.")
    if not finding.tests:
        raise ConfigurationError(f"No test fails by {finding.slug}.", "Only findings with tests can be bisected.")
    newest = _commit(root, bad) if bad else _first_bad(root, finding, _seen_on(root, story) or checkout.commit)
    starts = (_commit(root, good),) if good else tuple(dict.fromkeys(_starts(root, finding, newest)))
    starts = tuple(start for start in starts if start != newest and git.is_ancestor(root, start, newest))
    if not starts:
        hint = "Name one with --good COMMIT."
        if checkout.shallow:
            hint = "This clone is shallow: `git fetch --unshallow` brings the history."
        raise ConfigurationError(f"No commit before {newest[:12]} is known where it may have passed.", hint)
    return Asked(finding=finding, story=story, python=python, bad=newest, starts=starts, timeout_s=box_s)


def refused(finding: Finding) -> BisectShape | None:
    """The answer to a question that makes no sense."""
    if finding.nature is not Nature.FLAKY:
        return None
    return BisectShape(verdict=Ending.FLAKY, why=f"refused, for it is flaky: {finding.why.nature}")


def state_file(grounds: Grounds, finding: Finding) -> Path:
    """Where the answers lie."""
    key = finding.fingerprint
    return grounds.folder / "bisect" / f"{key.scheme}-{key.digest}.json"


class Bisection:
    """One bisection at work."""

    def __init__(self, grounds: Grounds, asked: Asked) -> None:
        self._grounds, self._asked = grounds, asked
        self._file = state_file(grounds, asked.finding)
        self._until = grounds.now() + timedelta(seconds=asked.timeout_s)
        self._environ = grounds.environ
        self.state = self._recall()

    def go(self) -> BisectShape:
        """Bisect until it is known, or the time is up. What was answered before is not asked again."""
        root, asked = self._grounds.root, self._asked
        with probe.open_tree(root) as tree:
            outcome = self._from_each_start(tree)
            outcome = self._into_merges(tree, outcome)
        if outcome.found or self._late():
            self._keep()
        else:
            self._file.unlink(missing_ok=True)
        if outcome.ending is Ending.NOT_REPRODUCED and asked.story.run.dirty:
            why = f"{outcome.why}; the run that saw it had changes in its work tree that are not committed"
            outcome = replace(outcome, why=why)
        return self._answer(outcome)

    def told(self, found: BisectShape) -> BisectShape:
        """Remember that the issue knows, so that the same answer is not told twice."""
        self.state = replace(self.state, told=True)
        self._keep()
        return replace(found, told=True)

    def _from_each_start(self, tree: probe.Tree) -> Outcome:
        outcome = Outcome(ending=Ending.INCONCLUSIVE, why="")
        for start in self._asked.starts:
            outcome = self._walk(tree, git.line(self._grounds.root, start, self._asked.bad), ENDS)
            if outcome.ending is not Ending.INCONCLUSIVE or outcome.last_good or not outcome.first_bad:
                break
        return outcome

    def _into_merges(self, tree: probe.Tree, outcome: Outcome) -> Outcome:
        """Where the first bad commit is a merge: the commit of the merged branch, or the merge itself."""
        while outcome.found:
            root, merged = self._grounds.root, git.parents(self._grounds.root, outcome.first_bad)[1:]
            lines = [git.line(root, outcome.last_good, other) for other in merged]
            below = [self._walk(tree, line, 1) for line in lines if len(line) > 1]
            inner = next((each for each in below if each.found or each.ending is Ending.FLAKY), None)
            if inner is None:
                if below and all(each.ending is Ending.NOT_REPRODUCED for each in below):
                    return replace(outcome, why=f"the merge {outcome.first_bad[:12]} fails, each of its parents passes")
                return outcome
            outcome = inner
        return outcome

    def _walk(self, tree: probe.Tree, line: tuple[str, ...], ends: int) -> Outcome:
        while True:
            step = advance(line, self.state.seen, ends=ends)
            if isinstance(step, Outcome):
                return step
            if self._late():
                why = f"the time is up after {len(self.state.seen)} runs; the same command goes on from here"
                return Outcome(ending=Ending.INCONCLUSIVE, why=why)
            sighting = self._look(tree, step.commit)
            if sighting.answer is Answer.SKIP and self._late():
                continue  # the time cut it short: that says nothing of the commit
            self._grounds.say(f"bisect: {step.commit[:12]} is {sighting.answer} ({sighting.why}); {step.why}")
            self.state = replace(self.state, seen=(*self.state.seen, sighting))
            self._keep()

    def _look(self, tree: probe.Tree, commit: str) -> Sighting:
        """Run the finding's tests at a commit."""
        trouble = tree.at(commit)
        asked, grounds = self._asked, self._grounds
        nodes = [node for node in _told_by(asked.finding) if (tree.root / node.partition("::")[0]).is_file()]
        if trouble or not nodes:
            return Sighting(commit=commit, answer=Answer.SKIP, why=trouble or "its tests do not exist there")
        if self._environ is grounds.environ:
            self._environ = probe.environment(grounds.root, tree, asked.python, grounds.environ)
        # what could not be collected is asked whole: none of its tests has a name yet
        whole = any("::" not in node for node in nodes)
        files = tuple(dict.fromkeys(node.partition("::")[0] for node in nodes))
        order = Order(
            root=tree.root,
            python=asked.python,
            environ=self._environ,
            rerun=() if whole else tuple(nodes),
            timeout_s=max(PATIENCE_S, (self._until - grounds.now()).total_seconds()),
            redactor=grounds.redactor,
        )
        launched = launch(order, replace(asked.story.focus, paths=files, markers=None, match=()), grounds.say)
        try:
            run = run_of(launched, grounds.redactor)
        except UnreadableReport as error:
            return Sighting(commit=commit, answer=Answer.SKIP, why=error.message)
        finally:
            remove(launched.folder)
        found = group(run.failures(), Evidence(), grounds.policy)
        return probe.judge(asked.finding, run, frozenset(key for each in found for key in each.keys), commit)

    def _answer(self, outcome: Outcome) -> BisectShape:
        ends = {self._asked.bad, *self._asked.starts}
        told = [each for each in self.state.seen if each.answer is not Answer.SKIP and each.commit not in ends]
        skipped = {each.commit for each in self.state.seen if each.answer is Answer.SKIP}
        author, subject = git.signed(self._grounds.root, outcome.first_bad) if outcome.found else ("", "")
        return BisectShape(
            verdict=outcome.ending,
            why=outcome.why,
            commit=outcome.first_bad if outcome.found else None,
            author=self._grounds.redactor.clean(author),
            subject=self._grounds.redactor.clean(subject),
            first_bad=outcome.first_bad or None,
            last_good=outcome.last_good or None,
            probes=len(told),
            skipped=len(skipped),
            verified=outcome.found,
            told=self.state.told,
        )

    def _late(self) -> bool:
        return self._grounds.now() >= self._until

    def _keep(self) -> None:
        write(self._file, to_json(self.state, indent=1))

    def _recall(self) -> State:
        """What an earlier bisection of the same finding learned with the same interpreter."""
        fresh = State(bad=self._asked.bad, python=self._asked.python)
        try:
            known = from_json(self._file.read_bytes(), State)
        except (OSError, ValueError):
            return fresh
        return known if (known.bad, known.python) == (fresh.bad, fresh.python) else fresh


def _told_by(finding: Finding) -> tuple[str, ...]:
    """The tests that stand for a finding: that of its root first."""
    tests = dict.fromkeys([finding.root.subject, *finding.tests])
    return tuple(test for test in tests if test in finding.tests)[:MOST_TESTS]


def _starts(root: Path, finding: Finding, bad: str) -> Iterator[str]:
    """Where it was seen to pass; else where its test was last changed, and where that came."""
    if finding.past.last_pass_commit:
        yield finding.past.last_pass_commit
    changes = git.touching(root, bad, _told_by(finding)[0].partition("::")[0])
    yield from changes[:1]
    yield from changes[-1:]


def _first_bad(root: Path, finding: Finding, seen_on: str) -> str:
    """The commit of the first run that failed since the last pass, where that leads to the one that was seen now."""
    first = finding.past.first_fail_commit
    return first if first and git.is_ancestor(root, first, seen_on) else seen_on


def _seen_on(root: Path, story: Story) -> str:
    return git.resolve(root, story.run.commit) if story.run.commit else ""


def _commit(root: Path, name: str) -> str:
    found = git.resolve(root, name)
    if not found:
        raise ConfigurationError(f"git knows no commit “{name}” here.", "Name one that `git log` shows.")
    return found
