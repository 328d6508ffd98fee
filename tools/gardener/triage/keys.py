"""The key of a failure: what makes it recognisable, read from this one failure alone."""

import builtins
import functools
import hashlib
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace

from gardener.model.key import Key
from gardener.model.policy import Mask
from gardener.model.run import Failure, Frame, Link, Origin, is_own
from gardener.model.text import CleanText
from gardener.sieve import Sieve
from gardener.triage.chain import is_assertion, is_outside, own_frame, quoted_in, root_of, short
from gardener.triage.mask import file_of, masked, without_parameters
from gardener.triage.member import Mark
from gardener.triage.names import Named, logged_in, member_in, named_in, saw_nothing
from gardener.triage.places import circling, deepest, is_test, named, site
from gardener.triage.sorting import where_by_frames

CURRENT = "v1"  # the scheme of new keys; an old one stays in SCHEMES, so that what was filed under it can be explained
_IMPORT = re.compile(r"\s*(?:from|import) (?P<module>\w[\w.]*)")
_HOOKS = frozenset({"setup", "teardown"})
_UNPARSED = frozenset({"SyntaxError", "IndentationError", "TabError"})
_DEPRECATED = re.compile(r"^(?P<head>[^\n]{1,400}?\bdeprecated)\b", re.IGNORECASE)
_NONE = re.compile(r"'NoneType'|^assert \(?None\b|isinstance\(None,|: None\} != |^ \+  where None = ", re.MULTILINE)
_LOOKED_AT = 16 * 1024
_CHECKS = re.compile(r"test|assert|check|expect|verif|compar|ensure|mock", re.IGNORECASE)  # made to judge for tests
_GUARD = re.compile(  # what the name of a function begins with that only raises for others
    r"_*(?:abort|allow|check|deny|ensure|fail|forbid|guard|must|raise|refuse|reject|require)(?:_|$)"
)
_TEST_FILE = re.compile(r"(?:^|/)(?:test_[^/]*|[^/]*_test|tests)\.py$")
_NUMBER = re.compile(r"\d+")
_LISTED = re.compile(r"\s*[:=]?\s*\[[^\n]*")
_AROUND = Sieve(  # the world around the code, whatever the type: connections, event loops
    r"Connect call failed|[Cc]onnection refused|connection attempts failed|refused the network conn"
    r"|[Ee]vent loop is closed|[Nn]o (?:current|running) event loop|different (?:event )?loop|from a running event loop"
)
_SHOWN_PART = " raised in repr()]"
_SHOWN = re.compile(r"<\[(?:unpresentable exception |[A-Z][\w.]{0,200}\()[^\n]{0,1000}? raised in repr\(\)\] ")
_ENVIRONMENT = re.compile(r"(?:^<frozen os>|/os\.py)$")
_SAID = {  # what an identifier of each kind says
    "abstract": "classes lack {}, which their base asks for",
    "attribute": "all of them miss the attribute {}",
    "coroutine": "nothing awaits what {} gives",
    "file": "there is no {}",
    "fixture": "all of them ask for the fixture {}, which is not there",
    "frozen": "objects that must not change are assigned to",
    "import": "all of them import {}, which is not there",
    "invalid": "what they give does not fit {}",
    "marker": "all of them carry the marker {}, which is not registered",
    "misused": "the fixture {} is used as fixtures cannot be",
    "mismatch": "two test files are imported as {}",
    "mock": "all of them meet a mock or patch without {}",
    "plugin": "no plugin is installed that runs {} tests",
    "returned": "a {} gives back no text",
    "schema": "the database has no {}",
    "type": "an object of type {} came where a plain value was due",
    "zone": "times with a time zone meet times without one",
    "variable": "the environment variable {} is not set",
}


def finer(mark: Mark, failure: Failure) -> Mark:
    """The mark of a wrong value by its test function instead of the file: for what one file cannot tell apart."""
    place = without_parameters(failure.subject).partition("::")[2]
    return Mark(kind=mark.kind, name=mark.name, place=place, why=mark.why, logged=mark.logged)


def key_of(failure: Failure, masks: Iterable[Mask] = (), group: str = "", scheme: str = CURRENT) -> Key:
    """The key of one failure; `group` is the text that a user rule groups by. KeyError for an unknown scheme."""
    pattern = SCHEMES[scheme](failure, tuple(masks), group).pattern
    return key(pattern, scheme)


@functools.lru_cache(maxsize=4096)  # many failures of a run have one pattern
def key(pattern: str, scheme: str = CURRENT) -> Key:
    """The key that a pattern stands for."""
    digest = hashlib.sha256(f"{scheme}\n{pattern}".encode("utf-8", "backslashreplace")).hexdigest()[:32]
    return Key(scheme=scheme, digest=digest, pattern=pattern)


def mark_of(failure: Failure, masks: tuple[Mask, ...] = (), group: str = "") -> Mark:
    """The mark of one failure, in the order of the layers."""
    if group:
        return Mark(kind="rule", name=group, why=f"a rule of this repository groups by “{group}”")
    subject = _of_subject(failure, masks)
    if subject is not None:
        return subject
    if _SHOWN_PART in failure.message:
        failure = _without_broken_reprs(failure)
    root = root_of(failure)
    path = _unparsed(failure, root)
    if path:
        return Mark(kind="syntax", name=path, why=f"{path} cannot be parsed, and these import it")
    if short(root.exception).endswith("Warning"):
        return _warning(root.message, masks)
    mark = _named(failure, root, masks) or _raised(failure, root, masks) or _value(failure)
    return replace(mark, why=f"{mark.why}, as only what they printed tells") if root in failure.printed else mark


def printed_key(failure: Failure, masks: tuple[Mask, ...] = ()) -> Key | None:
    """The key of the error whose traceback a test printed. None without one, or where it leads through no own code."""
    if not any(deepest(link.frames) for link in failure.printed):
        return None
    last = failure.printed[-1]
    seen = replace(failure, exception=last.exception, message=last.message, frames=last.frames, chain=failure.printed)
    return key(mark_of(seen, masks).pattern)


SCHEMES: Mapping[str, Callable[[Failure, tuple[Mask, ...], str], Mark]] = {"v1": mark_of}


def _without_broken_reprs(failure: Failure) -> Failure:
    """The failure without what pytest met when it only wanted to show an object: that has no part in it."""
    links = (replace(link, message=CleanText(_SHOWN.sub("<", link.message))) for link in failure.chain)
    return replace(failure, message=CleanText(_SHOWN.sub("<", failure.message)), chain=tuple(links))


def _unparsed(failure: Failure, root: Link) -> str:
    """The file that does not parse; "" where another text may be meant, which code was given."""
    last = root.frames[-1] if root.frames and short(root.exception) in _UNPARSED else None
    if last is None or last.path.startswith("<"):
        return ""
    if not last.function:
        return last.path
    inner = deepest(root.frames, tests=True)  # Python does not say which file it is that holds null bytes
    if failure.origin is not Origin.COLLECTION or (inner and named(inner)):
        return ""
    imported = _IMPORT.match(inner.code or "") if inner else None
    return imported["module"] if imported else inner.path if inner else file_of(failure.subject)


def _of_subject(failure: Failure, masks: tuple[Mask, ...]) -> Mark | None:
    """Failures that are what they happened to: a check, a crash, a file without tests, a warning."""
    subject = without_parameters(failure.subject)
    match failure.origin:
        case Origin.PREFLIGHT:
            place = failure.places[0].rpartition(":")[0] if failure.places else ""
            said = masked(failure.message, masks) if subject == "services" else ""
            name = " ".join(part for part in (subject, failure.exception or "", said) if part)
            return Mark(kind="check", name=name, place=place, why=f"the check “{subject}” found it")
        case Origin.CRASH:
            how = short(failure.exception)
            return Mark(kind="crash", name=how, place=subject, why=f"the process died in {subject}")
        case Origin.BUILD:
            place = failure.places[0].rpartition(":")[0] if failure.places else ""
            why = f"what serves {subject} was not built or started"
            return Mark(kind="build", name=subject, place=place if place != subject else "", why=why)
        case Origin.WARNING:
            return _warning(failure.message, masks)
        case Origin.COLLECTION if not failure.frames and named_in(failure.message) is None:
            why = f"{subject} cannot be collected, and nothing below it says why"
            return Mark(kind="collection", name=file_of(subject), why=why)
        case _:
            return None


def _warning(message: str, masks: tuple[Mask, ...]) -> Mark:
    first = message.strip().partition("\n")[0]
    head = _DEPRECATED.match(first)
    said = masked(head["head"] if head and len(head["head"]) > len("deprecated") else _LISTED.sub("", first), masks)
    return Mark(kind="warning", name=said, why=f"the same thing is warned about: {said}")


def _named(failure: Failure, root: Link, masks: tuple[Mask, ...]) -> Mark | None:
    """What the root, or else the last message with the exceptions it quotes, complains about by name."""
    for text in dict.fromkeys((root.message, failure.message)):
        named = _variable(root) or named_in(text)
        mark = _of_name(named, failure, root) if named else None
        if mark is not None:
            return mark
    if not is_assertion(root):
        return None
    quoted = [link for link in quoted_in(failure.message) if link.message and "NoneType" not in link.message]
    for link in sorted(quoted, key=lambda link: not is_outside(link.exception)):  # what is expected is never of outside
        if short(link.exception).endswith("Warning"):
            return _warning(link.message, masks)
        name = f"{short(link.exception)}: {masked(link.message, masks)}"
        return Mark(kind="quoted", name=name, why=f"the assertions quote the same {name}")
    logged = logged_in(failure.captured) if saw_nothing(failure.message) else None
    mark = _of_name(logged, failure, root) if logged else None
    return replace(mark, why=f"{mark.why}, as only their logs tell", logged=True) if mark else None


def _variable(root: Link) -> Named | None:
    """The environment variable that os.environ does not hold."""
    asked = root.frames and _ENVIRONMENT.search(root.frames[-1].path) and short(root.exception) == "KeyError"
    return Named(kind="variable", name=root.message.strip("'\"")) if asked else None


def _of_name(named: Named, failure: Failure, root: Link) -> Mark | None:
    """A mark for an identifier. None where it only names something of the test itself."""
    test = failure.subject.split("[", 1)[0].split("::")
    if named.kind == "attribute" and named.owner in test[1:-1]:
        place = "::".join(test[: test.index(named.owner) + 1])
        why = f"{named.owner} lacks what its own set-up should have made: the class was never set up"
        return Mark(kind="set-up", name=place, why=why)
    if named.kind == "signature":
        return _signature(named, test, root)
    if named.kind == "name":
        frame = root.frames[-1].path if root.frames and not is_assertion(root) else ""
        why = f"the name {named.name} is not defined{f' in {frame}' if frame else ''}"
        return Mark(kind="name", name=named.name, place=frame, why=why)
    if named.kind in ("file", "variable") and is_assertion(root):
        return None  # data that a test compares
    if named.kind == "circle":
        return _circle(named.name, root)
    if named.kind == "coroutine" and not named.name:
        place = file_of(failure.subject)
        return Mark(kind="coroutine", name="", place=place, why=f"nothing awaits a coroutine in {place}")
    # a table's digits are of a shard, a year, a temporary one
    name = _NUMBER.sub("#", named.name) if named.kind == "schema" else named.name
    return Mark(kind=named.kind, name=name, why=_SAID[named.kind].format(name))


def _circle(module: str, root: Link) -> Mark:
    """Modules that import each other, whichever of them is asked for first."""
    paths = [frame.path for frame in root.frames if is_own(frame.path)]
    stem = module.replace(".", "/")
    first = next((at for at, path in enumerate(paths) if path.endswith((f"{stem}.py", f"{stem}/__init__.py"))), None)
    name = module if first is None else " ".join(sorted(set(paths[first:])))
    return Mark(kind="circle", name=name, why=f"{name} cannot be imported: they import each other")


def _signature(named: Named, test: list[str], root: Link) -> Mark | None:
    *_, owner, name = f".{named.name}".split(".")
    if len(test) > 2 and name == test[-1] and owner in test[1:-1]:
        place = "::".join(test[:-1])
        why = f"tests of {owner} ask for fixtures, which a unittest class does not get"
        return Mark(kind="fixture", name="in a unittest class", place=place, why=why)
    if "<" not in named.name and not name.startswith("test_"):
        why = f"calls do not fit {named.name}()"
        return Mark(kind="signature", name=named.name, why=why)
    caller = deepest(root.frames)  # a function of the test was called in a way that it does not expect
    if caller is None:
        return None
    why = f"{site(caller)} calls what it was given in another way than before"
    return Mark(kind="call", name="does not fit", place=site(caller), why=why)


def _raised(failure: Failure, root: Link, masks: tuple[Mask, ...]) -> Mark | None:
    """An error that was raised at a place: in the product, or in a fixture."""
    exception = short(root.exception)
    product = (circling(root.frames) if exception == "RecursionError" else None) or deepest(root.frames)
    outside = is_outside(exception) or _AROUND(root.message[:_LOOKED_AT])
    product = _double(root.frames, product) or product or (None if outside else own_frame(failure, root))
    if not (product or outside):
        frame = _set_up(failure, root)
        if frame is not None:
            why = f"{exception or 'an error'} while setting up or tearing down, at {site(frame)}"
            return Mark(kind="fixture", name=exception, place=site(frame), why=why)
    known = outside or (product is not None and named(product) and not is_assertion(root))
    if failure.origin is Origin.COLLECTION and not known:
        frame = product or deepest(root.frames, tests=True)
        place = site(frame) if frame else file_of(failure.subject)
        why = f"{exception or 'an error'} at {place} while it is imported"
        return Mark(kind="collection", name=exception, place=place, why=why)
    if is_assertion(root) and not _asserts_itself(root, product):
        return None
    if product is not None:
        kind = "raised" if _is_bug(exception) or outside else "refused"
        product = _asker(root.frames, product)
        why = f"{exception} is raised at the same place, {site(product)}"
        return Mark(kind=kind, name=exception, place=site(product), why=why)
    if outside:
        said = masked(root.message.partition("\n")[0], masks)
        return Mark(kind="outside", name=f"{exception}: {said}", why=f"the same {exception}: {said}")
    return None


def _double(frames: Sequence[Frame], product: Frame | None) -> Frame | None:
    """The double of a service or part, in a file that tests share, that the product called and that raised there."""
    last = frames[-1] if product is not None else None
    shared = last is not None and is_test(last.path) and is_own(last.path) and not _TEST_FILE.search(last.path)
    return last if shared else None


def _asker(frames: Sequence[Frame], raising: Frame) -> Frame:
    """Who asked a function that raises for others: each of its callers refuses something of its own."""
    own = [frame for frame in frames if is_own(frame.path) and not is_test(frame.path) and named(frame)]
    while len(own) > 1 and own[-1] is raising and _GUARD.match(raising.function or "") and _raises(raising):
        own.pop()
        raising = own[-1]
    return raising


def _raises(frame: Frame) -> bool:
    """Whether an error is what a line is there for, as far as the report quotes it."""
    return (frame.code or "raise").lstrip().startswith("raise")


def _asserts_itself(root: Link, product: Frame | None) -> bool:
    """Whether the product found its own state wrong: no test, and no function that checks things for tests."""
    if product is None or product is not deepest(root.frames, tests=True) or short(root.exception) != "AssertionError":
        return False
    return not _CHECKS.search(f"{product.path}::{product.function}")


def _set_up(failure: Failure, root: Link) -> Frame | None:
    """Where setting up or tearing down failed; the set-up of a unittest class is a part of its tests' calls."""
    if failure.origin in (Origin.SETUP, Origin.TEARDOWN):
        return deepest(root.frames, tests=True)
    hooks = [
        frame
        for frame in root.frames
        if is_own(frame.path) and where_by_frames([frame.function], printed_by_pytest=False) & _HOOKS
    ]
    return hooks[-1] if hooks else None


def _is_bug(exception: str) -> bool:
    """Whether the language raises it: then it is no verdict of the product on its input."""
    found = getattr(builtins, exception, None)
    return isinstance(found, type) and issubclass(found, BaseException)


def _written_in(failure: Failure) -> str:
    """The file that the test's function stands in: with inherited tests another one than that of its node id."""
    name = without_parameters(failure.subject).rpartition("::")[2]
    own = [frame.path for frame in failure.frames if frame.function == name and is_own(frame.path)]
    return own[0] if own else file_of(failure.subject)


def _value(failure: Failure) -> Mark:
    member = member_in(failure.message)
    if member is not None:
        what = f"a {member.name}" if member.name.islower() else f"a member of the enum {member.name}"
        why = f"{what} came where a plain value was due"
        return Mark(kind="type", name=member.name, why=why)
    file = _written_in(failure)
    said = failure.message[:_LOOKED_AT]
    if "None" in said and _NONE.search(said):
        why = f"None came where a value was due, in {file}"
        return Mark(kind="none", name=file, why=why)
    why = f"wrong values in {file}, with no error that names more"
    return Mark(kind="value", name=file, why=why)
