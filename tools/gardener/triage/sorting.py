"""The lines of a raw log, sorted into errors, free statements, warnings and context."""

import json
import re
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import takewhile

_JOINTS = {
    "The above exception was the direct cause of the following exception:": "cause",
    "During handling of the above exception, another exception occurred:": "context",
}
_AT_THE_MARGIN = re.compile(r"\n[^ \t\n]")
_LONGEST_LINE = 2_000
_MOST_LINES_OF_AN_ERROR = 60

_BARE_CODE = r"\[\d{1,2}(?:;\d{1,3}){0,3}m"  # what is left of a code for colours where its first character was taken
_BARE = re.compile(_BARE_CODE)
_ESCAPES = re.compile(rf"\x1b\[[0-9;?]*[A-Za-z]|{_BARE_CODE}|\x1b\][^\x07\n]{{0,200}}\x07")
_CURLY = str.maketrans({"’": "'", "‘": "'", "“": '"', "”": '"', "\u00a0": " ", "\ufeff": None, "\x00": None})
_PREFIX = re.compile(
    r"[^\t\n]{1,80}\t[^\t\n]{1,80}\t(?=\d{4}-\d\d-\d\dT)"  # job and step
    r"|\[?\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d{1,9})?(?:Z|[+-]\d\d:?\d\d| UTC)?\]?:? "
    r"|\[?\d\d:\d\d:\d\d(?:[.,]\d{1,9})?\]? "
    r"|\[ *\d+(?:\.\d+)?s?\] "  # seconds since the start
    r"|\d\d[OE][ +]"  # GitLab's stream marks
    r"|##\[[a-z]+\]|::(?:error|warning)[^:\n]{0,200}::"
    r"|\[(?:error|info|warn|warning|stderr|stdout)\] "
    r"|(?P<service>[A-Za-z0-9][\w.-]{0,60}?(?P<replica>[-_]\d+)?) {0,20}\| ?"
    r"|[│╷╵┃] ?"
    r"|INTERNALERROR> ?"
)
_SHARED = re.compile(r"(?!(?:error|fatal|warning)\b).*(?:[>|\]:]| -) +", re.IGNORECASE)
_FEWEST_TO_SHARE = 3
_SAID_IN = ("msg", "message", "log", "event", "text")  # what loggers that write JSON call it
_HEADER = re.compile(r"={3,} (?P<title>.+?) ={3,}$")
_TEST = re.compile(r"(?:_{2,}|(?:_ ){3,}) ?(?P<title>[^_ ].*?) _{2,}$")
_SEPARATOR = re.compile(r"(?:_ ){5,}_?$")
_CAPTURED = re.compile(r"-{3,} ?(?:Captured|live log) .+?-{3,}$", re.IGNORECASE)
_E_LINE = re.compile(r"E(?:  ? ?(?P<text>.*)|)$")
_FRAME = re.compile(r"(?:[A-Za-z]:)?[^\s:][^:\n]{0,300}:\d+:(?: in (?P<function>\S.*)| (?P<type>[A-Za-z_.]+)|)$")
_FILE = re.compile(r'\s*(?:[|+] )?File "[^"\n]+", line \d+(?:, in (?P<function>.+))?$')
_TYPED = re.compile(
    r"(?P<type>(?:[A-Za-z_]\w*\.)*(?:[A-Z_]\w*|error|timeout|gaierror|herror))(?::(?:\s(?P<said>.*)|$)|$)", re.DOTALL
)
_CERTAIN = re.compile(  # outside of a traceback: only what must be an exception's name
    r"(?P<type>(?:[A-Za-z_]\w*\.)*[A-Z]\w*(?:Error|Exception|Warning|Timeout|TimedOut|Interrupt|Exit|NotFound|Refused|Denied|Expired)"
    r"|(?:[a-z_]\w*\.)+[A-Z]\w*)(?::(?:\s(?P<said>.*)|$)|$)"
)
_NO_TYPE = frozenset({"Error", "Warning", "Exception", "Note", "Hint", "Timeout"})
_SUMMARY = re.compile(r"(?P<outcome>FAILED|ERROR) (?P<node>\S+?\.py\S*(?:\[.*?\])?)(?: - (?P<said>.*))?$")
_WARNING = re.compile(r"\s*\S.*?:\d+: (?P<said>(?:[A-Za-z_]\w*\.)*[A-Z]\w*(?:Warning|Since\d+)\b.*)$")
_BESIDE = re.compile(  # output of build steps, excerpts of Dockerfiles, echoed commands, carets
    r"#\d+ \d+\.\d+ |\s*=> => # |\d+\.\d{2,3} |\s*\d+ \| |(?:\+{1,3}|\$) \S|\s*[\^~]+[\^~ ]*$"
)
_STEP = re.compile(r"#\d+ (?!\d+\.\d+ )")
_ARGUMENT = re.compile(r"\w+ += \S")
_DEF = re.compile(r"[ >]\s*(?:async )?def (?P<name>\w+)\(")
_STRANGE = re.compile(  # a line that is no source, error, frame, rule or argument of a traceback
    r"\n(?![ >\n]|E(?! {0,20}\|)[ \n]|[^\s:|=_\[-][^:|\n]{0,300}:\d+:(?: in [^\s|][^|\n]*| [A-Za-z_.]+| ?)(?:\n|\Z)"
    r"|(?:_ ){5,}_?(?:\n|\Z)|[A-Za-z]\w* += \S|\Z)"
)
_PHASE = re.compile(r"ERROR (?:at )?(?P<where>collecting|setup|teardown)\b")
_HOOK = re.compile(r"(?:async)?(?P<where>set_?up|tear_?down)(?:_?(?:class|module|method|function))?", re.IGNORECASE)
_SECTIONS = {
    "FAILURES": "tests",
    "ERRORS": "tests",
    "warnings summary": "warnings",
    "short test summary info": "summary",
}


@dataclass(slots=True)
class Block:
    """The lines of one error; the type stands apart where it was printed."""

    exception: str = ""
    lines: list[str] = field(default_factory=list)
    joint: str = ""


@dataclass(slots=True)
class Sorted:
    """The lines of a log by what they are."""

    chains: list[list[Block]] = field(default_factory=list)  # one for each test or traceback, root first
    summary: list[Block] = field(default_factory=list)  # pytest's short summary
    warnings: list[Block] = field(default_factory=list)
    plain: list[str] = field(default_factory=list)
    context: list[str] = field(default_factory=list)
    where: set[str] = field(default_factory=set)


def sort_lines(text: str, section: str = "") -> Sorted:
    """Tells the lines of pytest's output, of tracebacks and of build logs apart; never fails.

    `section` is "tests" where the text is known to be the traceback of one test.
    """
    sorter = _Sorter(section)
    plain = _ESCAPES.sub("", text).translate(_CURLY).replace("\r\n", "\n").replace("\r", "\n")
    if "â€" in plain:  # curly quotes that were read in the wrong encoding
        plain = plain.replace("â€™", "'").replace("â€˜", "'").replace("â€œ", '"').replace("â€\x9d", '"')
    if _is_indented(plain):
        plain = textwrap.dedent(plain)
    for line in plain.split("\n") if section else _unwrapped(plain, sorter):
        sorter.take(line[:_LONGEST_LINE])
    return sorter.done()


def _unwrapped(text: str, sorter: "_Sorter") -> list[str]:
    """The lines without what a log puts before all of them: a logger's name, a quote's mark, fields of JSON."""
    lines = [sorter.without_prefix(f"{line.rstrip()} ").rstrip() for line in text.split("\n")]
    full = [f"{line} " for line in lines if line]
    if all(line.startswith('{"') for line in full):
        return [part for line in lines for part in _said_in(line).rstrip("\n").split("\n")]
    if len(full) >= _FEWEST_TO_SHARE:
        same = takewhile(lambda pair: pair[0] == pair[1], zip(min(full), max(full), strict=False))
        shared = _SHARED.match("".join(letter for letter, _ in same))
        lines = [line[shared.end() :] for line in lines] if shared else lines
    return textwrap.dedent("\n".join(lines)).split("\n")


def _said_in(line: str) -> str:
    """What an entry of a log says that is written as JSON; any other line as it is."""
    try:
        entry = json.loads(line)
    except ValueError:
        return line
    return next((said for key in _SAID_IN if isinstance(said := entry.get(key), str)), line)


def is_styled(text: str) -> bool:
    """Whether codes for a terminal stand in a text: without them, words come together that they hold apart."""
    return "\x1b" in text or bool(_BARE.search(text))


def is_traceback(text: str) -> bool:
    """Whether every line of an ASCII text is one of a traceback of pytest's: then `sort_lines` finds none that is free.

    Errs on the side of no.
    """
    return not ("Traceback" in text or _is_indented(text) or _STRANGE.search(f"\n{text}"))


def _is_indented(text: str) -> bool:
    """Whether every line stands further right than it should, as in most texts none does."""
    return text[:1].isspace() and not _AT_THE_MARGIN.search(text)


class _Sorter:
    """Walks through the lines once; `section` is the part of pytest's output that it is in."""

    def __init__(self, section: str) -> None:
        self.found = Sorted()
        self.section = section  # tests, captured, warnings, summary
        self.chain: list[Block] = []
        self.block: Block | None = None  # the error whose message goes on
        self.native = False  # between "Traceback" and its exception
        self.printed = False  # by pytest: error lines begin with E
        self.bare = False  # the error whose message goes on stands without them
        self.frames: list[str] = []  # functions of this error's frames
        self.after_frame = False

    def take(self, raw: str) -> None:
        line = self.without_prefix(raw.rstrip())
        if self._is_structure(line) or self._is_error(line):
            return
        self.block = None
        if self.section == "captured":
            self.found.context.append(line)
        elif self.section == "warnings":
            self._take_warning(line)
        elif self._is_context(line):
            self.found.context.append(line)
        else:
            self._take_plain(line)

    def done(self) -> Sorted:
        self._close_test()
        if self.printed:  # the head was cut within the quoted source of a frame
            self.found.context += [line for line in self.found.plain if line.startswith("    ")]
            self.found.plain = [line for line in self.found.plain if not line.startswith("    ")]
        return self.found

    def without_prefix(self, line: str) -> str:
        if line.startswith(" "):
            return line
        for _ in range(4):
            found = _PREFIX.match(line)
            if found is None:
                break
            if found[0].startswith("INTERNALERROR"):
                self.found.where.add("internal")
            if found["replica"]:
                self.found.where.add("container")
            line = line[found.end() :]
        return _STEP.sub("", line, count=1) if line.startswith("#") else line

    def _is_structure(self, line: str) -> bool:
        if line.startswith("===") and (header := _HEADER.match(line)):
            self._close_test()
            self.section = next((name for words, name in _SECTIONS.items() if header["title"].startswith(words)), "")
            self.found.plain.append(line)
            return True
        if line.startswith("__") and (test := _TEST.match(line)):
            self._close_test()
            self.section = "tests"
            self.found.where |= {phase["where"] for phase in _PHASE.finditer(test["title"])}
            return True
        if line.startswith("---") and _CAPTURED.match(line):
            self.block = None
            self.section = "captured"
            return True
        joint = _JOINTS.get(line.strip()) if " exception" in line else None
        if joint:
            self.block = None
            self.native = False
            if self.chain:
                self.chain[-1].joint = joint
        return bool(joint) or bool(line.startswith("_ ") and _SEPARATOR.match(line))

    def _is_error(self, line: str) -> bool:
        if self.section in ("captured", "warnings"):
            return False
        if line.startswith("E") and (found := _E_LINE.match(line)):
            self._take_error_line((found["text"] or "").strip())
            return True
        if "Traceback (most recent call last)" in line:
            self.block = None
            if self.chain and not self.chain[-1].joint:
                self._close_chain()
            self.native = True
            return True
        if self.native:
            return self._take_native(line)
        if self.block is not None and (self.bare or not self.section) and self._goes_on(line):
            self.block.lines.append(line)
            return len(self.block.lines) < _MOST_LINES_OF_AN_ERROR
        return False

    def _goes_on(self, line: str) -> bool:
        """Whether the message that is open has this line too; after a colon, an empty one does not end it."""
        said = self.block.lines if self.block else []
        return not _FRAME.match(line) if line else said[-1:] != [""] and "".join(said[-1:]).endswith(":")

    def _take_error_line(self, text: str) -> None:
        self.section, self.printed, self.bare = "tests", True, False
        if self.block is None:
            self._open(text)
        elif len(self.block.lines) < _MOST_LINES_OF_AN_ERROR:
            late = _CERTAIN.match(text) if not self.block.exception else None
            if late:  # a SyntaxError shows its file first
                self.block.exception = late["type"]
            self.block.lines.append(text)

    def _take_native(self, line: str) -> bool:
        if frame := _FILE.match(line):
            self.frames.append(frame["function"] or "")
        elif line and not line[0].isspace():
            self.native, self.bare = False, True
            self._open(line)
            return True
        self.found.context.append(line)
        return True

    def _open(self, line: str) -> None:
        self.block = _block(line)
        self.chain.append(self.block)
        self.found.where |= where_by_frames(self.frames, printed_by_pytest=bool(self.section))
        self.frames = []

    def _is_context(self, line: str) -> bool:
        """Frames, quoted sources, output of build steps, echoed commands."""
        frame = _FRAME.match(line) if ":" in line and not line.startswith(" ") else None
        frame = frame or (_FILE.match(line) if "File" in line else None)
        if frame:
            self.frames.append(frame["function"] or "")
            self.after_frame = True
            return True
        if self.section == "tests":
            if "def " in line and (defined := _DEF.match(line)):  # the long style names a frame's function only so
                self.frames.append(defined["name"])
            return line.startswith((" ", ">")) or not line or bool(_ARGUMENT.match(line))
        quoted = self.after_frame and line.startswith("    ")
        self.after_frame = self.after_frame and line.startswith(" ")
        return quoted or bool(_BESIDE.match(line))

    def _take_plain(self, line: str) -> None:
        certain = _CERTAIN.match(line)
        if certain and certain["type"] not in _NO_TYPE:
            self._close_chain()
            self._open(line)
        elif found := _WARNING.match(line):
            self.found.warnings.append(_block(found["said"]))
        elif found := _SUMMARY.match(line):
            self._take_summary(found)
        else:
            self.found.plain.append(line)

    def _take_summary(self, found: re.Match[str]) -> None:
        if found["outcome"] == "ERROR":
            self.found.where.add("setup" if "::" in found["node"] else "collecting")
        if found["said"]:
            self.found.summary.append(_block(found["said"]))
        else:
            self.found.plain.append(found[0])

    def _take_warning(self, line: str) -> None:
        if found := _WARNING.match(line):
            self.found.warnings.append(_block(found["said"]))
        elif line.startswith("  ") and self.found.warnings and len(self.found.warnings[-1].lines) < 8:
            self.found.warnings[-1].lines.append(line)
        else:
            self.found.context.append(line)

    def _close_chain(self) -> None:
        self.block = None
        if self.chain:
            self.found.chains.append(self.chain)
        self.chain = []

    def _close_test(self) -> None:
        self._close_chain()
        self.native = False
        self.frames = []


def _block(line: str) -> Block:
    typed = _TYPED.match(line)
    return Block(exception=typed["type"], lines=[typed["said"] or ""]) if typed else Block(lines=[line])


def where_by_frames(functions: Sequence[str | None], *, printed_by_pytest: bool) -> set[str]:
    """Where an error happened, as far as the names of its frames' functions tell."""
    names = [name or "" for name in functions]
    hooks = [hook for name in names if (hook := _HOOK.fullmatch(name))]
    where = {hook["where"].lower().replace("_", "") for hook in hooks}
    if names and names[-1] == "<module>":
        where.add("module")
        if printed_by_pytest and not any(name.startswith("test") for name in names):
            where.add("collecting")
    return where
