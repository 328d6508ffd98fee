"""What an error names: the attribute, callee, module, fixture or type that its message is about."""

import builtins
import re
from dataclasses import dataclass

from gardener.model.policy import Pattern
from gardener.sieve import Sieve

LIMIT = 16 * 1024
_WORD = r"(?P<name>\w{1,200})"
_DOTTED = r"[\w.]{1,200}"


def _pattern(literal: str, *parts: str) -> Pattern:
    return Pattern(literal=literal, source="".join(parts))


_NAMING = (
    (
        "mock",
        _pattern(
            "not have the attribute",
            rf"(?:<module '(?P<module>{_DOTTED})'[^\n]{{0,1000}}> )?does not have the attribute '{_WORD}'",
        ),
    ),
    ("mock", _pattern("Mock object has no", f"Mock object has no attribute '{_WORD}'")),
    ("coroutine", _pattern("<coroutine object", r"<coroutine object (?P<name>[\w.<>]{1,300}) at ")),
    (
        "coroutine",
        _pattern(
            "coroutine",
            r"(?:(?<=')coroutine(?P<name>)' (?:object|and )",
            r"| type 'coroutine'| and 'coroutine'|iterable coroutine object)",
        ),
    ),
    ("circle", _pattern("circular import", rf"partially initialized module '(?P<name>{_DOTTED})'")),
    (
        "circle",
        _pattern("cannot access submodule", rf"cannot access submodule '{_WORD}' of module '(?P<module>{_DOTTED})'"),
    ),
    ("attribute", _pattern("has no attribute", rf"module '(?P<module>{_DOTTED})' has no attribute '{_WORD}'")),
    (
        "attribute",
        _pattern(
            "has no attribute", rf"(?<![\w.])'?(?P<owner>{_DOTTED})'? (?:object |class )?has no attribute '{_WORD}'"
        ),
    ),
    ("import", _pattern("is not a package", rf"No module named '{_DOTTED}'; '(?P<name>{_DOTTED})' is not a package")),
    ("import", _pattern("No module named", rf"No module named '?(?P<name>{_DOTTED})'?")),
    (  # a folder without __init__.py: nothing can be imported from it
        "import",
        _pattern("unknown location", rf"cannot import name '\w{{1,200}}' from '(?P<name>{_DOTTED})' \(unknown loc"),
    ),
    ("import", _pattern("cannot import name", rf"cannot import name '{_WORD}'(?: from '(?P<module>{_DOTTED})')?")),
    ("name", _pattern("is not defined", rf"(?<![\w.])name '{_WORD}' is not defined")),
    ("fixture", _pattern("fixture '", f"fixture '{_WORD}' not found")),
    (
        "signature",
        _pattern(
            "() ",
            r"(?<![\w.<>])(?P<name>[\w.<>]{1,300})\(\) ",
            r"(?:missing \d|takes (?:\d|no |from |exactly )|got an unexpected|got multiple|got some positional)",
        ),
    ),
    ("returned", _pattern("returned non-string", r"(?P<name>__(?:repr|str)__) returned non-string")),
    ("invalid", _pattern("validation error", rf"validation errors? for (?P<module>\w{{1,200}})\n(?P<name>{_DOTTED})")),
    ("abstract", _pattern("abstract class", rf"abstract class '?\w{{1,200}}'? with[^\n]{{0,60}} methods? '?{_WORD}")),
    ("frozen", _pattern("cannot assign to field '", r"cannot assign to field '\w{1,200}'(?P<name>)")),
    ("frozen", _pattern("is read-only", r"' object attribute '\w{1,200}' is read-only(?P<name>)")),
    ("frozen", _pattern("object has no setter", rf"property '{_WORD}' of '\w{{1,200}}' object has no setter")),
    ("zone", _pattern("offset-naive and offset-aware", "offset-naive and offset-aware(?P<name>)")),
    ("schema", _pattern("no such table: ", rf"no such table: (?:\w{{1,200}}\.)?{_WORD}")),
    ("schema", _pattern("no such column: ", rf"no such column: (?:\w{{1,200}}\.){{0,2}}{_WORD}")),
    ("schema", _pattern("has no column named ", f"has no column named {_WORD}")),
    (
        "schema",
        _pattern("column ", rf'column "?(?:\w{{1,200}}\.)?{_WORD}"? (?:of relation "\w{{1,200}}" )?does not exist'),
    ),
    ("schema", _pattern('relation "', rf'relation "(?:\w{{1,200}}\.)?{_WORD}" does not exist')),
    ("schema", _pattern("Unknown column '", rf"Unknown column '(?:\w{{1,200}}\.)?{_WORD}'")),
    ("schema", _pattern("' doesn't exist", rf"Table '(?:\w{{1,200}}\.)?{_WORD}' doesn't exist")),
    (
        "file",
        _pattern("No such file or directory", r"No such file or directory: '(?P<name>[\w.+-][\w./+-]{0,200})'(?!\S)"),
    ),
    (
        "variable",
        _pattern(
            " set",
            r"(?<![\w.])(?P<name>[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+)'?(?: (?:environment|env) ?var\w*)? ",
            r"(?:is not|must be|not|isn't|has not been) set\b",
        ),
    ),
    # what pytest itself says about a suite
    ("marker", _pattern("not found in `markers`", rf"'{_WORD}' not found in `markers`")),
    ("plugin", _pattern("async def functions", "(?P<name>async) def functions are not natively supported")),
    (
        "plugin",
        _pattern("requested an async fixture", r"requested an (?P<name>async) fixture '\w{1,200}', with no plugin"),
    ),
    ("mismatch", _pattern("import file mismatch", rf"imported module '(?P<name>{_DOTTED})' has this __file__")),
    ("misused", _pattern("called directly", rf'Fixture "{_WORD}" called directly')),
    ("misused", _pattern("recursive dependency", rf"recursive dependency involving fixture '{_WORD}'")),
    ("misused", _pattern("scoped fixture", rf" def {_WORD}\([^\n]{{0,1000}}\nRequested fixture")),
    ("misused", _pattern("scoped fixture", rf"scoped fixture {_WORD} with a")),
)
_NAMES = Sieve.of(pattern.literal for _, pattern in _NAMING)
_ALIKE = {"__str__": "__repr__"}  # where a class has no __str__, Python asks its __repr__ and blames the former
# texts that say "an object of this type came where another was due"
_MISPLACED = (
    _pattern("expected ", rf"expected (?:str|string|bytes)[\w -]{{0,40}},? (?:but )?got '?{_WORD}"),
    _pattern(" found", f"expected str instance, {_WORD} found"),
    _pattern(", not ", rf"must be [\w., -]{{1,60}}, not '?{_WORD}"),
    _pattern("can only concatenate ", rf'can only concatenate \w{{1,40}} \(not "{_WORD}"\)'),
    _pattern("has no len()", rf"object of type '{_WORD}' has no len\(\)"),
    _pattern(
        "' object ",
        f"'{_WORD}' object (?:is not (?:iterable|subscriptable|callable|an iterator|a mapping|reversible)",
        "|cannot be interpreted as|does not support|doesn't support)",
    ),
    _pattern("non-iterable ", f"cannot unpack non-iterable {_WORD} object"),
    _pattern("indices must be ", rf"indices must be integers[\w ]{{0,40}}, not '?{_WORD}"),
    _pattern("required, not ", f"object is required, not '?{_WORD}"),
    _pattern("PathLike", f"PathLike object, not '?{_WORD}"),
    _pattern("unhashable", f"unhashable type: '{_WORD}'"),
    _pattern(" for unary ", f"bad operand type for unary [-+~]: '{_WORD}'"),
    _pattern("format string passed", rf"format string passed to {_WORD}\.__format__"),
    _pattern("'await' expression", f"object {_WORD} can't be used in 'await' expression"),
    _pattern("non-int of type", f"non-int of type '{_WORD}'"),
    _pattern("argument of type", f"argument of type '{_WORD}' is not"),
    _pattern("JSON", f"[Oo]bject of type {_WORD} is not JSON serializable"),
    _pattern(
        " and '",
        rf"(?:operand type\(s\) for|between instances of)[^\n']{{0,40}}'(?P<name>{_DOTTED})'",
        rf" and '(?P<other>{_DOTTED})'",
    ),
    _pattern("<", r"<(?P<name>[A-Z]\w{0,200})\.[A-Za-z_]\w{0,200}: "),  # the repr of an enum's member
)
_ODD = Sieve.of(pattern.literal for pattern in _MISPLACED)
_MEMBERS = Sieve(r"[A-Z][A-Za-z]+\.[A-Z]")
_MEMBER = re.compile(r"(?<![\w.])(?P<name>[A-Z][A-Za-z]{1,200})\.[A-Z][A-Z0-9_]{1,200}(?!\w)")
_COMPARED = re.compile(r"^assert (?P<left>[^\n]{1,4000}?) (?P<how>==|in) (?P<right>[^\n]{1,4000})$", re.MULTILINE)
_METHOD = re.compile(  # pytest shows a method that stands for a value by its name alone
    r"(?:assert )?<(?:bound )?(?P<type>method|generator|function) |assert (?P<name>[a-z_]\w{1,200}) [^\n]{1,4000}\n"
    r" \+  where (?P=name) = [^\n]{1,4000}\.(?P=name)(?:\n|$)"
)
_MATCHED = re.compile(r"^\s*Actual message: (?P<right>[^\n]{1,4000})$", re.MULTILINE)
_PLAIN = frozenset(dir(builtins)) | {"NoneType", "function", "method", "module", "generator", "coroutine"}
_UNCALLED = frozenset({"method", "builtin_function_or_method", "function", "generator", "property", "module"})
_PLAIN_MEMBERS = frozenset(dir(str)) | frozenset(dir(list)) | frozenset(dir(dict)) | frozenset(dir(int))

# nothing came back, nothing was raised, a question was answered with no: the test saw that something broke, not what
_NOTHING = re.compile(  # begins with the line break alone: a search for it takes a tenth of one for every `^`
    r"\n(?:assert (?:(?:''|\[\]|\{\}|\(\)|set\(\)|b'') ==|[^\n]{1,2000} in (?:''|\[\]|\{\}|\(\))$"
    r"|False\n \+  where False = (?!<built-in|isinstance)\w{1,200}\(|1 == 0$|0 == [1-9])"
    r"|DID NOT RAISE|list index out of range)",
    re.MULTILINE,
)
_NONE_OF = re.compile(r"\b0 (?:of|out of) [1-9]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """An identifier and what it is: attribute, import, fixture, type and the like."""

    kind: str
    name: str
    owner: str = ""  # class of a missing attribute


def named_in(text: str) -> Named | None:
    """The first identifier that a message complains about. None where it names nothing, or only None."""
    text = text[:LIMIT]
    for kind, pattern in _NAMING if _NAMES(text) else ():
        found = pattern.find(text)
        if found is None:
            continue
        groups = found.groupdict()
        owner, module = groups.get("owner") or "", groups.get("module")
        if kind == "attribute" and owner == "NoneType":
            continue
        if kind == "attribute" and found["name"] in _PLAIN_MEMBERS and owner not in _PLAIN:
            return Named(kind="type", name=owner)  # a plain value was due, and this came
        name = _ALIKE.get(found["name"], found["name"] or "")
        return Named(kind=kind, name=f"{module}.{name}" if module else name, owner=owner)
    return _misplaced(text)


def _misplaced(text: str) -> Named | None:
    for pattern in _MISPLACED if _ODD(text) else ():
        for found in pattern.regex.finditer(text) if pattern.literal in text else ():
            odd = [name for name in found.groups() if name not in _PLAIN or name in _UNCALLED]
            if odd and "NoneType" not in found.groups():  # else None is what should not have come
                return Named(kind="type", name=odd[0])
    return None


def member_in(text: str) -> Named | None:
    """The enum whose member's repr stands only on one side of a comparison; what nobody called."""
    text = text[:LIMIT]
    if uncalled := _METHOD.match(text):
        return Named(kind="type", name=uncalled["type"] or "method")
    for found in _COMPARED.finditer(text) if _MEMBERS(text) else ():
        left, right = (set(_MEMBER.findall(found[side])) for side in ("left", "right"))
        odd = sorted(right - left if found["how"] == "in" else left ^ right)
        if odd:
            return Named(kind="type", name=odd[0])
    told = _MATCHED.search(text) if "Actual message: " in text else None
    member = _MEMBER.search(told["right"]) if told else None
    return Named(kind="type", name=member["name"]) if member else None


def saw_nothing(message: str) -> bool:
    """Whether a failure only shows that something broke before: nothing came of what the test did."""
    message = message[:4000]
    return bool(_NOTHING.search(f"\n{message}") or ("0 o" in message and _NONE_OF.search(message)))


def logged_in(captured: str) -> Named | None:
    """What the only error in captured output names. None where there are several, or none."""
    lines = [line for line in captured[-LIMIT:].splitlines() if "Error" in line or line.startswith("ERROR")]
    found = {named for line in lines if (named := named_in(line))}
    return found.pop() if len(found) == 1 else None
