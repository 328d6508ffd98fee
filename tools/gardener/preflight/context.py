"""A recipe and what the builder would be sent → the problems that building has. Pure: values in, values out.

Both builders are asked: what both refuse blocks, what one refuses warns and says which.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from gardener.preflight.dockerfile_text import Copy, Recipe, Stage
from gardener.preflight.ignore import BadPattern, clean, glob
from gardener.preflight.listing import Listing

CLASSIC, BUILDKIT = "classic", "BuildKit"


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """Why a build fails. `only` names the one builder that refuses; "" is both."""

    line: int  # in the Dockerfile
    found: str
    missing: str = ""  # the path in the context that is not there
    excluded: int = 0  # the line of the ignore file that leaves it out
    ignore: str = ""  # that file's name
    only: str = ""


def judge(recipe: Recipe, target: str | None, classic: Listing, buildkit: Listing) -> tuple[Problem, ...]:
    """The problems of building `target` (None: the last stage). The listings differ where their ignore files do."""
    problems = [Problem(line=wrong.line, found=wrong.found, only=wrong.only) for wrong in recipe.wrong]
    if not recipe.stages:
        return tuple(problems)
    goal = _find(recipe.stages, target) if target else len(recipe.stages) - 1
    if goal is None:
        found = f'target stage "{target}" could not be found'
        return (*problems, Problem(line=recipe.stages[-1].line, found=found))
    built = {CLASSIC: set(range(goal + 1)), BUILDKIT: _reached(recipe.stages, goal)}
    for index, stage in enumerate(recipe.stages[: goal + 1]):
        for copy in stage.copies:
            told = {
                builder: list(_copy(copy, listing, builder)) if index in built[builder] else []
                for builder, listing in ((CLASSIC, classic), (BUILDKIT, buildkit))
            }
            problems += _joined(told[CLASSIC], told[BUILDKIT])
    return tuple(problems)


def _find(stages: tuple[Stage, ...], name: str) -> int | None:
    """A stage by its name, else by its number."""
    for index in range(len(stages) - 1, -1, -1):
        if stages[index].name == name.lower():
            return index
    return int(name) if name.isdigit() and int(name) < len(stages) else None


def _reached(stages: tuple[Stage, ...], goal: int) -> set[int]:
    """The stages that BuildKit builds: the goal and what it is made of."""
    reached, todo = set(), [goal]
    while todo:
        index = todo.pop()
        reached.add(index)
        for name in (stages[index].base, *stages[index].uses):
            found = _find(stages[:index], name)
            if found is not None and found not in reached:
                todo.append(found)
    return reached


def _joined(classic: list[Problem], buildkit: list[Problem]) -> Iterator[Problem]:
    keyed = {problem.missing or problem.found: problem for problem in buildkit}
    for problem in classic:
        other = keyed.pop(problem.missing or problem.found, None)
        yield problem if other else replace(problem, only=CLASSIC)
    for problem in keyed.values():
        yield replace(problem, only=BUILDKIT)


def _copy(copy: Copy, listing: Listing, builder: str) -> Iterator[Problem]:
    if copy.uncertain:
        return
    count = 0
    for source in copy.sources:
        if builder == CLASSIC and _climbs(source):
            found = f"{copy.verb} {source}: forbidden path outside the build context"
            yield Problem(line=copy.line, found=found, missing=source)
        elif any(char in source for char in "*?["):
            matches = _matches(source, listing)
            count += max(len(matches), 1)
            if not matches and builder == CLASSIC:
                yield Problem(line=copy.line, found=f"{copy.verb} {source}: no file matches", missing=source)
        else:
            count += 1
            yield from _source(copy, source, listing)
    if count > 1 and not copy.target.endswith("/"):
        found = f"{copy.verb} with more than one source needs a folder as its target, ending in /"
        yield Problem(line=copy.line, found=found)


def _climbs(source: str) -> bool:
    depth = 0
    for part in source.split("/"):
        depth += (part not in ("", ".", "..")) - (part == "..")
        if depth < 0:
            return True
    return False


def _matches(source: str, listing: Listing) -> list[str]:
    try:
        pattern = glob(clean(source))
    except BadPattern:
        return []
    return [path for path in listing.entries if pattern.fullmatch(path)]


def _source(copy: Copy, source: str, listing: Listing) -> Iterator[Problem]:
    path = clean(source)
    if listing.resolve(path) is not None:
        return
    rule = listing.ignore.rule_for(path)
    if rule and any(path == out or path.startswith(f"{out}/") for out in listing.left_out):
        place = f"{listing.ignore.name}:{rule.line}"
        yield Problem(
            line=copy.line,
            found=f"{copy.verb} {source}: excluded by {place}",
            missing=path,
            excluded=rule.line,
            ignore=listing.ignore.name,
        )
        return
    hint = next((f"; there is {name}" for name in listing.entries if name.lower() == path.lower()), "")
    if listing.entries.get(path, None) is not None:
        hint = f"; it is a link to {listing.entries[path].link}, which is not in the context"
    yield Problem(line=copy.line, found=f"{copy.verb} {source}: not found in the build context{hint}", missing=path)
