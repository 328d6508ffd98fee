"""The root of an exception chain, of what a test saw or only printed, and exceptions that a message quotes."""

import functools
import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

from gardener.model.run import Failure, Frame, Link, is_installed, is_own
from gardener.model.text import CleanText
from gardener.triage.names import named_in, saw_nothing
from gardener.triage.places import deepest, is_test, site

LIMIT = 16 * 1024
_OUTSIDE = re.compile(r"Timeout|Connect|Refused|Permission|BrokenPipe|Unreachable|gaierror|SSL|Docker")
_FAR = re.compile(  # all that is seen from afar of what broke elsewhere
    r"^\w*(?:Timeout|Connect|Disconnect|BrokenPipe|IncompleteRead|BadStatusLine|EOFError|Empty\b)|\btimed out\b"
    r"|\bassert None (?:==|is not) |: None != |: unexpectedly None"
    r"|Traceback \(most recent call last\):"
    r"|(?i:Internal Server Error)|\b5\d\d Server Error|\[5\d\d[\] ]|\b(?:status|code)\b\D{0,12}\b5\d\d\b"
    r"|(?<![\w.])(?:5\d\d [!=]= [1-4]\d\d|[1-4]\d\d [!=]= 5\d\d)(?![\w.])"
)
_ASSERTIONS = frozenset({"", "AssertionError", "Failed"})
_CLEANING = re.compile(  # what the name of a function begins with that a `finally` or the end of a `with` calls
    r"(?:^|_)a?(?:exit__|clean|clos|delete|disconnect|dispose|drop|kill|quit|release|remove|reset|rollback|shut|stop|tear"
    r"|terminat|wait)"
)
_QUOTED = re.compile(
    r"(?<![\w.])(?P<type>[\w.]{0,200}[A-Z]\w{0,100}?(?:Error|Exception|Warning|Timeout|Refused))"
    r"""\((?P<said>(?:[^'"()\n]{0,100}(?:'(?:[^'\\\n]|\\.){0,1000}'|"(?:[^"\\\n]|\\.){0,1000}"))?[^()\n]{0,200})\)"""
)
QUOTED_ENDS = ("Error(", "Exception(", "Warning(", "Timeout(", "Refused(")  # one stands in every text that quotes one
_TEXT = re.compile(r"(?:(?P<number>\d+), )?(?P<quote>['\"])(?P<text>.*)(?P=quote),?")


def short(exception: str | None) -> str:
    """The name of an exception without its module."""
    return (exception or "").rpartition(".")[2]


@functools.lru_cache(maxsize=4096)  # a run knows few exceptions
def is_outside(exception: str | None) -> bool:
    """Whether an exception tells of the world outside the code: time, network, rights."""
    return bool(_OUTSIDE.search(short(exception)))


def is_assertion(link: Link) -> bool:
    """Whether somebody checked a value and found it wrong, rather than code that broke."""
    return short(link.exception) in _ASSERTIONS


def links_of(failure: Failure) -> tuple[Link, ...]:
    """The exceptions of a failure, root first: those that it printed, where the test saw no more than their end.

    A server that breaks closes the connection, answers 5xx, or never; a worker that breaks leaves nothing behind.
    """
    seen = failure.chain or (Link(exception=failure.exception or "", message=failure.message, frames=failure.frames),)
    if not failure.printed or all(is_installed(frame.path) for link in failure.printed for frame in link.frames):
        return seen  # what a library logged of itself
    root = _root(seen)
    far = _FAR.search(f"{short(root.exception)}: {root.message[:LIMIT]}") or saw_nothing(failure.message)
    return failure.printed if far else seen


def root_of(failure: Failure) -> Link:
    """The exception that the others follow from.

    `raise … from` always leads down. An exception that came up while another one was handled is itself the root when
    the handled one was expected: a test's assertion in its `except`, an error that names something, one from outside,
    or what broke in a function that was called where the handled one was caught.
    """
    return _root(links_of(failure))


def _root(links: Sequence[Link]) -> Link:
    at = len(links) - 1
    while at > 0:
        link = links[at]
        if links[at - 1].joint != "cause" and (
            _in_test(link) or is_outside(link.exception) or named_in(link.message) or _caught(links[at - 1], links[at:])
        ):
            break
        at -= 1
    return links[at]


def _in_test(link: Link) -> bool:
    return is_assertion(link) and bool(link.frames) and is_test(link.frames[-1].path)


def _caught(handled: Link, later: Sequence[Link]) -> bool:
    """Whether the test, or code that expected it, caught an error and went on, not to clean up, into another one."""
    first = handled.frames[0] if handled.frames else None
    if first is None or is_assertion(handled) or not is_own(first.path):
        return False
    return any(
        site(caller) == site(first) != site(called) and not is_test(called.path)
        for link in later
        for caller, called in pairwise(link.frames)
        if not _CLEANING.search(called.function or "") and (is_test(first.path) or is_own(called.path))
    )


def own_frame(failure: Failure, root: Link) -> Frame | None:
    """The innermost product frame of a root that is not the first error of its chain, or of what it caused."""
    links = links_of(failure)
    at = links.index(root) if root in links else 0
    return next((frame for link in (links[at:] if at else (root,)) if (frame := deepest(link.frames))), None)


def quoted_in(text: str) -> Iterator[Link]:
    """Exceptions whose repr stands in a text: `<Result PermissionError(13, '…')>`, `assert TypeError("…") is None`."""
    for found in _QUOTED.finditer(text[:LIMIT]) if any(end in text for end in QUOTED_ENDS) else ():
        plain = _TEXT.fullmatch(found["said"])
        number = f"[Errno {plain['number']}] " if plain and plain["number"] else ""
        said = f"{number}{plain['text']}" if plain else found["said"]
        yield Link(exception=found["type"], message=CleanText(said))
