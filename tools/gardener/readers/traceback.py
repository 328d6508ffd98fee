"""The traceback that pytest prints, in any of its styles, as a chain of exceptions with their frames."""

import functools
import re
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from gardener.model.run import Frame, Link
from gardener.model.text import CleanText
from gardener.sieve import Sieve

_JOINTS = {
    "The above exception was the direct cause of the following exception:": "cause",
    "During handling of the above exception, another exception occurred:": "context",
}
_WORKER = re.compile(r"\[gw\d+\] \w+ -- Python .*")
_RULE = re.compile(r"(?:_ ){5,}_?")
_GROUP = "Exception Group Traceback (most recent call last):"
_NATIVE = "Traceback (most recent call last):"
_PLACE = re.compile(r"(?P<path>(?:[A-Za-z]:)?[^\s:][^:]*):(?P<line>\d+):(?: (?:in )?(?P<what>.*))?$")
_FILE = re.compile(r'\s*File "(?P<path>[^"]+)", line (?P<line>\d+)(?:, in (?P<function>.+))?$')
_LOOKUP = re.compile(r"file (?P<path>.+), line (?P<line>\d+)$")
_DEF = re.compile(r"[> ]*\s*(?:async )?def (?P<name>\w+)")
_CARETS = re.compile(r"\s*[\^~]+[\^~ ]*$")
_SAID = re.compile(r"E(?: |$)")
_TYPED = re.compile(
    r"(?P<type>(?:[A-Za-z_]\w*\.)*(?:[A-Z_]\w*|error|timeout|gaierror))(?:: ?(?P<said>.*))?$", re.DOTALL
)
_FIXTURES = re.compile(r"(?P<type>ScopeMismatch): (?P<said>.*)")
_UNPARSED = re.compile(r"^(?P<type>SyntaxError|IndentationError|TabError): (?P<said>.*)", re.MULTILINE)
_MEMBER = re.compile(r"^\s*[|+] ?")  # what stands before each line of an exception group
_MEMBER_RULE = re.compile(r"\s*\+[-+]+[ \d]*-*$")
_PRINTED = re.compile(  # tracebacks up to the first line of their error, each with those that it follows from
    rf"^(?P<margin>[ \t]*){re.escape(_NATIVE)}\n(?:(?P=margin)[ \t]+.*\n)+(?P=margin)\S.*"
    rf"(?:\n\s*(?:{'|'.join(map(re.escape, _JOINTS))})\s*\n(?P=margin){re.escape(_NATIVE)}\n"
    r"(?:(?P=margin)[ \t]+.*\n)+(?P=margin)\S.*)*",
    re.MULTILINE,
)
_BROKEN_UP = Sieve(rf" exception|\[gw|{re.escape(_NATIVE)}")  # stands in what is no single traceback of pytest's
_MACHINERY = ("/_pytest/", "/pluggy/", "/importlib/", "<frozen importlib")


@dataclass(frozen=True, slots=True, kw_only=True)
class Traced:
    """What a printed traceback says. `chain` is () where only one exception is known."""

    exception: str | None = None
    message: CleanText = CleanText("")
    chain: tuple[Link, ...] = ()
    frames: tuple[Frame, ...] = ()


def read_traceback(text: CleanText, root: str = "") -> Traced:
    """Reads the styles long, auto, short, line, native and the shapes of collection and fixture errors.

    `root` is the folder that paths are made relative to.
    """
    if _BROKEN_UP(text):
        read = [(_link(lines, root), joint) for lines, joint in _exceptions(text)]
        links = [replace(link, joint=joint) if joint else link for link, joint in read]
    else:
        links = [_printed(text.splitlines(), root)]
    links = [link for link in links if link.exception or link.message or link.frames]
    if not links:
        return Traced(message=CleanText(text.strip()))
    last = links[-1]
    return Traced(
        exception=last.exception or None,
        message=last.message,
        chain=tuple(links) if len(links) > 1 else (),
        frames=last.frames,
    )


def printed_in(text: CleanText, root: str = "") -> tuple[Link, ...]:
    """The exception, root first, whose traceback a log holds; () where it holds none, or those of several."""
    if _NATIVE not in text:
        return ()
    found = {}
    for block in _PRINTED.finditer(text):
        traced = read_traceback(CleanText(textwrap.dedent(block[0])), root)
        last = Link(exception=traced.exception or "", message=traced.message, frames=traced.frames)
        places = [(frame.path, frame.line) for frame in last.frames[-1:]]
        found[last.exception, *places] = traced.chain or (last,)
    return next(iter(found.values())) if len(found) == 1 else ()


def quoted_in(message: str) -> CleanText:
    """What an error's message quotes of a command's output, in one line as bytes are shown, from its traceback on."""
    _, native, rest = message.partition(f"{_NATIVE}\\n")
    return CleanText(f"{_NATIVE}\n{rest}".replace("\\n", "\n").replace("\\r", "") if native else "")


@functools.lru_cache(maxsize=4096)  # the frames of a run lie in few files
def relative(path: str, root: str) -> str:
    """The path with forward slashes, relative to the root when it lies inside, to site-packages when installed."""
    path, root = path.replace("\\", "/"), root.replace("\\", "/").rstrip("/")
    if root and path.lower().startswith(f"{root.lower()}/"):
        return path[len(root) + 1 :]
    before, installed, after = path.rpartition("site-packages/")
    return f"{installed}{after}" if before.endswith("/") else path.removeprefix("./")


def _exceptions(text: str) -> Iterator[tuple[list[str], str | None]]:
    lines: list[str] = []
    for line in _with_last_member(text.splitlines()) if _GROUP in text else text.splitlines():
        joint = _JOINTS.get(line.strip()) if " exception" in line else None
        if joint is not None:
            yield lines, joint
            lines = []
        elif not (line.startswith("[gw") and _WORKER.match(line)):
            lines.append(line)
    yield lines, None


def _with_last_member(lines: list[str]) -> list[str]:
    """The last member of an exception group speaks for it, with all that it follows from."""
    start = next(i for i, line in enumerate(lines) if _GROUP in line)
    rules = [i for i in range(start, len(lines)) if _MEMBER_RULE.match(lines[i])]
    members = [i for i in rules if any(sign.isdigit() for sign in lines[i])]
    if not members:
        return lines
    end = next((i for i in rules if i > members[-1]), len(lines))
    return [*lines[:start], *(_MEMBER.sub("", line) for line in lines[members[-1] + 1 : end]), *lines[end + 1 :]]


def _link(lines: list[str], root: str) -> Link:
    start = next((i for i, line in enumerate(lines) if _NATIVE in line), None)
    if start is None or any(line.startswith("E  ") for line in lines):
        return _printed(lines, root)
    return _native(lines[start + 1 :], root)


def _native(lines: list[str], root: str) -> Link:
    """The interpreter's own style."""
    starts = [i for i, line in enumerate(lines) if _NATIVE in line]
    frames: list[Frame] = []
    end = 0
    body = lines[starts[-1] + 1 :] if starts else lines
    for i, line in enumerate(body):
        found = _FILE.match(line)
        if found:
            code = body[i + 1].strip() if i + 1 < len(body) and not _FILE.match(body[i + 1]) else ""
            place = relative(found["path"], root)
            frames.append(Frame(path=place, line=int(found["line"]), function=found["function"], code=code or None))
        elif line and not line[0].isspace() and frames:
            end = i
            break
    exception, message = _typed("\n".join(body[end:]).strip() if end else "", None)
    return Link(exception=exception, message=message, frames=_without_machinery(frames))


@dataclass(slots=True)
class _Entries:
    """The entries of a printed traceback while they are read; the last one is open."""

    lines: list[str]
    root: str
    frames: list[Frame] = field(default_factory=list)
    kind: str | None = None  # the exception, as the place where it was raised names it
    start: int = 0
    path: str = ""
    line: int | None = None
    function: str | None = None
    marked: str = ""  # with ">"

    def place(self, at: int, found: re.Match[str]) -> None:
        if self.path:
            self.close(at)
        self.path, self.line = relative(found["path"], self.root), int(found["line"])
        if " in " in f"{found.string[found.end('line') :]} ":  # short: the place stands before the code
            self.start, self.function, self.marked = at + 1, found["what"], ""
        else:  # long: the place stands after the code
            self.kind = found["what"] or None
            self.close(at)

    def close(self, end: int) -> None:
        if self.path:
            quoted = self.lines[self.start : end]
            code = self.marked or (_last(quoted) if self.function else "")
            function = self.function or _defined(quoted)
            self.frames.append(Frame(path=self.path, line=self.line, function=function, code=code or None))
        self.start, self.path, self.line, self.function, self.marked = end + 1, "", None, None, ""


def _last(quoted: list[str]) -> str:
    """The last line of source; what is said about it stands below."""
    for line in reversed(quoted):
        code = line.strip()
        if code and code != "???" and not (_CARETS.match(line) or _SAID.match(line) or _LOOKUP.match(line)):
            return code
    return ""


def _defined(quoted: list[str]) -> str | None:
    return next((found["name"] for line in quoted if "def " in line and (found := _DEF.match(line))), None)


def _printed(lines: list[str], root: str) -> Link:
    said, entries = list[str](), _Entries(lines, root)
    for at, line in enumerate(lines):
        first = line[:1]
        if first in (" ", ""):  # most lines: quoted source
            continue
        if first == "E" and (line == "E" or line[1] == " "):
            said.append(line[1:])
        elif first == ">":
            entries.marked = line[1:].strip()
        elif first == "f" and not said and (lookup := _LOOKUP.match(line)):
            entries.frames.append(Frame(path=relative(lookup["path"], root), line=int(lookup["line"])))
        elif ":" in line and (place := _PLACE.match(line)):
            entries.place(at, place)
        elif first == "_" and _RULE.match(line):
            entries.close(at)
    entries.close(len(lines))
    return _spoken(lines, said, entries.kind, entries.frames, root)


def _spoken(lines: list[str], said: list[str], kind: str | None, frames: list[Frame], root: str) -> Link:
    text = "\n".join(said)
    files = [found for line in said if (found := _FILE.match(line))] if 'File "' in text else []
    unparsed = list(_UNPARSED.finditer(_dedent(said))) if files else []
    if unparsed:
        place = files[-1]
        frames.append(Frame(path=relative(place["path"], root), line=int(place["line"])))
        return Link(
            exception=unparsed[-1]["type"], message=CleanText(unparsed[-1]["said"]), frames=_without_machinery(frames)
        )
    if not said:
        if frames and lines and (found := _FIXTURES.match(lines[0])):  # pytest says it first, then lists the fixtures
            return Link(
                exception=found["type"], message=CleanText("\n".join([found["said"], *lines[1:]])), frames=tuple(frames)
            )
        if kind and (found := _TYPED.match(kind)):
            return Link(
                exception=found["type"], message=CleanText(found["said"] or ""), frames=_without_machinery(frames)
            )
        text = "" if frames else "\n".join(lines).strip()
        return Link(exception="", message=CleanText(text), frames=_without_machinery(frames))
    exception, message = _typed(_dedent(said), kind)
    return Link(exception=exception, message=message, frames=_without_machinery(frames))


def _dedent(said: list[str]) -> str:
    if len(said) == 1:
        return said[0].strip()
    margin = min([len(line) - len(line.lstrip()) for line in said if line.strip()], default=0)
    return "\n".join([line[margin:].rstrip() for line in said]).strip()


def _typed(text: str, kind: str | None) -> tuple[str, CleanText]:
    """Type and message of what was said; a bare assertion names its type only at the place it was raised."""
    if text.startswith("fixture '") and "not found" in text:
        return "FixtureLookupError", CleanText(text.splitlines()[0])
    first, _, rest = text.partition("\n")
    found = _TYPED.match(first)
    if found:
        said = found["said"] or ""
        return found["type"], CleanText(f"{said}\n{rest}".strip() if rest else said)
    if text.startswith("assert "):
        return "AssertionError", CleanText(text)
    return (kind or "") if kind is None or _TYPED.match(kind) else "", CleanText(text)


def _without_machinery(frames: list[Frame]) -> tuple[Frame, ...]:
    """Without the frames of pytest and the import system that stand before the first own one."""
    if not frames or _is_own(frames[0].path):
        return tuple(frames)
    return tuple(frames[next((i for i, frame in enumerate(frames) if _is_own(frame.path)), 0) :])


@functools.lru_cache(maxsize=4096)
def _is_own(path: str) -> bool:
    return not any(part in f"/{path}" for part in _MACHINERY)
