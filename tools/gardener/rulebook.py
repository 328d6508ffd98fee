"""Loads the reviewed rule files of triage, which does no I/O itself, into one frozen record."""

import dataclasses
import functools
import re
import tomllib
from collections.abc import Iterable, Mapping
from importlib import resources
from typing import Any

from gardener.model.cause import Cause
from gardener.model.finding import Confidence
from gardener.model.focus import Severity
from gardener.model.policy import CauseRule, Look, Mask, Pattern, Rulebook

GAP = r"[^\n]{0,120}?"
_TOKEN = re.compile(
    r"(?P<text>\\.|\[\^?\]?[^\]]*\]|\((?:\?[:!=<]+)?|.)(?P<repeat>[?*+][?+]?|\{[\d,]+\}\??|)", re.DOTALL
)
_FIELDS = frozenset(field.name for field in dataclasses.fields(CauseRule)) - {"cause"}
_SHORTEST = 3  # letters of a word that is looked for
_EVERYDAY = frozenset({"assert", "error", "not"})  # words of most texts
_BOUNDARY = re.compile(r"^\\b(\w)(?![?*+{])")
_BOUNDED = {"+": "{1,99}", "*": "{0,99}"}


@functools.cache
def load_rulebook() -> Rulebook:
    """The rulebook of this package; read and compiled once, when first asked for."""
    folder = resources.files("gardener").joinpath("triage", "rules")
    names = sorted(item.name for item in folder.iterdir() if item.name.startswith("cause-"))
    rules = [rule for name in names for rule in read_rules(folder.joinpath(name).read_text(encoding="utf-8"), name)]
    usual = tomllib.loads(folder.joinpath("severity.toml").read_text(encoding="utf-8"))
    masks = read_masks(folder.joinpath("masks.toml").read_text(encoding="utf-8"))
    severities = {Cause(cause): Severity[name] for cause, name in usual.items()}
    return Rulebook(causes=tuple(rules), masks=masks, severities=severities)


def read_masks(toml: str) -> tuple[Mask, ...]:
    """The masks of a file, in its order."""
    return tuple(
        Mask(name=entry["name"], find=re.compile(entry["find"], re.MULTILINE), by=entry["by"], example=entry["example"])
        for entry in tomllib.loads(toml)["mask"]
    )


def read_rules(toml: str, source: str) -> tuple[CauseRule, ...]:
    """The rules of one file, in its order; their regexes are not looked at yet. ValueError names a wrong rule."""
    entries = tomllib.loads(toml)["rule"]
    return tuple(_rule(entry, f"{source}: {entry.get('id', 'a rule without id')}") for entry in entries)


def compile_pattern(source: str) -> Pattern:
    """A regex over lower-case text. `~~` is a short gap within the line; no repetition reaches beyond 99 characters.

    Bounds keep every search linear, whatever text it meets.
    """
    tokens: list[tuple[str, str]] = _TOKEN.findall(source.replace("~~", GAP))
    bounded = "".join(text + _BOUNDED.get(repeat, repeat) for text, repeat in tokens)
    bounded = _BOUNDARY.sub(r"\1(?<=\\b\1)", bounded)  # a search for a character is quicker than one for a boundary
    literal, *others = _literals(tokens)
    return Pattern(literal=literal, source=f"(?m){bounded}", words=_words(tokens), others=tuple(others))


def _rule(entry: Mapping[str, Any], source: str) -> CauseRule:
    unknown = entry.keys() - _FIELDS
    if unknown:
        raise ValueError(f"{source}: unknown {', '.join(sorted(unknown))}")
    try:
        return CauseRule(
            id=entry["id"],
            cause=Cause(entry["id"].partition(".")[0]),
            exceptions=frozenset(entry.get("exceptions", ())),
            any=_patterns(entry.get("any", ())),
            context=_patterns(entry.get("context", ())),
            unless=_patterns(entry.get("unless", ())),
            where=frozenset(entry.get("where", ())),
            look=Look(entry.get("look", "said")),
            confidence=Confidence(entry.get("confidence", "high")),
            severity=Severity[entry["severity"]] if "severity" in entry else None,
            weak=entry.get("weak", False),
            why=entry.get("why", ""),
            examples=tuple(entry["examples"]),
            counters=tuple(entry.get("counters", ())),
        )
    except (KeyError, ValueError) as error:
        raise ValueError(f"{source}: {error}") from error


def _patterns(sources: Iterable[str]) -> tuple[Pattern, ...]:
    return tuple(compile_pattern(source) for source in sources)


def _words(regex: Iterable[tuple[str, str]]) -> tuple[str, ...]:
    """Runs of three and more letters of which every match of a regex contains one, the most telling ones."""
    groups = [("(", [list[frozenset[str]]()])]  # how each began, and by branch what it needs
    run = ""
    for text, repeat in (*regex, ("", "")):
        letter = len(text) == 1 and text.isascii() and text.islower()
        run += text if letter and repeat in ("", "+") else ""
        if len(run) >= _SHORTEST and (repeat or not letter):
            groups[-1][1][-1].append(frozenset({run}))
        run = "" if repeat or not letter else run
        if text.startswith("("):
            groups.append((text, [[]]))
        elif text == "|":
            groups[-1][1].append([])
        elif text == ")":
            began, branches = groups.pop()
            if began in ("(", "(?:") and repeat in ("", "+"):
                groups[-1][1][-1].append(_one_of(branches))
    return tuple(sorted(_one_of(groups[0][1])))


def _one_of(branches: Iterable[list[frozenset[str]]]) -> frozenset[str]:
    """What one of the branches needs; nothing where one of them needs nothing."""
    best = [max(filter(None, needs), key=lambda words: min(map(_telling, words)), default=None) for needs in branches]
    return frozenset[str]() if None in best else frozenset(word for words in best if words for word in words)


def _telling(word: str) -> int:
    return 0 if word in _EVERYDAY else len(word)


def _literals(regex: Iterable[tuple[str, str]]) -> list[str]:
    """The runs of plain characters that every match of a regex contains, the most telling first; "" where none is."""
    runs, run, depth = list[str](), "", 0
    for text, repeat in regex:
        depth += text.startswith("(") - (text == ")")
        if text == "|" and depth == 0:
            return [""]
        char = text[1:] if text[0] == "\\" and not text[1:].isalnum() else text
        plain = depth == 0 and len(char) == 1 and (char != text or char not in "()[].^$|")
        if plain and repeat in ("", "+"):
            run += char
        if repeat or not plain:
            runs.append(run)
            run = ""
    best = max([*runs, run], key=lambda run: (not any(word.startswith(run.strip()) for word in _EVERYDAY), len(run)))
    return [best, *(run for run in dict.fromkeys([*runs, run]) if run and run not in best)]
