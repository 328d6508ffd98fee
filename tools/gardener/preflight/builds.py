"""Whether every image that the focus builds can be built: compose file, folder, Dockerfile, sources."""

import shlex
from collections.abc import Iterator
from pathlib import Path

from gardener.model.cause import Cause
from gardener.model.run import Check, Status
from gardener.preflight.compose import Build, Service, Stack, is_remote
from gardener.preflight.context import Problem, join, judge, outside
from gardener.preflight.dockerfile_text import ParserMissing, parse
from gardener.preflight.engine import EXTRA
from gardener.preflight.ignore import BadPattern, Ignore, read_ignore
from gardener.preflight.listing import Listing, walk
from gardener.preflight.question import Question, size

NAME = "build-context"
NEEDED = "a compose file, build contexts, Dockerfiles and COPY sources that are there"


def check_builds(question: Question, stack: Stack) -> tuple[Check, ...]:
    """Can every image be built? One answer for each problem."""
    problems = [*_stack_faults(question, stack)]
    walked = _Walked()
    builds: list[tuple[Service | None, Build]] = [
        (service, service.build) for service in stack.services if service.build
    ]
    if not stack.files and (question.root / "Dockerfile").is_file():
        builds = [(None, Build(context=str(question.root)))]
    for service, build in builds:
        problems += _Site(question, stack, service, build, walked).problems()
    if problems:
        return tuple(problems)
    if not builds:
        return (question.check(NAME, Status.OK, "nothing to build", needed=NEEDED),)
    names = ", ".join(service.name for service, _ in builds if service) or "Dockerfile"
    return (question.check(NAME, Status.OK, f"{names}: can be built{walked.largest()}", needed=NEEDED),)


def _stack_faults(question: Question, stack: Stack) -> Iterator[Check]:
    files = " ".join(f"-f {shlex.quote(question.label(path))}" for path in stack.files)
    for fault in stack.faults:
        yield question.check(
            NAME,
            Status.UNKNOWN if fault.uncertain else Status.BLOCK,
            fault.found,
            needed="a compose file that compose accepts",
            remedy=f"docker compose {files} config --quiet",
            location=fault.location,
            cause=Cause.DOCKER_BUILD,
        )


def bases(question: Question, service: Service) -> Iterator[tuple[str, str]]:
    """The images that a service's build takes from elsewhere, each with its place; none where it cannot be read."""
    build = service.build
    if build is None or is_remote(build.context):
        return
    file = Path(build.context) / build.dockerfile
    try:
        text = build.inline if build.inline is not None else file.read_text(encoding="utf-8")
        recipe = parse(text, dict(build.args), buildkit=True)
    except (ParserMissing, OSError, UnicodeDecodeError):
        return
    for line, image in outside(recipe, build.target, build.contexts):
        yield image, f"{question.label(file)}:{line}"


class _Walked:
    """Folders that were looked at: services often share one."""

    def __init__(self) -> None:
        self.listings: dict[tuple[Path, Ignore, bool], Listing] = {}

    def listing(self, folder: Path, ignore: Ignore, *, thorough: bool) -> Listing:
        key = (folder, ignore, thorough and any(rule.brings_back and rule.wild for rule in ignore.rules))
        if key not in self.listings:
            self.listings[key] = walk(folder, ignore, thorough=thorough)
        return self.listings[key]

    def largest(self) -> str:
        """The largest context with its largest paths, in words."""
        if not self.listings:
            return ""
        listing = max(self.listings.values(), key=lambda one: one.total)
        paths = sorted(listing.entries, key=lambda path: -listing.entries[path].size)[:3]
        told = ", ".join(f"{path} {size(listing.entries[path].size)}" for path in paths if listing.entries[path].size)
        return f"; the largest context has {size(listing.total)} ({told})" if told else ""


class _Site:
    """One image and the files it is built from."""

    def __init__(
        self, question: Question, stack: Stack, service: Service | None, build: Build, walked: _Walked
    ) -> None:
        self.question, self.stack, self.service, self.build, self.walked = question, stack, service, build, walked
        self.folder = Path(build.context)
        self.file = self.folder / build.dockerfile

    def problems(self) -> Iterator[Check]:
        """Every problem of this image; nothing where the context lies elsewhere."""
        if is_remote(self.build.context):
            return
        label = self.question.label
        if not self.folder.is_dir():
            words = "is not a folder" if self.folder.exists() else "does not exist"
            yield self._blocked(f"the build context {label(self.folder)} {words}", "context", self.folder)
        elif self.build.inline is None and not self.file.is_file():
            yield self._blocked(f"the Dockerfile {label(self.file)} does not exist", "dockerfile", self.file)
        else:
            yield from self._judged()

    def _judged(self) -> Iterator[Check]:
        try:
            text = self.build.inline if self.build.inline is not None else self.file.read_text(encoding="utf-8")
            recipes = [parse(text, dict(self.build.args), buildkit=kit) for kit in (False, True)]
            classic_ignore, own_ignore = self._ignores()
            listings = (
                self.walked.listing(self.folder, classic_ignore, thorough=False),
                self.walked.listing(self.folder, own_ignore, thorough=True),
            )
        except ParserMissing:
            yield self._check(Status.UNKNOWN, "the package that reads Dockerfiles is not installed", EXTRA, None)
        except (OSError, UnicodeDecodeError) as error:
            yield self._blocked(f"{self.question.label(self.file)} cannot be read: {error}", "dockerfile", self.file)
        except BadPattern as error:
            yield self._check(Status.BLOCK, str(error), f"cat {error.name}", f"{error.name}:{error.line}")
        else:
            target, contexts = self.build.target, self.build.contexts
            classic, buildkit = (
                judge(recipe, target, listing, buildkit=kit, contexts=contexts)
                for recipe, listing, kit in zip(recipes, listings, (False, True), strict=True)
            )
            status = Status.BLOCK if classic and buildkit else Status.WARN
            for problem in join(classic, buildkit):
                yield self._told(problem, status)

    def _ignores(self) -> tuple[Ignore, Ignore]:
        """What the classic builder and what BuildKit leaves out: BuildKit prefers the Dockerfile's own ignore file."""
        usual = self._ignore(self.folder / ".dockerignore")
        own = self.file.with_name(f"{self.file.name}.dockerignore")
        return usual, self._ignore(own) if own.is_file() and self.build.inline is None else usual

    def _ignore(self, path: Path) -> Ignore:
        if not path.is_file():
            return Ignore()
        return read_ignore(path.read_text(encoding="utf-8"), self.question.label(path))

    def _blocked(self, found: str, key: str, gone: Path) -> Check:
        keys = ("services", self.service.name, "build", key) if self.service else ()
        remedy = f"git log --oneline --diff-filter=D -- {shlex.quote(self.question.label(gone))}"
        return self._check(Status.BLOCK, found, remedy, self.stack.place(*keys) if keys else None)

    def _told(self, problem: Problem, status: Status) -> Check:
        place, folder = self.question.label(self.file), self.question.label(self.folder)
        found = f"{problem.found} (only the {problem.only} builder refuses it)" if problem.only else problem.found
        path = shlex.quote(f"{folder}/{problem.path}".removeprefix("./"))
        match problem.kind:
            case "excluded":
                ignore = found.rpartition(":")[0].rpartition(" excluded by ")[2]
                remedy = f"printf '!%s\\n' {shlex.quote(problem.path)} >> {shlex.quote(ignore)}"
            case "missing":
                remedy = f"git log --oneline --diff-filter=D -- {path}"
            case "unreadable":
                remedy = f"chmod -R a+rX {path}"
            case _:
                remedy = f"docker build --file {shlex.quote(place)} {shlex.quote(folder)}"
        return self._check(status, found, remedy, f"{place}:{problem.line}")

    def _check(self, status: Status, found: str, remedy: str, location: str | None) -> Check:
        return self.question.check(
            NAME,
            status,
            found,
            needed=NEEDED,
            remedy=remedy,
            location=location,
            service=self.service.name if self.service else None,
            cause=Cause.DOCKER_BUILD,
        )
