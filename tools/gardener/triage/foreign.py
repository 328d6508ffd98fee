"""How much of a finding an issue tells that somebody else wrote: the tests it names times the errors it quotes."""

import html
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from rapidfuzz import fuzz, process

from gardener.model.finding import Finding

BY_FILE = 0.75  # what naming only the file or class of a test counts, where the error itself names something
WHOLE = 0.6  # a line this long, as a share of the message, may be a quote of the whole of it
LIKENESS = 70.0  # rapidfuzz percent from which a line of the text counts as a quote at all
_LONGEST = 300  # characters of a message that are compared
_VERBATIM = 0.95
_SHORTEST = 12  # masked characters that are enough to be a quote
_AROUND = 4  # lines over which a build log or a warning spreads what one message says

_TEST = re.compile(r"\b(?:test_\w+|Test\w+)")
# commands and words in quotes, identifiers, dotted names, paths: no plain words
_NAME = re.compile(
    r"""(?<=")[^"\n]{3,80}(?=")|(?<=')[A-Za-z_]\w+(?=')"""
    r"|[A-Za-z_]\w*(?:[./-]\w+)+|[A-Za-z]\w*_\w+|__\w+__|\b[A-Za-z]\w*[a-z][A-Z]\w*"
)
_FOLDER = re.compile(r"(?<![\w.])(?:[A-Za-z]:)?(?:[\\/]+[\w.-]+)+[\\/]+(?=[\w.-]+)")  # of an absolute path
_DATA = re.compile(r"0x[0-9a-fA-F]+|'[^']*\d[^']*'|\d+")
_WRAPPED = re.compile(r"^\([\w.]+\) ")  # (psycopg.errors.UniqueViolation) duplicate key …
_WORD = re.compile(r"[A-Za-z_][\w./-]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Telling:
    """How much of a finding a text tells, 0 to 1, and in which words."""

    score: float  # tests named × errors quoted: what it takes to be the same
    near: float  # the mean of the two: what it takes to be worth a link
    why: str


def tells(finding: Finding, text: str) -> Telling:
    """How much of the finding a text tells: the tests it names times the error that it quotes.

    Either alone is worth nothing: one test fails for many reasons, and one error comes from many places. A finding
    without tests (a warning, a failed build) is judged by its error alone.
    """
    read = _read(text)
    quoted, quote, exact = _quoted(finding, read)
    named, tests = _tests_named(finding, read.tests)
    if not finding.tests:
        named = 1.0  # nothing to name
    elif named < 1.0 and not exact:
        named *= BY_FILE
    reasons = [f"quotes “{quote}”" if quoted else "", f"names {few(tests)}" if tests else ""]
    why = " and ".join(reason for reason in reasons if reason) or "has nothing in common"
    product = f" × tests {named:.2f} = {named * quoted:.2f}" if finding.tests else ""
    told = f"{why} (score: error {quoted:.2f}{product})"
    return Telling(score=named * quoted, near=(named + quoted) / 2 if finding.tests else quoted, why=told)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Text:
    """A text as every finding reads it."""

    lines: tuple[str, ...]
    masked: tuple[str, ...]  # the same lines; "" for those too short to quote anything
    tests: frozenset[str]


@lru_cache(maxsize=2048)
def _read(text: str) -> _Text:
    lines = tuple(line.strip(" `>*-|") for line in html.unescape(text).splitlines() if line.strip())
    masked = [_mask(line) for line in lines]
    return _Text(
        lines=lines,
        masked=tuple(line if len(line) >= _SHORTEST else "" for line in masked),
        tests=frozenset(_TEST.findall(text)),
    )


def _quoted(finding: Finding, text: _Text) -> tuple[float, str, bool]:
    """How well one place of the text quotes one of the messages (0 to 1), that line, and whether the message has names.

    The names in a message have to be there too: another argument, attribute or module is another error.
    """
    best: tuple[float, str, bool] = 0.0, "", False
    for message in messages_of(finding):
        names = _names(message)
        spread = 1 if finding.tests or not names else _AROUND
        found = _alike(message, text) if spread == 1 else _covered(message, names, text)
        for like, place in found:
            if not names and not finding.tests and like < _VERBATIM:
                continue  # a few plain words say nothing where no test and no name goes with them
            if like > best[0]:
                near = text.lines[max(0, place - spread) : place + spread + 1]
                agreed = [name for name in names if any(name in each for each in near)]
                score = like * (len(agreed) / len(names)) ** 2 if names else like
                best = max(best, (score, text.lines[place][:80], bool(names)), key=lambda found: found[0])
    return best


def _alike(message: str, text: _Text) -> Iterator[tuple[float, int]]:
    """(likeness 0 to 1, place) of the lines that may quote a message."""
    if len(message) < _SHORTEST:
        return
    found = process.extract(message, text.masked, scorer=fuzz.partial_ratio, score_cutoff=LIKENESS, limit=None)
    for line, ratio, place in found:
        # a few words that stand in the message too are no quote of it
        yield min(1.0, len(line) / (WHOLE * len(message))) * ratio / 100, place


def _covered(message: str, names: Sequence[str], text: _Text) -> Iterator[tuple[float, int]]:
    """(share, place): how many of the message's plain words stand around each line that has two of its words."""
    words = set(_WORD.findall(message))
    plain = {word for word in words if not any(word in name or name in word for name in names)}
    for place, line in enumerate(text.masked):
        if len(words & set(_WORD.findall(line))) >= 2:
            near = "\n".join(text.lines[max(0, place - _AROUND) : place + _AROUND + 1])
            yield (len(plain & set(_WORD.findall(near))) / len(plain) if plain else 1.0), place


def messages_of(finding: Finding) -> Iterable[str]:
    """The first sentence of each distinct message, masked, without the class that a wrapper puts before it."""
    firsts = (_WRAPPED.sub("", failure.message.strip().partition("\n")[0])[:_LONGEST] for failure in finding.failures)
    return dict.fromkeys(_mask(re.split(r"(?<=.{20})\. ", line)[0]) for line in firsts if line)


def _names(message: str) -> list[str]:
    return list(dict.fromkeys(name for name in _NAME.findall(message) if len(name) > 2))


def _mask(text: str) -> str:
    """Without what differs from run to run and from machine to machine."""
    return _DATA.sub("#", _FOLDER.sub("", text))


def _tests_named(finding: Finding, said: frozenset[str]) -> tuple[float, list[str]]:
    """How closely the text names one of the tests: 1 by its function, less by class or file; and those names."""
    best = 0.0
    names: list[str] = []
    for test in finding.tests:
        *above, last = (part.removesuffix(".py") for part in re.split(r"::|/", test.partition("[")[0]))
        best = max(best, 1.0 if last in said else BY_FILE if said.intersection(above) else 0.0)
        names.extend(said.intersection([*above, last]))
    return best, sorted(set(names))


def few(names: Sequence[str]) -> str:
    """The first three, and how many more there are."""
    shown = ", ".join(names[:3])
    return f"{shown} and {len(names) - 3} more" if len(names) > 3 else shown
