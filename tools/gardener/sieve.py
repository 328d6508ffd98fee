"""One look at a text for many things at once."""

import re
from collections.abc import Iterable

from pydantic_core import SchemaValidator
from pydantic_core.core_schema import str_schema


class Sieve:
    """Whether a regex matches anywhere in a text: one pass of a finite automaton (the regex engine of pydantic)."""

    def __init__(self, pattern: str) -> None:
        self._automaton = SchemaValidator(str_schema(pattern=pattern))

    @classmethod
    def of(cls, words: Iterable[str]) -> "Sieve":
        """Whether any of so many words stands there."""
        return cls("|".join(map(re.escape, sorted(set(words)))))

    def __call__(self, text: str) -> bool:
        """Whether it matches; not to be asked of a text with lone surrogates."""
        return self._automaton.isinstance_python(text)
