"""How secrets look: reviewed forms, as data, and the sense to tell them from everyday code."""

import re
import string
from collections.abc import Callable

DOTS = r"\.\.\."  # where pytest and others cut a text to fit a line
_BEGIN_KEY = r"-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----"
_END_KEY = re.compile(r"-----END [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----")
_WHOLE_KEY = re.compile(rf"{_BEGIN_KEY}[^-]*(?:-(?!----(?:BEGIN|END) )[^-]*)*{_END_KEY.pattern}")
_KEY_LINE = re.compile(r"[E>|+ \t\"'-]*[A-Za-z0-9+/=]{16,}[\\n \t\"',]*$")
_BASE64 = string.ascii_letters + string.digits + "+/=\\"
_NAMED = (
    r"(?P<name>pass(?:word|wd|phrase)|pwd|secret|token|credential|api[_-]?key"
    r"|(?:access|private|secret|auth|encryption|signing)[_-]?key)(?:_?(?:key|value|b64|\d{1,3}))?\\{0,3}[\"']?"
)
_KEYS = tuple(
    f"{kind}{joint}key"
    for kind in ("api", "access", "private", "auth", "encryption", "signing")
    for joint in ("", "_", "-")
)
_WEAK = frozenset({"token", "credential"})  # everyday words in code: only what looks like a secret is one
_PLACEHOLDER = re.compile(r"(?i)(?:none|null|true|false|undefined|required|invalid|missing|expired)$|[<$*%{(\[«.]")
_IDENTIFIER = re.compile(r"[A-Za-z_][\w.]*$")


def _header(found: re.Match[str]) -> str:
    value = found["value"]
    telling = any(sign.isdigit() for sign in value) or len(value) >= 20 or value.endswith("=")
    return f"{found['lead']}«redacted:{found['kind'].lower()}»" if telling else found[0]


def _assigned(found: re.Match[str]) -> str:
    """A value after a telling name, unless it is a placeholder, a sentence or code."""
    name, lead = found["name"].lower(), found["lead"]
    real = _is_quoted_secret(found, name) if found["quoted"] else _is_bare_secret(found, name)
    return f"{lead}{found['open'] or ''}«redacted:{name}»" if real else found[0]


def _is_quoted_secret(found: re.Match[str], name: str) -> bool:
    value = found["quoted"]
    if _PLACEHOLDER.match(value) or value.count(" ") > 1:
        return False
    weak = name in _WEAK or "==" in found["lead"]
    return not weak or (len(value) >= 8 and any(map(str.isdigit, value)) and any(map(str.isalpha, value)))


def _is_bare_secret(found: re.Match[str], name: str) -> bool:
    """Source lines are full of `password = settings.password`, which is no secret."""
    value, lead = found["bare"], found["lead"]
    digits = any(map(str.isdigit, value))
    if _PLACEHOLDER.match(value) or "(" in value or "[" in value:
        return False
    if not _IDENTIFIER.match(value):
        return digits or name not in _WEAK
    if digits and len(value) >= 16 and value.isalnum():
        return True
    code = re.search(r"\s=", lead) or ("." in value and not digits)
    alone = lead.endswith("=") and name not in _WEAK and not found["after"]
    return not code and (digits or alone)


_Put = str | Callable[[re.Match[str]], str]


def masked(text: str) -> str:
    """The text with a mask over each secret of a known form."""
    low = text.lower()
    for words, pattern, put in FORMS:
        if any(word in low for word in words):
            text = _by_line(text, pattern) if put is _assigned else pattern.sub(put, text)
    return text


def _by_line(text: str, pattern: re.Pattern[str]) -> str:
    """A name with its value stands within one line; few lines hold one, and to search all others is slow."""
    lines = ((line, line.lower()) for line in text.split("\n"))
    return "\n".join(
        pattern.sub(_assigned, line) if any(name in low for name in _NAMES) else line for line, low in lines
    )


_NAMES = ("password", "passwd", "passphrase", "pwd", "secret", "token", "credential", *_KEYS)
# (words of which one is there, how it looks, what is put instead). Every pattern is linear: it starts at a literal or a
# boundary, and what repeats in it is bounded or cannot start another match.
FORMS: tuple[tuple[tuple[str, ...], re.Pattern[str], _Put], ...] = tuple(
    (words, re.compile(pattern), put)
    for words, pattern, put in (
        (("private key",), rf"{_BEGIN_KEY}(?:[\s\"'+>|E,]|\\+[nr]|[A-Za-z0-9+/=]{{8,}})*", "«redacted:private-key»"),
        (("gh",), r"gh[pousr]_[A-Za-z0-9]{16,255}", "«redacted:github-token»"),
        (("github_pat_",), r"github_pat_[A-Za-z0-9_]{16,255}", "«redacted:github-token»"),
        (("glpat-",), r"glpat-[\w-]{16,255}", "«redacted:gitlab-token»"),
        (
            ("akia", "asia"),
            (
                r"\b(?:AKIA|ASIA)[0-9A-Z]{16}\b(?:[^A-Za-z0-9/+]{1,8}(?:[a-zA-Z_]{1,40}[^A-Za-z0-9/+]{1,8})?"
                r"[A-Za-z0-9/+]{40}(?![A-Za-z0-9/+]))?"
            ),
            "«redacted:aws-key»",
        ),
        (
            ("...",),
            rf"(?:gh[pousr]_|github_pat_|glpat-|xox[abeoprs]-|npm_|pypi-|[rs]k_live_|AKIA)[\w-]{{3,255}}(?={DOTS})",
            "«redacted:token»",
        ),
        (
            ("://",),
            rf"(://[^\s/@:\"'<>«]{{0,256}}:)(?!\d{{1,5}}\W|[«/])[^\s/@\"'<>]{{3,128}}?(?={DOTS})",
            r"\1«redacted:password»",
        ),
        (("eyj",), r"(?<![\w-])eyJ[\w-]{6,}\.[\w-]{6,}(?:\.[\w-]*)?", "«redacted:jwt»"),
        (("hooks.slack",), r"hooks\.slack\.com/\w{1,20}/[\w/.-]{8,255}", "«redacted:slack-hook»"),
        (("xox",), r"xox[abeoprs]-[\w-]{10,255}", "«redacted:slack-token»"),
        (("aiza",), r"AIza[\w-]{35}", "«redacted:google-key»"),
        (("_live_", "_test_"), r"[rs]k_(?:live|test)_\w{16,255}", "«redacted:stripe-key»"),
        (("sk-",), r"(?<![\w-])sk-(?=[A-Za-z_-]{0,255}\d)[\w-]{20,255}", "«redacted:api-key»"),
        (("npm_",), r"npm_[A-Za-z0-9]{30,255}", "«redacted:npm-token»"),
        (("pypi-",), r"pypi-[\w-]{16,255}", "«redacted:pypi-token»"),
        (
            ("bearer", "basic", "digest"),
            r"(?i)(?P<lead>\b(?P<kind>bearer|basic|digest)(?:\s|%20|\\n){1,4})(?P<value>[\w.~+/-]{6,4096}={0,2})",
            _header,
        ),
        (
            ("authorization", "cookie"),
            (
                r"(?i)(\b(?:authorization|cookie)\\?[\"']?\s{0,4}[:=]\s{0,4}\\?[\"']?"
                r"(?:(?:basic|bearer|token)\s{1,4})?)(?=[^\s\"',;]{0,64}[\d=])(?!«)[^\s\"',;}{<>]{6,4096}"
            ),
            r"\1«redacted:header»",
        ),
        (
            ("://",),
            r"(://[^\s/@:\"'<>«]{0,256}:)(?!\*+@|\d{1,5}[/?#]|[«/])(?:[^\s/\"'<>]{1,256}@|[^\s@\"'<>]{1,128}@)",
            r"\1«redacted:password»@",
        ),
        (("://",), r"(://)(?!«)[^\s/@:\"'<>]{20,256}@", r"\1«redacted:userinfo»@"),
        (
            _NAMES,
            (
                rf"(?P<lead>(?i:{_NAMED})[ \t]{{0,4}}(?:=>|==?|:)[ \t]{{0,4}})"
                r"(?:(?P<open>[bru]?\\{0,3}[\"'])(?P<quoted>[^\n\"'\\]{4,512})(?=\\{0,3}[\"'])"
                r"|(?P<bare>[^\s\"',;)}\]&=][^\s\"',;)}\]&]{5,512})(?=(?P<after>[,;)}\]]?)))"
            ),
            _assigned,
        ),
        (
            ("--pass", "--token", "--secret", "--api"),
            r"(--(?:pass(?:word|wd)?|token|secret|api-key)[ =])(?![«<$\[{(-])[^\s\"']{6,512}",
            r"\1«redacted:option»",
        ),
    )
)
_END_OF_VALUE = r"[\s\"',;)}\]&]"
_IN_VALUE = r"[^\s\"',;)}\]&(\[]"  # a value with a bracket is code
# What every secret of a known form shows in an ASCII text of printable characters, in the syntax of finite automata:
# where none of these is found, there is none.
SIGNS = (
    r"private key|gh[pousr]_|github_pat_|glpat-|a[ks]ia[a-z0-9_-]{3}|://[^\s\"'<>]*(?:@|\.\.\.)|eyj|hooks\.slack"
    r"|xox[abeoprs]-|aiza|[rs]k_(?:live|test)_|sk-[a-z0-9_-]{20}|npm_|pypi-|(?:bearer|basic|digest)(?:\s|%20|\\n)"
    r"|(?:authorization|cookie)\\?[\"']?\s*[:=]|--(?:pass|token|secret|api)"
    rf"|{_NAMED}[ \t]*(?:=>|==?|:)[ \t]*(?:[bru]?\\*[\"'][^\n\"'\\]{{4}}"
    rf"|{_IN_VALUE}{{6,}}(?:{_END_OF_VALUE}|$)|{_IN_VALUE}{{64}})"
)


def without_keys(text: str) -> str:
    """Without private keys, whole or with their beginning cut off."""
    return _headless_key(_WHOLE_KEY.sub("«redacted:private-key»", text)) if "PRIVATE KEY" in text else text


def _headless_key(text: str) -> str:
    """Without a private key whose beginning was cut off: its lines are known only from behind."""
    lines = text.split("\n")
    for at, line in enumerate(lines):
        *heads, rest = _END_KEY.split(line)
        if heads:
            lines[at] = "".join(f"{head.rstrip(_BASE64)}«redacted:private-key»" for head in heads) + rest
            above = at - 1
            while above >= 0 and _KEY_LINE.match(lines[above]):
                lines[above] = "«redacted:private-key»"
                above -= 1
    return "\n".join(lines)
