"""What reports and raw texts say by themselves: no store, tracker, git or sources, and nothing of theirs is loaded."""

from collections.abc import Sequence
from pathlib import Path

from gardener.model.finding import Evidence, Finding
from gardener.model.focus import Focus
from gardener.model.policy import Policy
from gardener.model.run import Launched, Report, Run
from gardener.model.text import Redactor
from gardener.readers import reader
from gardener.runs.merge import merge
from gardener.triage.cause import Judge
from gardener.triage.group import group
from gardener.triage.judge import judge


def read_all(files: Sequence[str], redactor: Redactor) -> tuple[Report, ...]:
    """The reports in these files. UnreadableReport where one is none."""
    return tuple(reader.read(Path(file), redactor) for file in files)


def harvested(files: Sequence[Path], redactor: Redactor) -> Run:
    """Reports that exist already, as one run."""
    launched = Launched(folder="", reports=tuple(str(file) for file in files))
    return merge(launched, read_all(launched.reports, redactor))


def sift(run: Run, focus: Focus, policy: Policy) -> tuple[Finding, ...]:
    """The findings of a run by its text alone."""
    evidence = Evidence(no_git="no history is looked at here", passed=run.passed())
    return judge(group(run.failures(), evidence, policy), {}, evidence, focus, policy, run)


def naming(policy: Policy) -> Judge:
    """What names the causes of raw texts."""
    return Judge(policy)
