"""What an error names: the attribute, callee, module, fixture or type that its message is about."""

import re
from dataclasses import dataclass

LIMIT = 16 * 1024
_OBJECT = r"(?<![\w.])'?(?P<owner>[\w.]{1,200})'?"
_NAMING = (
    # pattern, kind; a literal that every match holds comes first so that long texts are skipped quickly
    (" not have the attribute ", "mock", re.compile(r"does not have the attribute '(?P<name>\w{1,200})'")),
    ("Mock object has no ", "mock", re.compile(r"Mock object has no attribute '(?P<name>\w{1,200})'")),
    (
        " has no attribute ",
        "attribute",
        re.compile(_OBJECT + r" (?:object |class )?has no attribute '(?P<name>\w{1,200})'"),
    ),
    ("No module named ", "import", re.compile(r"No module named '?(?P<name>[\w.]{1,200})'?")),
    (
        "cannot import name ",
        "import",
        re.compile(
            r"cannot import name '(?P<name>\w{1,200})'(?: from (?:partially initialized module )?'(?P<owner>[\w.]{1,200})')?"
        ),
    ),
    (" is not defined", "name", re.compile(r"(?<![\w.])name '(?P<name>\w{1,200})' is not defined")),
    ("fixture '", "fixture", re.compile(r"fixture '(?P<name>\w{1,200})' not found")),
    (
        "() ",
        "signature",
        re.compile(
            r"(?<![\w.<>])(?P<name>[\w.<>]{1,300})\(\) "
            r"(?:missing \d|takes (?:\d|no |from |exactly )|got an unexpected|got multiple|got some positional)"
        ),
    ),
)
# texts that say "an object of this type came where another was due"
_MISPLACED = (
    ("expected ", re.compile(r"expected (?:str|string|bytes)[\w -]{0,40},? (?:but )?got '?(?P<name>\w{1,200})")),
    (" found", re.compile(r"expected str instance, (?P<name>\w{1,200}) found")),
    (", not ", re.compile(r"must be (?:str|a string|string)[\w, -]{0,60}, not '?(?P<name>\w{1,200})")),
    ("can only concatenate ", re.compile(r"can only concatenate \w{1,40} \(not \"(?P<name>\w{1,200})\"\)")),
    ("' has no len()", re.compile(r"object of type '(?P<name>\w{1,200})' has no len\(\)")),
    ("' object ", re.compile(r"'(?P<name>\w{1,200})' object is not (?:iterable|subscriptable|callable)")),
    ("argument of type ", re.compile(r"argument of type '(?P<name>\w{1,200})' is not")),
    ("bject of type ", re.compile(r"[Oo]bject of type (?P<name>\w{1,200}) is not JSON serializable")),
    (
        " and '",
        re.compile(
            r"(?:operand type\(s\) for|between instances of)[^\n']{0,40}'(?P<name>\w{1,200})' and '(?P<other>\w{1,200})'"
        ),
    ),
    (": ", re.compile(r"<(?P<name>[A-Z]\w{0,200})\.[A-Za-z_]\w{0,200}: ")),  # the repr of an enum's member
)
_MEMBER = re.compile(r"(?<![\w.])(?P<name>[A-Z][A-Za-z]{1,200})\.[A-Z][A-Z0-9_]{1,200}(?!\w)")
_COMPARED = re.compile(r"^assert (?P<left>[^\n]{1,4000}?) (?P<how>==|in) (?P<right>[^\n]{1,4000})$", re.MULTILINE)
_MATCHED = re.compile(r"^\s*Actual message: (?P<right>[^\n]{1,4000})$", re.MULTILINE)
_PLAIN = frozenset(
    [
        "str",
        "int",
        "float",
        "bool",
        "bytes",
        "bytearray",
        "list",
        "tuple",
        "dict",
        "set",
        "frozenset",
        "complex",
        "object",
        "type",
        "range",
        "slice",
        "NoneType",
        "function",
        "method",
        "module",
        "generator",
        "coroutine",
        "builtin_function_or_method",
    ]
)
_PLAIN_MEMBERS = frozenset(dir(str)) | frozenset(dir(list)) | frozenset(dir(dict)) | frozenset(dir(int))


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """An identifier and what it is: mock, attribute, import, name, fixture, signature, type."""

    kind: str
    name: str
    owner: str = ""  # class of a missing attribute, module of a missing name


def named_in(text: str) -> Named | None:
    """The first identifier that a message complains about. None where it names nothing, or only None."""
    text = text[:LIMIT]
    for literal, kind, pattern in _NAMING:
        found = pattern.search(text) if literal in text else None
        if found is None:
            continue
        owner = found.groupdict().get("owner") or ""
        if kind == "attribute" and owner == "NoneType":
            continue
        if kind == "attribute" and found["name"] in _PLAIN_MEMBERS and owner not in _PLAIN:
            return Named(kind="type", name=owner)  # a plain value was due, and this came
        return Named(kind=kind, name=found["name"], owner=owner)
    return _misplaced(text)


def _misplaced(text: str) -> Named | None:
    for literal, pattern in _MISPLACED:
        for found in pattern.finditer(text) if literal in text else ():
            for name in found.groups():
                if name not in _PLAIN:
                    return Named(kind="type", name=name)
    return None


def member_in(text: str) -> Named | None:
    """The enum whose member's repr stands only on one side of a comparison."""
    text = text[:LIMIT]
    for found in _COMPARED.finditer(text):
        left, right = (set(_MEMBER.findall(found[side])) for side in ("left", "right"))
        odd = sorted(right - left if found["how"] == "in" else left ^ right)
        if odd:
            return Named(kind="type", name=odd[0])
    told = _MATCHED.search(text)
    member = _MEMBER.search(told["right"]) if told else None
    return Named(kind="type", name=member["name"]) if member else None
