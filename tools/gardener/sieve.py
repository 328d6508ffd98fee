"""One look at a text for many words at once."""

import re
from collections.abc import Iterable

from pydantic_core import SchemaValidator
from pydantic_core.core_schema import str_schema


class Sieve:
    """Whether any of so many words stands in a text: one pass of a finite automaton (the regex engine of pydantic)."""

    def __init__(self, words: Iterable[str]) -> None:
        self._automaton = SchemaValidator(str_schema(pattern="|".join(map(re.escape, sorted(set(words))))))

    def __call__(self, text: str) -> bool:
        """Whether one of the words is there; not to be asked of a text with lone surrogates."""
        return self._automaton.isinstance_python(text)
