"""A readable slug and one human sentence for a finding, made from its evidence."""

import re
import unicodedata
from collections.abc import Sequence

from gardener.model.cause import Cause
from gardener.model.run import Failure
from gardener.triage.chain import is_assertion, root_of, short
from gardener.triage.mask import file_of
from gardener.triage.member import Mark

LONGEST = 60
_SENTENCE = 160
_BREAK = re.compile(r"[^a-z0-9]+")
_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_MASKED = re.compile(r"<[a-z ]{2,12}>|#")
_MISSING = re.compile(
    r"expected (?:\w+ ){0,4}?(?P<what>[a-z]{3,40}),? (?:but )?(?:got|found|received) (?:0|no|none)\b", re.IGNORECASE
)
_ADDRESS = re.compile(r" at 0x[0-9a-fA-F]{4,16}\b")
_API = re.compile(r"(?P<api>[A-Za-z_][\w.]{2,100})(?:\(\))?`? (?:is|are|has been|was) deprecated", re.IGNORECASE)
_WRONG = frozenset({Cause.ASSERTION, Cause.CONTRACT, Cause.EXCEPTION, Cause.ATTRIBUTE})
# shape of the evidence → slug, sentence
_FORMS = {
    "constructor": ("{owner} constructor", "Calls do not fit the constructor of {owner}"),
    "signature": ("{name} arguments", "Calls do not fit {name}()"),
    "call": ("{function} calls otherwise", "{place} calls what it was given in another way"),
    "mock": ("mock interface mismatch", "Mocks do not match the real interface: {name} is missing"),
    "attribute": ("missing attribute {name}", "The attribute {name} does not exist where it is used"),
    "name": ("missing name {name}", "The name {name} is not defined where it is used"),
    "import": ("missing import {name}", "{name} cannot be imported"),
    "abstract": ("abstract method {name}", "Classes lack {name}, which their base asks for"),
    "circle": ("circular import {about}", "These import each other: {name}"),
    "coroutine": ("coroutine {about} not awaited", "Nothing awaits a coroutine of {place}"),
    "file": ("no file {name}", "There is no {name}"),
    "frozen": ("frozen object changed", "{said}"),
    "schema": ("no {name} in the database", "The database has no {name}: {said}"),
    "zone": ("times without a zone", "Times with a time zone meet times without one"),
    "invalid": ("{name} does not validate", "{said}"),
    "marker": ("unknown marker {name}", "The marker {name} is not registered"),
    "mismatch": ("two files {name}", "Two test files are imported as {name}"),
    "misused": ("misused fixture {name}", "{said}"),
    "plugin": ("no plugin for {name} tests", "No plugin is installed that runs {name} tests"),
    "returned": ("{name} returns no text", "A {name} gives back no text"),
    "set-up": ("{function} never set up", "{function} is never set up"),
    "syntax": ("{about} does not parse", "{name} does not parse"),
    "missing fixture": ("missing fixture {name}", "There is no fixture {name}"),
    "fixture": ("fixture {function} fails", "{name} in the fixture {place}: {said}"),
    "raised": ("{function} {name}", "{name} in {place}: {said}"),
    "empty": ("{about} has no tests", "No test ran: {said}"),
    "collection": ("{about} cannot be collected", "{about} cannot be collected: {said}"),
    "check": ("{cause} {about}", "{said}"),
    "deprecated": ("deprecated {api}", "Deprecated: {said}"),
    "warning": ("{cause} {name}", "{said}"),
    "build": ("{cause} {name}", "{name} is not built or started{at}: {said}"),
    "crash": ("{about} crashes", "The process died in {place}: {said}"),
    "type": ("{name} where a plain value is due", "{name} comes where a plain value is due"),
    "variable": ("no variable {name}", "The environment variable {name} is not set"),
    "missing value": ("{about} no {what}", "Wrong result in the tests of {about}: {said}"),
    "wrong value": ("{about}", "Wrong result in the tests of {about}: {said}"),
    "own error": ("{about}", "{error} in the tests of {about}: {said}"),
    "value": ("{about} {cause}", "Failing tests of {about}: {said}"),
    "other": ("{name}", "{said}"),
}


def describe(mark: Mark, failures: Sequence[Failure], cause: Cause) -> tuple[str, str]:
    """Slug (ASCII kebab case, at most 60 characters) and sentence (one line). `failures` has the root first."""
    root = failures[0]
    deepest = root_of(root)  # what the key was read from, whatever was made of it further up
    missing = _MISSING.search(root.message[:2000])
    api = _API.search(mark.name)
    place = mark.place or mark.name
    words = {
        "name": _MASKED.sub(" ", mark.name) if mark.kind != "signature" else mark.name,
        "owner": mark.name.rpartition(".")[0],
        "place": place,
        "function": place.rpartition("::")[2].removeprefix("Test") if "::" in place else stem(place),
        "about": stem(file_of(root.subject) if mark.kind in ("value", "none", "type") else place).replace("_", " "),
        "said": " ".join(_ADDRESS.sub("", _first_line(deepest.message or root.message)).split()) or mark.why,
        "cause": str(cause),
        "error": "" if is_assertion(deepest) else short(deepest.exception),
        "what": missing["what"] if missing else "",
        "api": api["api"] if api else "",
        "at": f" ({root.places[0]})" if root.places else "",
    }
    slug, sentence = _FORMS[_shape(mark, failures, cause, words)]
    told = sentence.format_map(words)
    told = told if len(told) <= _SENTENCE else f"{told[: _SENTENCE - 1].rstrip()}…"
    return kebab(slug.format_map(words)), told


def _shape(mark: Mark, failures: Sequence[Failure], cause: Cause, words: dict[str, str]) -> str:
    """Which of the forms fits."""
    if mark.kind == "signature" and mark.name.endswith(".__init__"):
        return "constructor"
    if mark.kind == "warning" and words["api"]:
        return "deprecated"
    if mark.kind == "fixture" and not mark.place:
        return "missing fixture"
    if mark.kind == "refused":
        return "raised"
    if cause is Cause.EMPTY:
        return "empty"
    one_file = len({file_of(failure.subject) for failure in failures}) == 1
    if mark.kind in ("value", "none") or (mark.kind == "type" and one_file):
        if words["what"] or cause not in _WRONG:
            return "missing value" if words["what"] else "value"
        return "own error" if words["error"] else "wrong value"
    return mark.kind if mark.kind in _FORMS else "other"


def stem(path: str) -> str:
    """What a file is about: its name without folder, ending and `test`."""
    name = path.partition("::")[0].rpartition("/")[2].partition(".")[0]
    return name.removeprefix("test_").removesuffix("_test") or name


def _first_line(text: str) -> str:
    return text.strip().partition("\n")[0]


def kebab(text: str) -> str:
    """Words of a text in ASCII kebab case, cut between words."""
    plain = unicodedata.normalize("NFKD", _HUMP.sub("-", text)).encode("ascii", "ignore").decode().lower()
    slug = _BREAK.sub("-", plain).strip("-") or "unnamed"
    return slug if len(slug) <= LONGEST else slug[: LONGEST + 1].rpartition("-")[0] or slug[:LONGEST]
