"""What an ignore file leaves out of a build context, by the engine's own rules. Pure.

The engine's matcher (moby, patternmatcher) is case-sensitive and knows `[^a]`; the Python SDK's copy folds case, so the
rules stand here.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass


class BadPattern(ValueError):
    """A pattern that the engine refuses."""

    def __init__(self, pattern: str, name: str, line: int) -> None:
        super().__init__(f"syntax error in pattern {pattern}")
        self.name, self.line = name, line


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One pattern of an ignore file."""

    line: int
    text: str  # cleaned, without "!"
    brings_back: bool
    regex: re.Pattern[str]

    @property
    def wild(self) -> bool:
        """Whether a wildcard stands in it, other than at its end."""
        return any(char in self.text.removesuffix("/**").removesuffix("/*") for char in "*[]?^\\")


@dataclass(frozen=True, slots=True, kw_only=True)
class Ignore:
    """An ignore file; the last rule that matches a path or a folder above it wins."""

    name: str = ".dockerignore"  # as it is shown
    rules: tuple[Rule, ...] = ()

    def matches(self, path: str, above: tuple[bool, ...] = ()) -> tuple[bool, ...]:
        """Which rules match a path; `above` are those that match the folder it is in, for they hold for it too."""
        above = above or (False,) * len(self.rules)
        return tuple(
            held or rule.regex.fullmatch(path) is not None for rule, held in zip(self.rules, above, strict=True)
        )

    def left_out_by(self, matches: tuple[bool, ...]) -> Rule | None:
        """The rule that leaves a path out, by what matches it; None where it stays in."""
        last = next((rule for rule, hit in zip(self.rules[::-1], matches[::-1], strict=True) if hit), None)
        return None if last is None or last.brings_back else last

    def may_hold_kept(self, folder: str, *, thorough: bool) -> bool:
        """Whether a rule may bring something back from below a folder that is left out."""
        return any(
            f"{rule.text}/".startswith(f"{folder}/") or (thorough and rule.wild)
            for rule in self.rules
            if rule.brings_back
        )


def read_ignore(text: str, name: str = ".dockerignore") -> Ignore:
    """The rules of an ignore file. Raises BadPattern."""
    rules = []
    for number, raw in enumerate(text.removeprefix("\ufeff").splitlines(), start=1):
        line = "" if raw.startswith("#") else raw.strip()
        brings_back = line.startswith("!")
        pattern = clean(line.removeprefix("!").strip())
        if pattern:
            rules.append(
                Rule(line=number, text=pattern, brings_back=brings_back, regex=_compiled(pattern, name, number))
            )
    return Ignore(name=name, rules=tuple(rules))


def clean(path: str) -> str:
    """The path without `.`, `..`, doubled, leading and trailing slashes; "" for the root itself."""
    kept: list[str] = []
    for part in path.split("/"):
        if part == "..":
            kept = kept[:-1]
        elif part not in ("", "."):
            kept.append(part)
    return "/".join(kept)


def _compiled(pattern: str, name: str = "", line: int = 0) -> re.Pattern[str]:
    try:
        return re.compile("".join(_regex(pattern)), re.DOTALL)
    except (re.error, StopIteration):
        raise BadPattern(pattern, name, line) from None


def _regex(pattern: str) -> Iterator[str]:
    at = 0
    while at < len(pattern):
        char = pattern[at]
        at += 1
        if pattern.startswith("**", at - 1):
            at += 2 if pattern.startswith("/", at + 1) else 1
            yield ".*" if at >= len(pattern) else "(?:.*/)?"
        elif char == "*":
            yield "[^/]*"
        elif char == "?":
            yield "[^/]"
        elif char == "\\":
            if at >= len(pattern):
                raise re.error("an escape of nothing")
            yield f"\\{pattern[at]}"  # as moby does: an escaped letter is a class of the regular expression
            at += 1
        elif char == "[":
            end = pattern.find("]", at + 1)
            if end < 0:
                raise re.error("a class without its end")
            yield f"[{pattern[at:end].replace('[', chr(92) + '[')}]"
            at = end + 1
        else:
            yield re.escape(char)


def glob(pattern: str) -> re.Pattern[str]:
    """A COPY source with wildcards, which never cross a slash. Raises BadPattern."""
    return _compiled(pattern.replace("**", "*"))
