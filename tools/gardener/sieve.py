"""One look at a text for many things at once."""

import re
from collections.abc import Iterable

from pydantic_core import SchemaValidator
from pydantic_core.core_schema import str_schema

_NARROWING = (  # (how it looks in a regex, what matches whatever that matches)
    (re.compile(r"\(\?<?[=!](?:[^()\\[]|\\.|\[\^?\]?[^\]]*\])*\)"), ""),  # looks around
    (re.compile(r"(\\[^1-9])|\\[1-9]"), r"\1"),  # what a group matched, once more
    (re.compile(r"\{0,\d*\}"), "*"),
    (re.compile(r"\{\d+,\d*\}"), "+"),
    (re.compile(r"\(\?P<\w+>"), "("),
)


class Sieve:
    """Whether a regex matches anywhere in a text: one pass of a finite automaton (the regex engine of pydantic)."""

    def __init__(self, pattern: str) -> None:
        self._automaton = SchemaValidator(str_schema(pattern=pattern))

    @classmethod
    def of(cls, words: Iterable[str]) -> "Sieve":
        """Whether any of so many words stands there."""
        return cls("|".join(map(re.escape, sorted(set(words)))))

    @classmethod
    def over(cls, patterns: Iterable[str]) -> "Sieve":
        """Whether one of these regexes of Python's may match an ASCII text: what only narrows them down is left out."""
        return cls("|".join(f"(?:{_loosened(pattern)})" for pattern in patterns))

    def __call__(self, text: str) -> bool:
        """Whether it matches; not to be asked of a text with lone surrogates."""
        return self._automaton.isinstance_python(text)


def _loosened(pattern: str) -> str:
    for narrow, wide in _NARROWING:
        pattern = narrow.sub(wide, pattern)
    return pattern
