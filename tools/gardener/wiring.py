"""Opens the world for one call: what checks, launches, reads, recalls and keeps."""

import secrets
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from gardener.adopt import detect
from gardener.adopt.edit import settled
from gardener.grounds import Grounds, python_of
from gardener.keep import folder_of, keep, keep_raw, note, open_templates, shown, worklog_path
from gardener.model.finding import Touched
from gardener.model.focus import Focus
from gardener.model.policy import Policy
from gardener.model.run import Ending, Launched, Outcome, Preflight, Run, Status, moment
from gardener.model.story import Fact, Story
from gardener.ports import Watched, World
from gardener.preflight.checks import run_checks
from gardener.preflight.mend import mend
from gardener.preflight.question import Limits, Question
from gardener.reading import run_of
from gardener.render.issue import Writing
from gardener.repository import evidence, git, lineup
from gardener.repository.owners import owners
from gardener.repository.touched import touched
from gardener.runs import sample
from gardener.runs.launch import Order, launch, private_folder, remove
from gardener.runs.merge import gather
from gardener.runs.selection import select
from gardener.runs.standby import ask, standing_by

LETTERS = "0123456789abcdefghijkmnpqrstuvwxyz"  # without l and o, which look like figures


@dataclass(frozen=True, slots=True, kw_only=True)
class Wishes:
    """What the command line asks of a run, over the settings."""

    python: str | None = None
    reports: tuple[Path, ...] = ()  # read these instead of running pytest
    exit_code: int | None = None  # of the pytest that wrote them
    timeout_s: float | None = None
    preflight: bool = True
    fix: bool = False
    apply: bool | None = None  # None: as the settings say
    pytest_args: tuple[str, ...] = ()


class Bench:
    """One run at work: the interpreter it uses, and where its files go."""

    def __init__(self, grounds: Grounds, wishes: Wishes, kept: Story | None = None) -> None:
        """`kept`: a story whose plan is carried out again; its worklog is written over."""
        self._grounds = grounds
        self._wishes = wishes
        self._templates = open_templates(grounds)
        logs = [fact.value for fact in kept.artifacts if fact.label == "worklog"] if kept else []
        self._log: Path | None = grounds.root / logs[0] if logs else None
        self._stay = ""  # the folder in which the tests' process waits for what it shall run again
        self.python, self.why_python = python_of(grounds.settings, grounds.environ, wishes.python)

    @property
    def writes_files(self) -> bool:
        """Whether the run may change files of the repository: a dry run does not."""
        return self._wishes.apply is not False

    def world(self) -> World:
        """Everything outside, for this run."""
        grounds = self._grounds
        own = grounds.settings.own or detect.own_code(grounds.root)
        return World(
            check=self.check,
            launch=self.launch,
            read=self.read,
            look_again=lambda focus: check_focus(grounds, focus, ["disk"], (), fix=False),
            evidence=lambda run: evidence.gather(grounds.root, run, grounds.checkout, own),
            touched=lambda since: touched(grounds.root, since),
            watch=self.watch,
            suspects=lambda finding, known: lineup.suspects(grounds.root, finding, known),
            ancestors=lambda commits: git.ancestors(grounds.root, commits),
            tracker=grounds.tracker,
            store=grounds.store,
            now=grounds.now,
            note=lambda story: note(story, grounds),
            may_write=lambda run: grounds.may_write(run, wish=self._wishes.apply),
            facts=lambda run, preflight: tuple(_facts(grounds, run, preflight)),
            keep=self.keep,
            say=grounds.say,
        )

    def writing(self, rules: Policy, focus: Focus, preflight: Preflight, run: Run) -> Writing:
        """How the issue texts of this run are made; a label that names the session goes to all that the run touches."""
        session = session_of(self._grounds, run)
        named = [label.replace("{focus}", focus.name) for label in rules.labels]
        return Writing(
            templates=self._templates,
            focus=focus,
            run=run,
            preflight=preflight,
            title_style=rules.title_style,
            labels=tuple(label for label in named if "{session}" not in label),
            session_labels=tuple(label.replace("{session}", session) for label in named if "{session}" in label),
            session=session,
            worklog=shown(self._log, self._grounds.root) if self._log else "",
            close_after=rules.close_after_green,
            owners=owners(self._grounds.root),
        )

    def check(self, focus: Focus) -> Preflight:
        """The answers of preflight, where it was not turned off."""
        if not self._wishes.preflight:
            return Preflight()
        self._grounds.say(f"{focus.name}: checking whether its tests can run")
        return check_focus(self._grounds, focus, (), (), fix=self._wishes.fix)

    def launch(self, focus: Focus, preflight: Preflight) -> Launched:
        """Run pytest, or take the reports that were given."""
        wishes, grounds = self._wishes, self._grounds
        if wishes.reports:
            return Launched(
                folder="",
                reports=tuple(str(report) for report in wishes.reports),
                exit_code=wishes.exit_code,
                selection=select(focus).line,
            )
        grounds.say(f"{focus.name}: running pytest with {self.python} ({self.why_python})")
        return launch(self._staying(self._order(preflight, ()), focus, 1), focus, grounds.say)

    def read(self, focus: Focus, preflight: Preflight, launched: Launched) -> Run:
        """The reports of a launch as one run; the redacted copies of its files stay, the raw ones go."""
        name = run_name(self._grounds.now())
        try:
            run = _signed(run_of(launched, self._grounds.redactor), name, focus, self._grounds)
            run = replace(run, narrowed=run.narrowed or bool(self._wishes.pytest_args))
            if launched.folder:
                keep_raw(self._grounds.redactor, folder_of(self._grounds, name), Path(launched.folder))
        finally:
            remove(launched.folder)
        for attempt in range(2, self._rerun() + 2):
            run = self._again(run, focus, preflight, attempt)
        self._log = worklog_path(self._grounds, focus.name, focus.scope, run.started)
        return run

    def watch(
        self, focus: Focus, preflight: Preflight, run: Run, tests: Sequence[str], changes: Sequence[Touched]
    ) -> Watched:
        """Run a sample of the failing tests and of passing ones once more, and see which run which of the changes."""
        if self._wishes.reports or self._grounds.settings.spectrum == "never":
            why = "only reports are given" if self._wishes.reports else "the setting is “never”"
            return Watched(note=f"spectrum: not taken, as {why}")
        standby = standing_by(self._stay)
        costs = standby.costs(run) if standby else sample.Costs.anew(run)
        chosen = sample.choose(run.cases, tests, costs)
        if not chosen.failing:
            why = (
                f"it would cost more than {sample.SHARE:.0%} of the {costs.needed_s:.1f} s that the failing tests need"
            )
            return Watched(note=f"spectrum: not taken, as {why}")
        if standby:
            folder = self._stay
            seconds = ask(Path(folder), standby, self._grounds.root, changes, chosen)
        else:
            order = self._order(preflight, (*chosen.failing, *chosen.passing))
            watched = sample.lines_of(changes)
            launched = launch(replace(order, watched=watched, timeout_s=chosen.limit_s), focus, lambda _: None)
            folder, seconds = launched.folder, launched.duration_s
        try:
            seen = sample.read(Path(folder) / "spectrum.jsonl")
        finally:
            remove(folder)
        reached = [len(seen.keys() & set(nodes)) for nodes in (chosen.failing, chosen.passing)]
        tried = sum(bool(one.tried) for one in seen.values())
        rest = "; the text of the others decides" if reached[0] < len(tests) else ""
        return Watched(
            ran={node: one.ran for node, one in seen.items()},
            tried={node: one.tried for node, one in seen.items()},
            passed=frozenset(node for node, one in seen.items() if not one.failed),
            failed=frozenset(sample.alike(run.cases, seen)),
            note=f"spectrum: {reached[0]} of {len(tests)} failing tests and {reached[1]} passing ones ran once more, "
            f"watched, {tried} of them without a change too, in {seconds:.1f} s of the {costs.needed_s:.1f} s "
            f"that the failing tests need{rest}",
        )

    def keep(self, story: Story) -> Story:
        """Write down what happened; the story that knows where it lies."""
        grounds = self._grounds
        if self._stay:
            remove(self._stay)  # who waits there goes
        log = self._log or worklog_path(grounds, story.focus.name, story.focus.scope, story.run.started)
        return keep(replace(story, python=f"{self.python} ({self.why_python})"), grounds, log)

    def _order(self, preflight: Preflight, nodes: Sequence[str]) -> Order:
        return Order(
            root=self._grounds.root,
            python=self.python,
            environ=self._grounds.environ,
            redactor=self._grounds.redactor,
            arguments=self._wishes.pytest_args,
            rerun=tuple(nodes),
            preflight=preflight,
            pass_env=self._grounds.settings.pass_env,
            timeout_s=self._wishes.timeout_s,
        )

    def _staying(self, order: Order, focus: Focus, attempt: int) -> Order:
        """The order of the last attempt: its process stays where a spectrum may be wanted."""
        wanted = self._grounds.settings.spectrum != "never" and not focus.narrowed and not self._wishes.pytest_args
        if attempt > self._rerun() and wanted:
            self._stay = private_folder()
        return replace(order, stay=self._stay)

    def _rerun(self) -> int:
        return 0 if self._wishes.reports else self._grounds.settings.rerun

    def _again(self, run: Run, focus: Focus, preflight: Preflight, attempt: int) -> Run:
        """Run what is still red alone, in a fresh process; its cases are added as a further attempt."""
        green = {case.node for case in run.cases if case.attempt > 1 and case.outcome is Outcome.PASSED}
        red = [case.node for case in run.cases if case.attempt == 1 and case.outcome in (Outcome.FAILED, Outcome.ERROR)]
        nodes = [node for node in red if node not in green and "::" in node]
        if not nodes or run.ending is not Ending.FINISHED:
            return run
        self._grounds.say(f"{focus.name}: running {len(nodes)} red tests again, attempt {attempt}")
        launched = launch(self._staying(self._order(preflight, nodes), focus, attempt), focus, self._grounds.say)
        try:
            second = run_of(launched, self._grounds.redactor)
        finally:
            remove(launched.folder)
        again = tuple(
            replace(case, attempt=attempt, failures=tuple(replace(f, attempt=attempt) for f in case.failures))
            for case in second.cases
            if case.node in nodes
        )
        return replace(run, cases=run.cases + again)


def check_focus(
    grounds: Grounds, focus: Focus, only: Collection[str], skip: Collection[str], *, fix: bool
) -> Preflight:
    """The preflight of one focus, mended where that was asked for."""
    limits = grounds.settings.preflight
    question = Question(
        focus=focus,
        root=grounds.root,
        environ=grounds.environ,
        limits=Limits(warn_bytes=limits.warn_free, block_bytes=limits.block_free),
        redactor=grounds.redactor,
    )
    answer = run_checks(question, frozenset(only), frozenset(skip))
    return mend(answer, question, grounds.say) if fix or limits.fix else answer


def gathered(shards: Sequence[Run]) -> Run:
    """Shards as one run, whatever their order."""
    return gather(shards)


def adopted(root: Path) -> tuple[Path, str, str]:
    """The settings file of a repository, its text, and the text with the focuses found by convention."""
    file = root / ("gardener.toml" if (root / "gardener.toml").exists() else "pyproject.toml")
    old = file.read_bytes().decode("utf-8-sig") if file.exists() else ""
    return file, old, settled(old, detect.conventions(root).values(), file=file.name)


def session_of(grounds: Grounds, run: Run) -> str:
    """The name of this session: configured, or by the day and minute of the run."""
    day, clock = run.started[:10], run.started[11:16].replace(":", "")
    return grounds.settings.session or f"gardener-session-{day}-{clock}"


def skipped_run(grounds: Grounds, focus: Focus) -> Run:
    """The run of a focus that was never started."""
    name = run_name(grounds.now())
    return _signed(Run(id=name, focus=focus.name, selection=select(focus).line), name, focus, grounds)


def _signed(run: Run, name: str, focus: Focus, grounds: Grounds) -> Run:
    """A run with what the repository says of it: its name, focus, commit and time."""
    checkout = grounds.checkout
    return replace(
        run,
        id=name,
        focus=focus.name,
        commit=checkout.commit,
        branch=checkout.branch,
        dirty=checkout.dirty,
        started=run.started or moment(grounds.now().timestamp()),
        narrowed=focus.narrowed,
    )


def commit_worklogs(grounds: Grounds, stories: Sequence[Story]) -> str:
    """Commit the worklogs where that is safe; in words, what was done or why not."""
    paths = [fact.value for story in stories for fact in story.artifacts if fact.label == "worklog"]
    why_not = git.unsafe_to_commit(grounds.root)
    if why_not:
        return f"worklogs are not committed: {why_not}"
    return git.commit(grounds.root, paths, f"gardener: worklog of {', '.join(story.focus.name for story in stories)}")


def run_name(now: datetime) -> str:
    """UTC time to the second, two characters for the fraction of it, two random ones: names sort as the runs began."""
    parts = len(LETTERS) ** 2
    fraction = divmod(now.microsecond * parts // 1_000_000, len(LETTERS))
    chance = (secrets.randbelow(len(LETTERS)) for _ in range(2))
    return f"{now:%Y%m%d-%H%M%S}-{''.join(LETTERS[place] for place in (*fraction, *chance))}"


def _facts(grounds: Grounds, run: Run, preflight: Preflight) -> Iterable[Fact]:
    """What was looked at and held."""
    checkout = grounds.checkout
    if checkout.commit and not checkout.dirty:
        yield Fact(label="work tree", value=f"clean at {checkout.commit[:12]}")
    held = [check for check in preflight.checks if check.status is Status.OK]
    for check in held:
        yield Fact(label=f"preflight {check.id}", value=check.found)
    files, broken = evidence.parses(grounds.root)
    if files and not broken:
        yield Fact(label="Python files", value=f"all {files} parse")
    if run.counts.passed:
        yield Fact(label="tests", value=f"{run.counts.passed} pass")
