"""gardener run: the whole flow, for one focus or several in stage order."""

import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from gardener.commands.options import ApplyOption, FormatOption

if TYPE_CHECKING:
    from gardener.commands.place import Place
    from gardener.grounds import Grounds
    from gardener.model.focus import Focus
    from gardener.model.story import Story
    from gardener.wiring import Wishes


def run(
    context: typer.Context,
    focuses: Annotated[
        list[str] | None, typer.Argument(metavar="FOCUS", help="Default: all focuses, in stage order.")
    ] = None,
    match: Annotated[
        list[str] | None,
        typer.Option(help="Only tests whose id matches this glob or pytest -k words; the run closes nothing."),
    ] = None,
    scope: Annotated[str | None, typer.Option(help="Only the tests of a scope that the settings name.")] = None,
    python: Annotated[
        str | None, typer.Option(help="Interpreter that runs the tests; default: setting, VIRTUAL_ENV, .venv.")
    ] = None,
    report: Annotated[
        list[Path] | None, typer.Option(help="Take these reports instead of running pytest; several are shards.")
    ] = None,
    exit_code: Annotated[int | None, typer.Option(help="What the pytest that wrote --report exited with.")] = None,
    apply: ApplyOption = None,
    rerun: Annotated[
        int | None, typer.Option(min=0, help="Run failing tests again, alone, this often: evidence for flakiness.")
    ] = None,
    timeout: Annotated[float | None, typer.Option(min=1, help="Seconds until the whole run is ended.")] = None,
    preflight: Annotated[bool, typer.Option(help="Check first whether the tests can run.")] = True,
    fix: Annotated[bool, typer.Option("--fix", help="Let preflight try a bounded recovery; see the docs.")] = False,
    commit_worklog: Annotated[bool, typer.Option("--commit-worklog", help="Commit the worklog when safe.")] = False,
    baseline: Annotated[bool, typer.Option("--baseline", help="What is red now is known: held, not filed.")] = False,
    output: FormatOption = "text",
) -> None:
    """Check, run, group, file: the whole flow. What follows -- goes to pytest.

    Exit codes: 0 nothing failing, 1 failing, 2 usage, 3 blocked, 4 refused, 5 nothing ran, 6 crashed.
    """
    from gardener.commands.output import summarise
    from gardener.grounds import open_grounds
    from gardener.model.errors import worst
    from gardener.render import screen
    from gardener.wiring import Wishes, commit_worklogs

    place: Place = context.obj
    grounds = open_grounds(place.root, {"rerun": rerun}, say=screen.say)
    wishes = Wishes(
        python=python,
        reports=tuple(report or ()),
        exit_code=exit_code,
        timeout_s=timeout,
        preflight=preflight and not report,
        fix=fix,
        apply=apply,
        pytest_args=place.pytest_args,
    )
    wanted = _chosen(grounds, focuses or [], scope, match or [])
    stories = tend_all(grounds, wishes, wanted, shlex.join(["gardener", *place.words]), baseline=baseline)
    if commit_worklog:
        screen.say(commit_worklogs(grounds, stories))
    code = worst([story.exit for story in stories])
    summarise(stories, code, output)
    _show_in_ci(grounds, stories)
    raise typer.Exit(code)


def _chosen(grounds: "Grounds", names: list[str], scope: str | None, match: list[str]) -> list["Focus"]:
    """The focuses asked for, in stage order, each narrowed."""
    from gardener.settings import focus, focuses

    in_order = [each.name for each in focuses(grounds.settings)]
    wanted = [focus(grounds.settings, name, scope, match) for name in names or in_order]
    return sorted(wanted, key=lambda each: in_order.index(each.name))


def tend_all(
    grounds: "Grounds", wishes: "Wishes", wanted: list["Focus"], invocation: str, *, baseline: bool = False
) -> list["Story"]:
    """One story per focus; a focus whose need was not healthy in this call is told as skipped."""
    from gardener.commands.brief import note_baseline, opened
    from gardener.flow import skip, tend
    from gardener.model.errors import Exit
    from gardener.wiring import skipped_run

    stories: dict[str, Story] = {}
    for focus in wanted:
        world, brief = opened(grounds, wishes, invocation, adopting=focus.name if baseline else "")
        unmet = [need for need in focus.needs if need in stories and stories[need].exit is not Exit.HEALTHY]
        if unmet:
            because = f"{focus.name} needs {unmet[0]}, and {unmet[0]} is {stories[unmet[0]].outlook}"
            stories[focus.name] = skip(focus, because, skipped_run(grounds, focus), world, brief)
        else:
            stories[focus.name] = tend(focus, world, brief)
            note_baseline(grounds, brief, stories[focus.name])
    return list(stories.values())


def _show_in_ci(grounds: "Grounds", stories: list["Story"]) -> None:
    """The job summary and one annotation per finding, where a hosted CI says that it takes them."""
    from gardener.commands.output import note
    from gardener.grounds import writing
    from gardener.keep import open_templates
    from gardener.render.summary import annotations, summary

    where = grounds.environ.get("GITHUB_STEP_SUMMARY")
    for story in stories:
        if where:
            with writing(Path(where)), Path(where).open("a", encoding="utf-8") as page:
                page.write(summary(story, open_templates(grounds)))
        if grounds.environ.get("GITHUB_ACTIONS") == "true":
            for line in annotations(story):
                note(line)
