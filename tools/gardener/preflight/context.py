"""A recipe and what the builder would be sent → why building fails. Pure: values in, values out."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from gardener.preflight.dockerfile_text import Copy, Problem, Recipe, Stage
from gardener.preflight.ignore import BadPattern, clean, glob
from gardener.preflight.listing import Listing


def judge(
    recipe: Recipe, target: str | None, listing: Listing, *, buildkit: bool, contexts: frozenset[str] = frozenset()
) -> tuple[Problem, ...]:
    """Why one of the builders fails to build `target` (None: the last stage), in order of the Dockerfile."""
    stages = recipe.stages
    if recipe.wrong or not stages:
        return recipe.wrong
    goal = _find(stages, target) if target else len(stages) - 1
    if goal is None:
        return (Problem(line=stages[-1].line, found=f'target stage "{target}" could not be found'),)
    problems = []
    for index in sorted(reached(stages, goal)) if buildkit else range(goal + 1):
        for line, name in stages[index].uses:
            if name.isdigit() and int(name) >= index and name not in contexts:
                problems.append(Problem(line=line, found=f"invalid stage index {name}"))
        for copy in stages[index].copies:
            problems += _copy(copy, listing, buildkit=buildkit)
    if stages[goal].bare and not buildkit:
        problems.append(Problem(line=stages[goal].line, found="no image was generated: nothing follows FROM scratch"))
    problems += _unreadable(listing, buildkit=buildkit)
    return tuple(problems)


def outside(recipe: Recipe, target: str | None, contexts: frozenset[str] = frozenset()) -> Iterator[tuple[int, str]]:
    """The images that building `target` takes from elsewhere, with the lines that name them."""
    stages = recipe.stages
    goal = _find(stages, target) if target else len(stages) - 1
    for index in sorted(reached(stages, goal)) if goal is not None and stages and not recipe.wrong else ():
        stage = stages[index]
        for line, name in ((stage.line, stage.base), *stage.uses):
            known = name == "scratch" or name in contexts or name.isdigit() or _find(stages[:index], name) is not None
            if name and not known and "$" not in name:
                yield line, name


def join(classic: Sequence[Problem], buildkit: Sequence[Problem]) -> tuple[Problem, ...]:
    """The problems of both builders, each once. What only one minds is marked so."""
    rest = list(buildkit)
    found = []
    for problem in classic:
        twin = next((other for other in rest if other.line == problem.line and other.path == problem.path), None)
        if twin:
            rest.remove(twin)
        found.append(problem if twin else replace(problem, only="classic"))
    return (*found, *(replace(problem, only="BuildKit") for problem in rest))


def _find(stages: Sequence[Stage], name: str) -> int | None:
    return next((place for place in range(len(stages) - 1, -1, -1) if stages[place].name == name.lower()), None)


def reached(stages: tuple[Stage, ...], goal: int) -> set[int]:
    """The stages that BuildKit builds: the goal and what it is made of."""
    found, todo = set(), [goal]
    while todo:
        index = todo.pop()
        found.add(index)
        for name in (stages[index].base, *(name for _, name in stages[index].uses)):
            place = int(name) if name.isdigit() else _find(stages[:index], name)
            if place is not None and place < index and place not in found:
                todo.append(place)
    return found


def _copy(copy: Copy, listing: Listing, *, buildkit: bool) -> Iterator[Problem]:
    if not copy.certain:
        return
    count, bare = 0, []
    for source in copy.sources:
        if not buildkit and _climbs(source):
            found = f"{copy.verb} {source}: forbidden path outside the build context"
            yield Problem(line=copy.line, found=found, kind="outside", path=clean(source))
        elif is_glob(source):
            matches = _matches(source, listing) if buildkit or not source.endswith("/") else []
            count += len(matches)
            bare += [] if matches else [source]
            if buildkit and not matches and listing.resolve(_plain_part(source)) is None:
                found = f"{copy.verb} {source}: {_plain_part(source)} is not in the build context"
                yield Problem(line=copy.line, found=found, kind="missing", path=clean(source))
            for path in matches:
                yield from _source(copy, path, listing)
        else:
            count += 1
            yield from _source(copy, source, listing)
    if bare and not count and not buildkit:
        found = f"{copy.verb} {' '.join(bare)}: no file matches"
        yield Problem(line=copy.line, found=found, kind="missing", path=clean(bare[0]))
    if count > 1 and not copy.target.endswith("/") and not buildkit:
        found = f"{copy.verb} with more than one source needs a folder as its target, ending in /"
        yield Problem(line=copy.line, found=found)


def is_glob(source: str) -> bool:
    """Whether a source is a pattern rather than a name."""
    return any(char in source for char in "*?[")


def _climbs(source: str) -> bool:
    depth = 0
    for part in source.split("/"):
        depth += (part not in ("", ".", "..")) - (part == "..")
        if depth < 0:
            return True
    return False


def _plain_part(source: str) -> str:
    """The folder of a pattern, up to its first wildcard: BuildKit walks it, so it must be there."""
    parts = clean(source).split("/")
    return "/".join(parts[: next(place for place, part in enumerate(parts) if is_glob(part))])


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
    entry = listing.entries.get(path)
    out = next((out for out in listing.left_out if path == out or path.startswith(f"{out}/")), None)
    if entry is None and out is not None:
        at = listing.left_out[out]
        found = f"{copy.verb} {source}: excluded by {at}"
        yield Problem(line=copy.line, found=found, kind="excluded", path=path, by=at.rpartition(":")[0])
        return
    hint = f"; it is a link to {entry.link}, which is not in the context" if entry else _namesake(path, listing)
    found = f"{copy.verb} {source}: not found in the build context{hint}"
    yield Problem(line=copy.line, found=found, kind="missing", path=path)


def _namesake(path: str, listing: Listing) -> str:
    """What may have been meant: the path in other letters, else the only thing elsewhere of the same name."""
    last = f"/{path}".rpartition("/")[2]
    meant = [name for name in listing.entries if name.lower() == path.lower()]
    meant = meant or [name for name in listing.entries if name.endswith(f"/{last}") or name == last]
    return f"; there is {meant[0]}" if len(meant) == 1 else ""


def _unreadable(listing: Listing, *, buildkit: bool) -> Iterator[Problem]:
    """A folder that may not be entered stops both builders; a file that may not be read only the classic one."""
    for path in (*listing.unreadable, *(() if buildkit else listing.locked)):
        entry = listing.entries.get(path)
        if not buildkit or entry is None or entry.kind == "folder":
            found = f"{path or 'the context'}: no permission to read it"
            if entry is not None and entry.kind == "file":
                found += "; BuildKit takes it as empty"
            yield Problem(line=1, found=found, kind="unreadable", path=path)
