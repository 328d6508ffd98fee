"""Reads what a run or a build printed: the last resort where no report was written."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import PurePath

from gardener.model.errors import UnreadableReport
from gardener.model.run import Case, Failure, Origin, Outcome, Report
from gardener.model.text import Redactor
from gardener.readers.logged import Warned, gather, warnings_in
from gardener.readers.phases import LIMIT, Scribe

KIND = "console"
_ESCAPES = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
_PYTEST = re.compile(
    r"^=+ (?:test session starts|FAILURES|ERRORS|short test summary info|warnings summary) =+$"
    r"|^ImportError while loading conftest|^INTERNALERROR>|^(?:ERROR: )?usage: .*(?:pytest|__main__)",
    re.MULTILINE,
)
_SECTION = re.compile(r"^={3,} (?P<title>\S.*?) ={3,}$", re.MULTILINE)
_BLOCK = re.compile(r"^_{2,} (?P<title>\S.*?) _{2,}$", re.MULTILINE)
_CAPTURED = re.compile(r"^-{3,} ?Captured .+?-{3,}$", re.MULTILINE)
_WORDS = {
    "PASSED": Outcome.PASSED,
    "FAILED": Outcome.FAILED,
    "ERROR": Outcome.ERROR,
    "SKIPPED": Outcome.SKIPPED,
    "XFAIL": Outcome.XFAILED,
    "XPASS": Outcome.XPASSED,
}
_WORD = "|".join(_WORDS)
_VERBOSE = re.compile(rf"^(?P<node>\S+\.py::\S.*?) (?P<word>{_WORD})\b", re.MULTILINE)
_WORKER = re.compile(rf"^\[gw\d+\] (?:\[ *\d+%\] )?(?P<word>{_WORD}) (?P<node>\S+\.py::.+?) *$", re.MULTILINE)
_SUMMARY = re.compile(rf"^(?P<word>{_WORD}) (?P<node>\S+\.py(?:::.+?)?)(?: - (?P<said>.*))?$", re.MULTILINE)
_PHASES = (
    ("ERROR collecting ", Origin.COLLECTION),
    ("ERROR at setup of ", Origin.SETUP),
    ("ERROR at teardown of ", Origin.TEARDOWN),
)
_WARNED = re.compile(r"^\s+(?P<place>\S.*?:\d+): (?P<category>[\w.]*\w): (?P<said>.*)$", re.MULTILINE)
_TESTFILE = re.compile(r"(?P<path>[^\s:\"']{1,300}\.py):\d+")
_END = re.compile(r"^=* ?(?:\d+ \w+, )*\d+ \w+ in (?P<seconds>[\d.]+)s\b|^=+ no tests ran in", re.MULTILINE)
_CUT = re.compile(r"^!+ .*(?:Interrupted|KeyboardInterrupt|stopping after|_pytest\.outcomes\.Exit)", re.MULTILINE)
_COLLECTED = re.compile(r"^collected \d+ items?(?P<rest>[^\n]*)", re.MULTILINE)
_DESELECTED = re.compile(r"(?P<count>\d+) deselected")
_PLATFORM = re.compile(
    r"^platform (?P<platform>\S+) -- Python (?P<python>\S+), pytest-(?P<pytest>[^\s,]+)", re.MULTILINE
)
_ROOT = re.compile(r"^rootdir: (?P<root>.+?)(?:,|$)", re.MULTILINE)
_DIED = re.compile(r"^(?:INTERNALERROR> |Fatal Python error: |.*\bKilled\b|ERROR: |.*Segmentation fault)", re.MULTILINE)
_CONFTEST = re.compile(r"^ImportError while loading conftest '(?P<path>[^']+)'", re.MULTILINE)

_DOCKERFILE = re.compile(
    r"(?:^|\s)(?P<place>(?:[\w.\\/-]*Dockerfile[\w.-]*|[\w.\\/-]+\.(?:Dockerfile|dockerfile)):\d+)\b"
)
_TARGET = re.compile(r"\btarget (?P<service>[\w.-]+): failed to solve|[Ss]ervice '?(?P<old>[\w.-]+?)'? failed to build")
_STAGE = re.compile(r"=> ERROR \[(?P<service>[\w.-]+) ")
_FAILED = re.compile(
    r"failed to solve|failed to compute cache key|failed to calculate checksum|returned a non-zero code"
    r"|did not complete successfully|[Ee]rror response from daemon|Cannot connect to the Docker daemon"
    r"|(?:COPY|ADD) failed|error during connect|dependency failed to start|exited with code [1-9]|is unhealthy"
    r"|pull access denied|: CreateFile "
)
# what a log says when something went wrong; a text without any of it is no log of a failure
_TROUBLE = re.compile(
    r"(?i)error|exception|traceback|warning|fail|fatal|denied|refused|killed"
    r"|cannot|can't|unable|not found|timed? ?out|no such"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Told:
    """One block of FAILURES or ERRORS."""

    title: str
    origin: Origin
    text: str
    captured: str


def read(data: bytes, source: str, redactor: Redactor) -> Report:
    """What a console log tells; of tests that passed quietly it knows only how many there were."""
    text = _ESCAPES.sub("", data.decode("utf-8", "replace")).replace("\r\n", "\n").replace("\r", "\n")
    if _PYTEST.search(text) or _VERBOSE.search(text):
        return _of_pytest(text, source, redactor)
    failures = (*_of_builds(text, source, redactor), *gather(warnings_in(text, source), redactor))
    if not failures and not _TROUBLE.search(text):
        raise UnreadableReport(
            f"{source} is no report: neither JSON nor XML of a test run, nor a log that tells of a failure",
            "give what pytest-json-report, pytest-reportlog or --junitxml wrote, or what pytest or Docker printed",
        )
    return Report(
        kind=KIND,
        failures=failures or (Scribe(redactor=redactor).failure(PurePath(source).name, Origin.CRASH, text),),
        complete=False,
        notes=("it is no output of pytest; no tests are known from it",),
    )


def _of_pytest(text: str, source: str, redactor: Redactor) -> Report:
    root = _group(_ROOT, text, "root")
    scribe = Scribe(redactor=redactor, root=root)
    sections = _parts(_SECTION, text)
    told = [block for title, body in sections if title in ("FAILURES", "ERRORS") for block in _blocks(body)]
    cases = _cases(text, told, scribe)
    warned = [entry for title, body in sections if title.startswith("warnings summary") for entry in _warnings(body)]
    died = () if cases and _END.search(text) else tuple(_deaths(text, source, scribe))
    begin = _PYTEST.search(text)
    before = _of_builds(text[: begin.start()], source, redactor) if begin else ()  # what was built for the tests
    collected = _COLLECTED.search(text)
    end = _END.search(text)
    platform = _PLATFORM.search(text)
    return Report(
        kind=KIND,
        cases=tuple(cases.values()),
        failures=(*before, *died, *gather(warned, redactor)),
        complete=end is not None and not _CUT.search(text),
        deselected=_deselected(collected["rest"]) if collected else 0,
        root=root,
        duration_s=float(end["seconds"] or 0) if end else 0.0,
        python=platform["python"] if platform else "",
        pytest=platform["pytest"] if platform else "",
        platform=platform["platform"] if platform else "",
        notes=("read from the console: tests that passed quietly are not named",),
    )


def _cases(text: str, told: Sequence[_Told], scribe: Scribe) -> dict[str, Case]:
    """Every test that is named, with what the blocks tell of it; one without a block has its summary line."""
    words: dict[str, tuple[str, str]] = {}
    for pattern in (_VERBOSE, _WORKER, _SUMMARY):
        for found in pattern.finditer(text):
            said = found.groupdict().get("said") or ""
            before = words.get(found["node"], ("", ""))
            words[found["node"]] = (
                "FAILED" if "FAILED" in (before[0], found["word"]) else found["word"],
                said or before[1],
            )
    cases = {node: Case(node=scribe.redactor.clean(node), outcome=_WORDS[word]) for node, (word, _) in words.items()}
    for block in told:
        node = _node_of(block, cases)
        failure = scribe.failure(node, block.origin, block.text, block.captured)
        outcome = Outcome.FAILED if block.origin is Origin.CALL else Outcome.ERROR
        case = cases.get(node) or Case(node=scribe.redactor.clean(node), outcome=outcome)
        cases[node] = replace(case, failures=(*case.failures, failure))
    for node, (word, said) in words.items():
        if word in ("FAILED", "ERROR") and not cases[node].failures:
            origin = Origin.CALL if word == "FAILED" else Origin.SETUP if "::" in node else Origin.COLLECTION
            cases[node] = replace(cases[node], failures=(scribe.failure(node, origin, f"E   {said}"),))
    return cases


def _blocks(body: str) -> Iterator[_Told]:
    for title, text in _parts(_BLOCK, body):
        cut = _CAPTURED.search(text)
        traceback, captured = (text[: cut.start()], text[cut.start() :]) if cut else (text, "")
        words, origin = next(((words, at) for words, at in _PHASES if title.startswith(words)), ("", Origin.CALL))
        yield _Told(title=title.removeprefix(words), origin=origin, text=traceback.strip("\n"), captured=captured)


def _node_of(block: _Told, cases: dict[str, Case]) -> str:
    """The node that a block is about: a header leaves out the file, which the summary and the frames name."""
    if block.origin is Origin.COLLECTION:
        return block.title.replace("\\", "/")
    named = [node for node in cases if node == block.title or node.partition("::")[2].replace("::", ".") == block.title]
    paths = [found["path"].replace("\\", "/") for found in _TESTFILE.finditer(block.text)]
    here = [node for node in named if any(path.endswith(node.partition("::")[0]) for path in paths)]
    if here or named:
        return next((node for node in here or named if not cases[node].failures), (here or named)[0])
    name, bracket, parameters = block.title.partition("[")
    return f"{paths[0] if paths else ''}::{name.replace('.', '::')}{bracket}{parameters}".removeprefix("::")


def _warnings(body: str) -> Iterator[Warned]:
    for found in _WARNED.finditer(body):
        yield Warned(category=found["category"], message=found["said"], place=found["place"])


def _deaths(text: str, source: str, scribe: Scribe) -> Iterator[Failure]:
    """What kept pytest from running or from ending."""
    conftest = _CONFTEST.search(text)
    if conftest:
        yield scribe.failure(conftest["path"], Origin.COLLECTION, text[conftest.start() :])
    elif died := _DIED.search(text):
        yield scribe.failure(PurePath(source).name, Origin.CRASH, text[died.start() :])


def _of_builds(text: str, source: str, redactor: Redactor) -> Iterator[Failure]:
    """One failure for each service or Dockerfile that a Docker or compose log says has failed."""
    lines = [line for line in text.splitlines() if _FAILED.search(line)]
    places = list(dict.fromkeys(found["place"].replace("\\", "/") for found in _DOCKERFILE.finditer(text)))
    named = {found["service"] or found["old"]: line for line in lines if (found := _TARGET.search(line))}
    staged = dict.fromkeys(found["service"] for found in _STAGE.finditer(text) if not found["service"].isdigit())
    if not named and lines:
        file = places[0].rpartition(":")[0] if places else PurePath(source).name
        named = {next((service for service in staged if service != "internal"), file): lines[-1]}
    for service, line in named.items():
        yield Failure(
            subject=redactor.clean(service),
            origin=Origin.BUILD,
            message=redactor.keep(line.strip(), LIMIT),
            detail=redactor.keep(text, LIMIT),
            places=tuple(redactor.clean(place) for place in places),
        )


def _parts(header: re.Pattern[str], text: str) -> list[tuple[str, str]]:
    """(title, body) for every header line."""
    found = list(header.finditer(text))
    ends = [match.start() for match in found[1:]] + [len(text)] * bool(found)
    return [(match["title"], text[match.end() : end].strip("\n")) for match, end in zip(found, ends, strict=True)]


def _group(pattern: re.Pattern[str], text: str, name: str) -> str:
    found = pattern.search(text)
    return found[name] if found else ""


def _deselected(rest: str) -> int:
    found = _DESELECTED.search(rest)
    return int(found["count"]) if found else 0
