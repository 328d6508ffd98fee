"""The text of a Dockerfile → its stages and what each copies, or what is wrong with the text. Pure."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

ELSEWHERE = re.compile(r"^(?:https?|ftp|git|ssh)://|^git@", re.IGNORECASE)
_DIRECTIVE = re.compile(r"^#\s*(?P<name>[a-zA-Z][\w-]*)\s*=\s*(?P<value>\S.*?)\s*$")


class ParserMissing(Exception):
    """The package that parses Dockerfiles is not installed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wrong:
    """A fault of the text itself; `only` names the one builder that minds, "" is both."""

    line: int
    found: str
    only: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Copy:
    """A COPY or ADD from the context, with its sources as written after variables."""

    line: int
    verb: str  # COPY, ADD
    sources: tuple[str, ...]
    target: str
    uncertain: tuple[str, ...] = ()  # variables that only the base image may know


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """One FROM with what follows it."""

    line: int
    name: str  # lower case; "" where it has none
    base: str  # image or stage, variables filled in
    copies: tuple[Copy, ...] = ()
    uses: tuple[str, ...] = ()  # what COPY --from and RUN --mount=from name


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """A Dockerfile that parses."""

    stages: tuple[Stage, ...] = ()
    wrong: tuple[Wrong, ...] = ()


# flags by verb: those that both builders know, those that only BuildKit knows
_FLAGS: dict[str, tuple[set[str], set[str]]] = {
    "FROM": ({"platform"}, set()),
    "COPY": ({"from", "chown"}, {"chmod", "link", "parents", "exclude"}),
    "ADD": ({"chown"}, {"chmod", "link", "exclude", "checksum", "keep-git-dir", "unpack"}),
    "RUN": (set(), {"mount", "network", "security", "device"}),
    "HEALTHCHECK": ({"interval", "timeout", "start-period", "start-interval", "retries"}, set()),
}
# how many arguments an instruction takes: least, most
_ARGUMENTS: dict[str, tuple[int, int | None]] = {
    "ADD": (2, None),
    "ARG": (1, None),
    "CMD": (0, None),
    "COPY": (2, None),
    "ENTRYPOINT": (0, None),
    "ENV": (1, None),
    "EXPOSE": (1, None),
    "FROM": (1, 3),
    "HEALTHCHECK": (1, None),
    "LABEL": (1, None),
    "MAINTAINER": (1, None),
    "ONBUILD": (0, None),
    "RUN": (0, None),
    "SHELL": (1, None),
    "STOPSIGNAL": (1, 1),
    "USER": (1, 1),
    "VOLUME": (1, None),
    "WORKDIR": (1, 1),
}
_PLATFORM_ARGS = {f"{who}{what}" for who in ("TARGET", "BUILD") for what in ("PLATFORM", "OS", "ARCH", "VARIANT")}
_WORD = re.compile(
    r"'(?P<literal>[^']*)'|(?P<quote>\")|\\(?P<escaped>.)"
    r"|\$(?:(?P<bare>\w+)|\{(?P<name>\w+)(?:(?P<operator>:?[-+?])(?P<words>[^}]*))?\})"
)


def parse(text: str, args: Mapping[str, str | None]) -> Recipe:
    """The recipe of a Dockerfile with these build arguments. Raises ParserMissing."""
    try:
        import dockerfile
    except ImportError:
        raise ParserMissing from None
    try:
        commands = dockerfile.parse_string(text)
    except dockerfile.GoParseError as error:
        return Recipe(wrong=(Wrong(line=_line_in(str(error)), found=f"dockerfile parse error: {error}"),))
    reader = _Reader(args, _directives(text))
    for command in commands:
        reader.read(command)
    return reader.recipe()


def _directives(text: str) -> dict[str, str]:
    """Parser directives: the comments at the very top that set something."""
    found: dict[str, str] = {}
    for line in text.removeprefix("\ufeff").splitlines():
        directive = _DIRECTIVE.match(line.strip())
        if directive is None:
            break
        found.setdefault(directive["name"].lower(), directive["value"])
    return found


def _line_in(words: str) -> int:
    found = re.search(r"line (\d+)", words)
    return int(found[1]) if found else 1


@dataclass(slots=True, kw_only=True)
class _Draft:
    """A stage while it is read."""

    line: int
    name: str
    base: str
    platform: bool = False
    closed: bool = False  # its base is known to the last variable: scratch, or such a stage
    env: dict[str, str] = field(default_factory=dict)
    args: dict[str, str] = field(default_factory=dict)
    copies: list[Copy] = field(default_factory=list)
    uses: list[str] = field(default_factory=list)
    triggers: list[Any] = field(default_factory=list)

    def stage(self) -> Stage:
        return Stage(line=self.line, name=self.name, base=self.base, copies=tuple(self.copies), uses=tuple(self.uses))


class _Reader:
    """Goes through the instructions once, with the variables that are known at each."""

    def __init__(self, args: Mapping[str, str | None], directives: Mapping[str, str]) -> None:
        self.given = {name: value for name, value in args.items() if value is not None}
        self.syntax = directives.get("syntax", "")
        self.globals: dict[str, str] = {}
        self.stages: list[_Draft] = []
        self.wrong: list[Wrong] = []

    def read(self, command: Any) -> None:  # noqa: ANN401 - the parser's own tuple
        """One instruction."""
        verb = command.cmd.upper()
        if not self._well_formed(verb, command):
            return
        if verb == "FROM":
            self._open(command)
        elif verb == "ARG":
            self._declare(command)
        elif not self.stages:
            self._bad(command, f"no build stage in current context: {verb} stands before the first FROM")
        elif verb == "ENV":
            pairs = zip(command.value[::3], command.value[1::3], strict=False)
            self.stages[-1].env |= {key: self._filled(value)[0] for key, value in pairs}
        elif verb == "ONBUILD":
            self.stages[-1].triggers.append(command)
        else:
            self._step(verb, command)

    def recipe(self) -> Recipe:
        """What was read."""
        if not self.stages and not self.wrong:
            self.wrong.append(Wrong(line=1, found="no build stage in current context: there is no FROM"))
        return Recipe(stages=tuple(draft.stage() for draft in self.stages), wrong=tuple(self.wrong))

    def _bad(self, command: Any, found: str, only: str = "") -> None:  # noqa: ANN401
        if not (only and self.syntax):  # who asks for a frontend has chosen BuildKit
            self.wrong.append(Wrong(line=command.start_line, found=found, only=only))

    def _well_formed(self, verb: str, command: Any) -> bool:  # noqa: ANN401
        if verb not in _ARGUMENTS:
            self._bad(command, f"unknown instruction: {command.cmd}")
            return False
        both, buildkit = _FLAGS.get(verb, (set(), set()))
        for name in (flag.lstrip("-").partition("=")[0] for flag in command.flags):
            if name in buildkit:
                self._bad(command, f"the --{name} option of {verb} requires BuildKit", only="classic")
            elif name not in both:
                self._bad(command, f"unknown flag: {name}")
                return False
        if command.heredocs:
            self._bad(command, f"a heredoc in {verb} requires BuildKit", only="classic")
        least, most = _ARGUMENTS[verb]
        count = len([value for value in command.value if value != ""])
        if count < least or (most is not None and count > most) or (verb == "FROM" and count == 2):
            self._bad(
                command, f"{verb} takes {'exactly' if least == most else 'at least'} {least} argument(s), not {count}"
            )
            return False
        return True

    def _open(self, command: Any) -> None:  # noqa: ANN401
        base, _ = fill_word(command.value[0], self.globals)
        if not base:
            self._bad(command, f"base name ({command.value[0]}) should not be blank")
        parent = next((draft for draft in reversed(self.stages) if draft.name and draft.name == base.lower()), None)
        draft = _Draft(
            line=command.start_line, name=command.value[2].lower() if len(command.value) == 3 else "", base=base
        )
        draft.closed = parent.closed if parent else base == "scratch"
        draft.env = dict(parent.env) if parent else {}
        self.stages.append(draft)
        for trigger in parent.triggers if parent else ():
            self._step(trigger.sub_cmd.upper(), trigger)

    def _declare(self, command: Any) -> None:  # noqa: ANN401
        for told in command.value:
            name, sets, default = told.partition("=")
            scope = self.stages[-1].args if self.stages else self.globals
            value = self.given.get(name, self._filled(default)[0] if sets else None)
            if value is None and self.stages:
                value = self.globals.get(name)
            if value is not None:
                scope[name] = value
            elif name not in _PLATFORM_ARGS:
                scope[name] = ""

    def _filled(self, word: str) -> tuple[str, tuple[str, ...]]:
        if not self.stages:
            return fill_word(word, self.globals)
        return fill_word(word, self.stages[-1].args | self.stages[-1].env)

    def _step(self, verb: str, command: Any) -> None:  # noqa: ANN401
        draft = self.stages[-1]
        flags = dict(flag.lstrip("-").partition("=")[::2] for flag in command.flags)
        if verb == "RUN" and "from=" in flags.get("mount", ""):
            draft.uses += [part[5:] for part in flags["mount"].split(",") if part.startswith("from=")]
        if verb not in ("COPY", "ADD"):
            return
        if "from" in flags:
            draft.uses.append(flags["from"])
            return
        names = {f"<<{doc.name}" for doc in command.heredocs}
        words = [
            self._filled(word) for word in command.value if word.replace("<<-", "<<").replace('"', "") not in names
        ]
        missing = tuple(name for _, absent in words for name in absent)
        *sources, target = (word for word, _ in words)
        if verb == "ADD":
            sources = [source for source in sources if not ELSEWHERE.match(source)]
        certain = draft.closed and not _PLATFORM_ARGS & set(missing)
        draft.copies.append(
            Copy(
                line=command.start_line,
                verb=verb,
                sources=tuple(sources),
                target=target,
                uncertain=() if certain else missing,
            )
        )


def fill_word(word: str, known: Mapping[str, str]) -> tuple[str, tuple[str, ...]]:
    """A word of an instruction with quotes, escapes and variables done, and the variables that have no value."""
    missing: list[str] = []

    def part(found: re.Match[str]) -> str:
        if found["literal"] is not None:
            return found["literal"]
        if found["quote"] or found["escaped"]:
            return found["escaped"] or ""
        name, operator = found["bare"] or found["name"], found["operator"] or ""
        value = known.get(name)
        absent = value is None or (operator.startswith(":") and not value)
        if operator.endswith("+"):
            return "" if absent else fill_word(found["words"], known)[0]
        if absent and operator:
            return fill_word(found["words"], known)[0]
        if value is None:
            missing.append(name)
        return value or ""

    return _WORD.sub(part, word), tuple(missing)
