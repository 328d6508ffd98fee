"""Whether every image that the focus builds can be built: compose file, folder, Dockerfile, sources."""

import functools
import shlex
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from gardener.model.cause import Cause
from gardener.model.run import Check, Status
from gardener.preflight.context import join, judge, outside
from gardener.preflight.dockerfile_text import ParserMissing, Problem, Recipe, parse
from gardener.preflight.engine import EXTRA
from gardener.preflight.ignore import BadPattern, Ignore, read_ignore
from gardener.preflight.listing import Listing, walk
from gardener.preflight.question import Question, size
from gardener.preflight.stack import Build, Service, Stack

NAME = "build-context"
NEEDED = "a compose file that compose accepts, and build contexts, Dockerfiles and COPY sources that are there"


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """What one image is built from, as the classic builder and as BuildKit see it."""

    build: Build
    recipes: tuple[Recipe, Recipe]
    ignores: tuple[Ignore, Ignore]  # BuildKit prefers the Dockerfile's own ignore file

    def listings(self, look: Callable[..., Listing]) -> tuple[Listing, Listing]:
        """What each builder is sent."""
        classic, own = self.ignores
        folder = Path(self.build.context)
        wild = any(rule.brings_back and rule.wild for rule in own.rules)
        return look(folder, classic, thorough=False), look(folder, own, thorough=wild)


def check_builds(question: Question, stack: Stack) -> tuple[Check, ...]:
    """Can every image be built? One answer for each problem, whatever number of services has it."""
    found: dict[Check, list[str]] = {check: [] for check in _of_compose(question, stack)}
    look = functools.cache(walk)
    listings: list[Listing] = []
    builds = {service.name: service for service in stack.services if service.build}
    if not stack.files and (question.root / "Dockerfile").is_file():
        builds = {"": Service(name="", build=Build(context=str(question.root)))}
    for name, service in builds.items():
        for check in _of_build(question, stack, service, look, listings):
            found.setdefault(check, []).append(name)
    told = f"{', '.join(builds) or 'Dockerfile'}: can be built{_largest(listings)}" if builds else "nothing to build"
    fine = question.check(NAME, Status.OK, told, needed=NEEDED)
    return tuple(replace(check, service=", ".join(names) or None) for check, names in found.items()) or (fine,)


def bases(question: Question, service: Service) -> Iterator[tuple[str, str]]:
    """The images that a service's build takes from elsewhere, each with its place; none where it cannot be read."""
    site = _site_or_none(question, service)
    for line, image in outside(site.recipes[1], site.build.target, site.build.contexts) if site else ():
        yield image, f"{question.label(site.build.file)}:{line}" if site else ""


def context_bytes(question: Question, stack: Stack) -> int:
    """About what the layers of all builds add to the disk: each context once."""
    look = functools.cache(walk)
    sites = [site for service in stack.services if (site := _site_or_none(question, service))]
    return sum({site.build.context: site.listings(look)[1].total for site in sites}.values())


def _bad(
    question: Question,
    found: str,
    remedy: str,
    location: str | None,
    needed: str = NEEDED,
    status: Status = Status.BLOCK,
) -> Check:
    return question.check(
        NAME, status, found, needed=needed, remedy=remedy, location=location, cause=Cause.DOCKER_BUILD
    )


def _of_compose(question: Question, stack: Stack) -> Iterator[Check]:
    for fault in stack.faults:
        status = Status.UNKNOWN if fault.uncertain else Status.BLOCK
        remedy = question.compose(stack.files, "config --quiet")
        yield _bad(question, fault.found, remedy, fault.location, status=status)


def _of_build(
    question: Question, stack: Stack, service: Service, look: Callable[..., Listing], listings: list[Listing]
) -> Iterator[Check]:
    build = service.build
    if build is None or build.remote:
        return
    folder, file = Path(build.context), question.label(build.file)
    place = functools.partial(stack.place, "services", service.name, "build")
    if not folder.is_dir():
        words = "is not a folder" if folder.exists() else "does not exist"
        label = question.label(folder)
        yield _bad(question, f"the build context {label} {words}", _gone(label), place("context"), label)
        return
    try:
        site = _site(question, build)
        seen = site.listings(look)
    except FileNotFoundError:
        yield _bad(question, f"the Dockerfile {file} does not exist", _gone(file), place("dockerfile"), file)
    except ParserMissing:
        found = "the package that reads Dockerfiles is not installed"
        yield _bad(question, found, EXTRA, None, status=Status.UNKNOWN)
    except (OSError, UnicodeDecodeError) as error:
        yield _bad(question, f"{file} cannot be read: {error}", f"file {shlex.quote(file)}", f"{file}:1")
    except BadPattern as error:
        yield _bad(question, str(error), f"cat {shlex.quote(error.name)}", f"{error.name}:{error.line}")
    else:
        listings += seen
        by_builder = [
            judge(recipe, build.target, listing, buildkit=kit, contexts=build.contexts)
            for recipe, listing, kit in zip(site.recipes, seen, (False, True), strict=True)
        ]
        status = Status.BLOCK if all(by_builder) else Status.WARN
        for problem in join(*by_builder):
            at = f"{file}:{problem.line}" if build.inline is None else place("dockerfile_inline")
            found = f"{problem.found} (only the {problem.only} builder refuses it)" if problem.only else problem.found
            needed, remedy = _mending(question, build, problem)
            yield _bad(question, found, remedy, at, needed, status)


def _gone(path: str) -> str:
    """The command that tells where a file went."""
    return f"git log --oneline --diff-filter=D -- {shlex.quote(path)}"


def _site(question: Question, build: Build) -> Site:
    """The files of a build. Raises OSError, UnicodeDecodeError, ParserMissing, BadPattern."""
    text = build.inline if build.inline is not None else build.file.read_text(encoding="utf-8")
    classic, buildkit = (parse(text, dict(build.args), buildkit=kit) for kit in (False, True))
    usual, own = (
        read_ignore(path.read_text(encoding="utf-8"), question.label(path)) if path.is_file() else None
        for path in (Path(build.context) / ".dockerignore", build.file.with_name(f"{build.file.name}.dockerignore"))
    )
    usual = usual or Ignore()
    return Site(build=build, recipes=(classic, buildkit), ignores=(usual, own or usual))


def _site_or_none(question: Question, service: Service) -> Site | None:
    if service.build is None or service.build.remote or not Path(service.build.context).is_dir():
        return None
    try:
        return _site(question, service.build)
    except (OSError, UnicodeDecodeError, ParserMissing, BadPattern):
        return None


def _mending(question: Question, build: Build, problem: Problem) -> tuple[str, str]:
    """What a build needs instead of its problem, and the command that helps."""
    folder = question.label(Path(build.context))
    path = f"{folder}/{problem.path}".removeprefix("./")
    match problem.kind:
        case "excluded":
            remedy = f"printf '\\n!%s\\n' {shlex.quote(problem.path)} >> {shlex.quote(problem.by)}"
            return f"{path} let through by {problem.by}", remedy
        case "missing":
            return f"{path} in the build context", _gone(path)
        case "unreadable":
            return f"{path} readable for the builder", f"chmod -R a+rX {shlex.quote(path)}"
        case _:
            remedy = f"docker build --file {shlex.quote(question.label(build.file))} {shlex.quote(folder)}"
            return "a Dockerfile that both builders accept", remedy


def _largest(listings: list[Listing]) -> str:
    """The largest context with its largest paths, in words."""
    listing = max(listings, key=lambda one: one.total, default=Listing())
    paths = sorted(listing.entries, key=lambda path: -listing.entries[path].size)[:3]
    told = ", ".join(f"{path} {size(listing.entries[path].size)}" for path in paths if listing.entries[path].size)
    return f"; the largest context has {size(listing.total)} ({told})" if told else ""
