"""The text of a Dockerfile → its stages and what each copies, or what is wrong with the text. Pure."""

import platform
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from gardener.preflight.interpolate import fill_text

if TYPE_CHECKING:
    from dockerfile import Command

_ELSEWHERE = re.compile(r"^(?:https?|ftp|git|ssh)://|^git@", re.IGNORECASE)
_DIRECTIVE = re.compile(r"^#\s*(?P<name>[a-zA-Z][\w-]*)\s*=\s*(?P<value>\S.*?)\s*$")
_STAGE_NAME = re.compile(r"[a-z][a-z0-9_.-]*")
_WORD = re.compile(r"'(?P<literal>[^']*)'|\"|\\(?P<escaped>.)|(?P<variable>\$(?:\w+|\{\w+[^}?]*\}))")
# flags by verb: those that both builders know, those that only BuildKit knows
_FLAGS: dict[str, tuple[set[str], set[str]]] = {
    "FROM": ({"platform"}, set()),
    "COPY": ({"from", "chown"}, {"chmod", "link", "parents", "exclude"}),
    "ADD": ({"chown"}, {"chmod", "link", "exclude", "checksum", "keep-git-dir", "unpack"}),
    "RUN": (set(), {"mount", "network", "security", "device"}),
    "HEALTHCHECK": ({"interval", "timeout", "start-period", "start-interval", "retries"}, set()),
}
_LEAST = {"ADD": 2, "COPY": 2, "CMD": 0, "ENTRYPOINT": 0, "RUN": 0}  # arguments; 1 for the others
_MOST = {"FROM": 3, "MAINTAINER": 1, "STOPSIGNAL": 1, "USER": 1, "WORKDIR": 1}
_OTHERS = {"ARG", "ENV", "EXPOSE", "HEALTHCHECK", "LABEL", "ONBUILD", "SHELL", "VOLUME"}
_VERBS = {*_LEAST, *_MOST, *_OTHERS}
_ARCHITECTURE = {"x86_64": "amd64", "AMD64": "amd64", "aarch64": "arm64"}.get(platform.machine(), platform.machine())
_PLATFORM = {"OS": "linux", "ARCH": _ARCHITECTURE, "PLATFORM": f"linux/{_ARCHITECTURE}", "VARIANT": ""}
_AUTOMATIC = {
    f"{who}{what}": value for who in ("TARGET", "BUILD") for what, value in _PLATFORM.items()
}  # BuildKit's own


class ParserMissing(Exception):
    """The package that parses Dockerfiles is not installed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """Why a build fails."""

    line: int  # in the Dockerfile
    found: str
    kind: str = "text"  # text, missing, excluded, unreadable, outside
    path: str = ""  # in the context, of what the problem is about
    by: str = ""  # the ignore file that excludes it
    only: str = ""  # the one builder that minds; "" is both


@dataclass(frozen=True, slots=True, kw_only=True)
class Copy:
    """A COPY or ADD from the context, variables filled in."""

    line: int
    verb: str  # COPY, ADD
    sources: tuple[str, ...]
    target: str
    certain: bool = True  # False where only the base image may know a variable of it


@dataclass(slots=True, kw_only=True)
class Stage:
    """One FROM with what follows it, and the variables that are known where reading has come to."""

    line: int
    name: str  # lower case; "" where it has none
    base: str  # image or stage, variables filled in
    closed: bool  # every variable is known: its base is scratch, or such a stage
    env: dict[str, str] = field(default_factory=dict)
    args: dict[str, str] = field(default_factory=dict)
    copies: list[Copy] = field(default_factory=list)
    uses: list[tuple[int, str]] = field(default_factory=list)  # line and name: COPY --from, RUN --mount=from
    triggers: "list[Command]" = field(default_factory=list)  # ONBUILD
    steps: int = 0

    @property
    def bare(self) -> bool:
        """Whether nothing follows FROM scratch."""
        return self.base == "scratch" and not self.steps


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """A Dockerfile as one of the builders reads it."""

    stages: tuple[Stage, ...] = ()
    wrong: tuple[Problem, ...] = ()


def parse(text: str, args: Mapping[str, str | None], *, buildkit: bool) -> Recipe:
    """What BuildKit, or the classic builder, reads with these build arguments. Raises ParserMissing."""
    try:
        import dockerfile
    except ImportError:
        raise ParserMissing from None
    try:
        commands = dockerfile.parse_string(text)
    except dockerfile.GoParseError as error:
        line = re.search(r"line (\d+)", str(error))
        return Recipe(wrong=(Problem(line=int(line[1]) if line else 1, found=f"dockerfile parse error: {error}"),))
    # who asks for a frontend has chosen BuildKit: its syntax is then nothing to hold against the file
    reader = _Reader(args, _directives(text), buildkit=buildkit)
    for command in commands:
        reader.read(command)
    if not reader.stages and not reader.wrong:
        reader.wrong.append(Problem(line=1, found="no build stage in current context: there is no FROM"))
    return Recipe(stages=tuple(reader.stages), wrong=tuple(reader.wrong))


def _directives(text: str) -> dict[str, str]:
    """Parser directives: the comments at the very top that set something."""
    found: dict[str, str] = {}
    for line in text.removeprefix("\ufeff").splitlines():
        directive = _DIRECTIVE.match(line.strip())
        if directive is None:
            break
        found.setdefault(directive["name"].lower(), directive["value"])
    return found


class _Reader:
    """Goes through the instructions once, with the variables that are known at each."""

    def __init__(self, args: Mapping[str, str | None], directives: Mapping[str, str], *, buildkit: bool) -> None:
        self.given = {name: value for name, value in args.items() if value is not None}
        self.buildkit, self.modern = buildkit, buildkit or "syntax" in directives
        self.windows = directives.get("escape") == "`"  # a backslash then parts folders
        self.globals: dict[str, str] = dict(_AUTOMATIC) if buildkit else {}
        self.stages: list[Stage] = []
        self.wrong: list[Problem] = []

    def read(self, command: "Command") -> None:
        """One instruction."""
        verb = command.cmd.upper()
        fault = self._fault(verb, command)
        if fault:
            self.wrong.append(Problem(line=command.start_line, found=fault))
        elif verb == "FROM":
            self._open(command)
        elif verb == "ARG":
            self._declare(command)
        else:
            self._step(verb, command)

    def _fault(self, verb: str, command: "Command") -> str:
        """What the builder would refuse of an instruction before it does anything; "" for nothing."""
        if verb not in _VERBS:
            return f"unknown instruction: {command.cmd}"
        both, newer = _FLAGS.get(verb, (set(), set()))
        for name in (flag.lstrip("-").partition("=")[0] for flag in command.flags):
            if name not in both | newer:
                return f"unknown flag: {name}"
            if name in newer and not self.modern:
                return f"the --{name} option of {verb} requires BuildKit"
        if command.heredocs and not self.modern:
            return f"a heredoc in {verb} requires BuildKit"
        words = [word for word in command.value if word != ""]
        least, most = _LEAST.get(verb, 1), _MOST.get(verb)
        if verb != "ONBUILD" and not least <= len(words) <= (most or len(words)):
            return f"{verb} takes {'exactly' if least == most else 'at least'} {least} argument(s), not {len(words)}"
        return self._odd(verb, command, words)

    def _odd(self, verb: str, command: "Command", words: list[str]) -> str:
        if verb == "FROM":
            if len(words) == 2 or (len(words) == 3 and words[1].upper() != "AS"):
                return "FROM requires either one or three arguments"
            if len(words) == 3 and not _STAGE_NAME.fullmatch(words[2].lower()):
                return f"invalid name for build stage: {words[2]}"
            if not self.buildkit and words[2:] and words[2].lower() in {stage.name for stage in self.stages}:
                return f"the stage name {words[2]} is already used"
            return "" if fill_word(words[0], self.globals)[0] else f"base name ({words[0]}) should not be blank"
        if not self.stages and verb != "ARG":
            return f"no build stage in current context: {verb} stands before the first FROM"
        if verb == "ENV" and "" in command.value[::3]:
            return "ENV names can not be blank"
        if verb == "SHELL" and not command.json:
            return "SHELL requires the arguments to be in JSON form"
        if verb == "ONBUILD" and (command.sub_cmd or "").upper() not in _VERBS - {"FROM", "ONBUILD", "MAINTAINER"}:
            return f"{command.sub_cmd} isn't allowed as an ONBUILD trigger"
        return ""

    def _open(self, command: "Command") -> None:
        base, _ = fill_word(command.value[0], self.globals)
        name = command.value[2].lower() if len(command.value) == 3 else ""
        below = next((one for one in reversed(self.stages) if one.name and one.name == base.lower()), None)
        stage = Stage(line=command.start_line, name=name, base=base, closed=base == "scratch")
        self.stages.append(stage)
        if below:
            stage.closed, stage.env = below.closed, dict(below.env)
            stage.args = dict(below.args) if self.buildkit else {}
            for trigger in below.triggers:
                self._step(trigger.sub_cmd.upper(), trigger)

    def _declare(self, command: "Command") -> None:
        scope = self.globals
        if self.stages:
            scope = self.stages[-1].args
            self.stages[-1].steps += 1
        for told in command.value:
            name, sets, default = told.partition("=")
            scope[name] = self.given.get(name, self._filled(default)[0] if sets else self.globals.get(name, ""))

    def _filled(self, word: str) -> tuple[str, tuple[str, ...]]:
        known = self.stages[-1].args | self.stages[-1].env if self.stages else self.globals
        return fill_word(word.replace("\\", "/") if self.windows else word, known)

    def _step(self, verb: str, command: "Command") -> None:
        stage, line = self.stages[-1], command.start_line
        stage.steps += 1
        if verb == "ENV":
            pairs = zip(command.value[::3], command.value[1::3], strict=False)
            stage.env |= {key: self._filled(value)[0] for key, value in pairs}
        elif verb == "ONBUILD":
            stage.triggers.append(command)
        flags = [flag.lstrip("-").partition("=")[::2] for flag in command.flags]
        for mount in (
            dict(part.partition("=")[::2] for part in value.split(",")) for name, value in flags if name == "mount"
        ):
            if mount.get("from"):
                stage.uses.append((line, mount["from"]))
            elif mount.get("type", "bind") == "bind":
                source = mount.get("source") or mount.get("src") or "."
                stage.copies.append(Copy(line=line, verb="RUN --mount", sources=(source,), target="/"))
        taken = [value for name, value in flags if name == "from"]
        stage.uses += [(line, name) for name in taken]
        if verb not in ("COPY", "ADD") or taken:
            return
        words = [self._filled(word) for word in command.value if not (command.heredocs and word.startswith("<<"))]
        sources = tuple(word for word, _ in words[:-1] if verb == "COPY" or not _ELSEWHERE.match(word))
        certain = stage.closed or not any(missing for _, missing in words)
        stage.copies.append(Copy(line=line, verb=verb, sources=sources, target=words[-1][0], certain=certain))


def fill_word(word: str, known: Mapping[str, str]) -> tuple[str, tuple[str, ...]]:
    """A word of an instruction with quotes, escapes and variables done, and the variables that have no value."""
    missing: list[str] = []

    def part(found: re.Match[str]) -> str:
        if not found["variable"]:
            return found["literal"] or found["escaped"] or ""
        name = found["variable"].strip("${}")
        if name.isidentifier() and name not in known:
            missing.append(name)
        return fill_text(found["variable"], known)

    return _WORD.sub(part, word), tuple(missing)
