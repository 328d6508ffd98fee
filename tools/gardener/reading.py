"""What reports and raw texts say by themselves: no store, tracker, git or sources, and nothing of theirs is loaded."""

from collections.abc import Sequence
from pathlib import Path

from gardener.model.finding import Evidence, Finding
from gardener.model.focus import Focus
from gardener.model.policy import Policy
from gardener.model.run import Launched, Run
from gardener.model.text import Redactor
from gardener.readers import reader
from gardener.runs.merge import merge
from gardener.triage.cause import Judge
from gardener.triage.group import group
from gardener.triage.judge import judge


def run_of(launched: Launched, redactor: Redactor) -> Run:
    """The run that a launch left behind: its reports, or what it printed. UnreadableReport where one is none."""
    files = launched.reports or ([launched.console] if launched.console else [])
    return merge(launched, [reader.read(Path(file), redactor) for file in files])


def harvested(files: Sequence[Path], redactor: Redactor) -> Run:
    """Reports that exist already, as one run."""
    return run_of(Launched(folder="", reports=tuple(map(str, files))), redactor)


def sift(run: Run, focus: Focus, policy: Policy) -> tuple[Finding, ...]:
    """The findings of a run by its text alone."""
    evidence = Evidence(no_git="no history is looked at here", passed=run.passed())
    return judge(group(run.failures(), evidence, policy), {}, evidence, focus, policy, run)


def naming(policy: Policy) -> Judge:
    """What names the causes of raw texts."""
    return Judge(policy)
