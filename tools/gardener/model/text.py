"""Text that is fit to be kept and shown: secrets masked, terminal codes gone, traps made visible."""

import re
from collections.abc import Mapping
from typing import NewType

CleanText = NewType("CleanText", str)

_ANSI = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[@-Z\\-_])")


class Redactor:
    """Makes CleanText; errs on the side of masking. `secrets` maps a name to a value that must never appear."""

    def __init__(self, secrets: Mapping[str, str] | None = None) -> None:
        values = {value: name for name, value in (secrets or {}).items() if len(value) >= 6}
        self._values = sorted(values.items(), key=lambda pair: -len(pair[0]))

    def clean(self, text: str) -> CleanText:
        """The text without secrets, terminal codes and invisible characters."""
        text = _ANSI.sub("", text)
        for value, name in self._values:
            text = text.replace(value, f"«redacted:{name}»")
        return CleanText(text)
