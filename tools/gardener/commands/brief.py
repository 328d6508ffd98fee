"""What a run is given: the world around it, and what is asked of it by settings and command line."""

from dataclasses import replace
from functools import partial

from gardener import __version__
from gardener.flow import Brief, baseline_after
from gardener.grounds import Grounds
from gardener.keep import keep_baseline, recall_baseline
from gardener.model.baseline import BASELINE
from gardener.model.story import Story
from gardener.ports import World
from gardener.wiring import Bench, Wishes


def opened(
    grounds: Grounds, wishes: Wishes, invocation: str, *, adopting: str = "", kept: Story | None = None
) -> tuple[World, Brief]:
    """The world and the brief of one run; `invocation` is the command as a person would type it again.

    `adopting`: a focus whose findings are taken as known at adoption, whatever the baseline awaits. `kept`: a story
    whose plan is carried out again.
    """
    bench, baseline = Bench(grounds, wishes, kept), recall_baseline(grounds)
    lasts = bench.writes_files and (bool(adopting) or not grounds.in_ci)
    rules = grounds.policy
    return bench.world(), Brief(
        policy=rules,
        write=partial(bench.writing, rules),
        fail_on=grounds.settings.fail_on,
        baseline=replace(baseline, awaited=baseline.awaited.union([adopting] if adopting else []), lasts=lasts),
        root=str(grounds.root),
        version=__version__,
        invocation=invocation,
    )


def note_baseline(grounds: Grounds, brief: Brief, story: Story) -> None:
    """Write down what became of the baseline by a run, where what is written stays."""
    if brief.baseline.lasts:
        told = keep_baseline(grounds, baseline_after(story, brief))
    else:
        told = next((warning for warning in story.plan.warnings if warning.startswith(BASELINE)), "")
    if told:
        grounds.say(told)
