"""What a failure or a raw log says, with the error itself kept apart from what only stands around it."""

import re
from dataclasses import dataclass
from functools import cached_property

from gardener.model.run import Failure, Origin
from gardener.sieve import Sieve
from gardener.triage.chain import QUOTED_ENDS, links_of
from gardener.triage.sorting import Block, Sorted, is_styled, is_traceback, sort_lines, where_by_frames

_BOUND = 48_000
_HEDGE = re.compile(
    r"\b(?:may|might|could) (?:be|have|indicate|mean|also|still|need)\b(?! (?:found|read|opened|loaded|parsed|reached))"
    r"|\b(?:possibly|perhaps|maybe)\b"
)
HEDGES = ("may", "might", "could", "possibly", "perhaps")
_PLACES = Sieve.of(["setup", "set_up", "teardown", "tear_down", "<module>", "internalerror"])  # what names a place
_CLAUSE = re.compile(r"[^.;:,()\n]+")
_COMPARED = re.compile(  # from here on an assertion shows data, or names what it waited for
    r"^assert |^assert$| != | differ: |(?:not|unexpectedly) found in | is not (?:true|false|none)\b"
    r"|^(?:true|false|none|\S+) is (?:not )?(?:true|false|none)\b| is not an instance of | not (?:less|greater|equal)"
    r"|\b(?:did )?not raise|did not warn|regex pattern did not match|pattern '[^'\n]*' not found"
)
_QUOTED_ERROR = re.compile(
    r"(?:<Result |^assert |= )(?P<type>[A-Z]\w{0,60}(?:Error|Exception|Warning|Timeout|Refused))\((?P<said>[^\n]*)",
    re.MULTILINE,
)
_RAISE = re.compile(r"[> ]\s+raise (?P<type>(?:\w+\.)*[A-Z]\w+)")
_ASSERTIONS = frozenset({"AssertionError", "Failed", "pytest.fail.Exception", "failureException"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Unit:
    """One error, or the text that belongs to none. Texts are lower-case ASCII, as long as their original."""

    exception: str = ""  # as printed
    said: str = ""  # "type: message", compared data left out
    data: str = ""  # what an assertion compared
    original: str = ""  # of said, for quoting
    joint: str = ""  # how the next one of its chain followed: cause, context


class Evidence:
    """The evidence in order of weight: errors in chains (root first), free statements, context.

    Lines are sorted when first asked for: an error that a reader understood mostly speaks for itself.
    """

    def __init__(self, failure: Failure | None, text: str) -> None:
        self._failure = failure
        self._text = text
        self._errors = _errors_of(failure) if failure is not None else ()

    @cached_property
    def chains(self) -> tuple[tuple[Unit, ...], ...]:
        """One for each test or traceback."""
        if self._errors:
            return (self._errors,)
        lines = self._lines
        chains = lines.chains
        if not any(block.exception for chain in chains for block in chain):  # the summary may name what was cut off
            chains = chains + [[block] for block in lines.summary] or _raised(lines.context)
        return tuple(tuple(unit for block in chain for unit in _units(block)) for chain in chains)

    @cached_property
    def plain(self) -> Unit:
        """What belongs to no error."""
        return Unit() if self._speaks_for_itself else _speaking("", "\n".join(self._lines.plain))

    @cached_property
    def warnings(self) -> tuple[Unit, ...]:
        """The warnings of a raw log; those of a run are failures of their own."""
        return () if self._failure else tuple(_units(block)[-1] for block in self._lines.warnings)

    @cached_property
    def context(self) -> Unit:
        """What stands around the errors, and what the test printed."""
        around = "\n".join(self._lines.context)
        return _speaking("", f"{_bounded(self._failure.captured)}\n{around}" if self._failure else around)

    @cached_property
    def where(self) -> frozenset[str]:
        """Where it happened: collecting, module, setup, teardown, warning, crash."""
        told = _where(self._failure) if self._failure else set[str]()
        if self._speaks_for_itself and not _PLACES(self._text.lower()):
            return frozenset(told)
        return frozenset(self._lines.where | told)

    @cached_property
    def whole(self) -> str:
        """Everything that was said, for conditions on the surroundings."""
        errors = [unit for chain in self.chains for unit in chain]
        return "\n".join(f"{unit.said}\n{unit.data}" for unit in (*errors, self.plain, *self.warnings, self.context))

    @cached_property
    def unsorted(self) -> str | None:
        """All that stands in `whole`, and more, in lower case; None where its words cannot be told before sorting."""
        texts = [self._text, *([self._failure.captured] if self._failure else ())]
        if any(not text.isascii() or is_styled(text) for text in texts):
            return None
        errors = (text for chain in self.chains for unit in chain for text in (unit.said, unit.data))
        return "\n".join([*errors, *(text.lower() for text in texts)])

    @cached_property
    def _speaks_for_itself(self) -> bool:
        """Whether the text is nothing but the traceback that a reader understood."""
        understood = self._failure is not None and self._failure.frames and len(self._text) <= _BOUND
        return bool(understood) and self.unsorted is not None and is_traceback(self._text)

    @cached_property
    def _lines(self) -> Sorted:
        section = "tests" if self._failure and self._failure.frames else ""
        return sort_lines(_bounded(self._text), section)


def of_text(text: str) -> Evidence:
    """The evidence of a raw log: console output of pytest, a traceback, a build log, or anything else."""
    return Evidence(None, text)


def of_failure(failure: Failure) -> Evidence:
    """The evidence of a failure that a reader understood: its chain, then its detail, then what was captured."""
    return Evidence(failure, failure.detail)


def _errors_of(failure: Failure) -> tuple[Unit, ...]:
    links = [link for link in links_of(failure) if link.exception or link.message]
    blocks = (Block(exception=link.exception, lines=link.message.split("\n"), joint=link.joint or "") for link in links)
    return tuple(unit for block in blocks for unit in _units(block))


def lowered(text: str) -> str:
    """Lower-case ASCII of the same length, so that a match can be quoted from the original."""
    return text.encode("ascii", "replace").decode("ascii").lower()


def _where(failure: Failure) -> set[str]:
    where = {failure.origin.value.replace("collection", "collecting")} - {Origin.CALL.value}
    return where | where_by_frames([frame.function for frame in failure.frames], printed_by_pytest=False)


def _raised(context: list[str]) -> list[list[Block]]:
    """The last `raise` that is quoted, of a traceback whose end was cut off."""
    found = [match["type"] for line in context if (match := _RAISE.match(line))]
    return [[Block(exception=found[-1])]] if found else []


def _units(block: Block) -> list[Unit]:
    """An error; before it, as its root, one that it quotes: `assert <Result TypeError('…')>`."""
    exception, said, data = block.exception, block.lines, list[str]()
    if not exception and said and said[0].startswith(("assert ", "assert(")):
        exception = "AssertionError"
    if exception.rpartition(".")[2] in _ASSERTIONS:
        said, data = _said_and_compared(said)
    compared = "\n".join(data)
    unit = _speaking(exception, "\n".join(said), lowered(compared), block.joint)
    quoted = _QUOTED_ERROR.search(compared) if any(end in compared for end in QUOTED_ENDS) else None
    return [_speaking(quoted["type"], quoted["said"], joint="cause"), unit] if quoted else [unit]


def _speaking(exception: str, message: str, data: str = "", joint: str = "") -> Unit:
    original = f"{exception}: {message}" if exception else message
    return Unit(exception=exception, said=_without_hints(lowered(original)), data=data, original=original, joint=joint)


def _said_and_compared(lines: list[str]) -> tuple[list[str], list[str]]:
    """What the test's author says, told from what was compared."""
    at = next((i for i, line in enumerate(lines) if _COMPARED.search(line.lower())), len(lines))
    said, data = lines[:at], lines[at:]
    if data and not data[0].startswith("assert") and " : " in data[0]:  # unittest puts the author's words last
        said.append(data[0].rpartition(" : ")[2])
    return said, data


def _without_hints(said: str) -> str:
    """Blanks the clauses that only say what may be: they are guesses of a tool, not evidence."""
    if not any(word in said for word in HEDGES) or not _HEDGE.search(said):
        return said
    return _CLAUSE.sub(lambda clause: " " * len(clause[0]) if _HEDGE.search(clause[0]) else clause[0], said)


def _bounded(text: str) -> str:
    if len(text) <= _BOUND:
        return text
    half = _BOUND // 2
    return f"{text[:half]}\n{text[-half:]}"
