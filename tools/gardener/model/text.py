"""Text that is fit to be kept and shown: secrets masked, terminal codes gone, traps made visible."""

import base64
import json
import re
import string
from collections.abc import Callable, Iterator, Mapping
from typing import NewType
from urllib.parse import quote, quote_plus, unquote

CleanText = NewType("CleanText", str)

_ANSI = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|[\]PX^_][^\x07\x1b]*(?:\x07|\x1b\\)|[ -/]*[0-OQ-WYZ\\`-~])")
_HIDDEN = (  # first and last: control, bidirectional, zero-width and tag characters, lone surrogates; not \t and \n
    (0x00, 0x08), (0x0B, 0x1F), (0x7F, 0x9F), (0xAD, 0xAD), (0x61C, 0x61C), (0x180E, 0x180E), (0x200B, 0x200F),
    (0x2028, 0x202E), (0x2060, 0x206F), (0xFEFF, 0xFEFF), (0xFFF9, 0xFFFB), (0xD800, 0xDFFF), (0xE0000, 0xE007F),
)  # fmt: skip
_ESCAPES = {point: chr(point).encode("unicode_escape").decode("ascii") for a, b in _HIDDEN for point in range(a, b + 1)}
_DOTS = r"\.\.\."  # where pytest and others cut a text to fit a line
_WRAP = r"(?:[\"']?[ \t]{0,200}\\?\n[E>|+ \t-]{0,80}[\"']?)"
_MASK = re.compile(r"(«redacted:[\w.-]+»)")

_BEGIN_KEY = r"-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----"
_END_KEY = re.compile(r"-----END [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----")
_WHOLE_KEY = re.compile(rf"{_BEGIN_KEY}[^-]*(?:-(?!----(?:BEGIN|END) )[^-]*)*{_END_KEY.pattern}")
_KEY_LINE = re.compile(r"[E>|+ \t\"'-]*[A-Za-z0-9+/=]{16,}[\\n \t\"',]*$")
_BASE64 = string.ascii_letters + string.digits + "+/=\\"
_NAMED = (
    r"(?P<name>pass(?:word|wd|phrase)|pwd|secret|token|credential|api[_-]?key"
    r"|(?:access|private|secret|auth|encryption|signing)[_-]?key)(?:_?(?:key|value|b64|\d{1,3}))?\\{0,3}[\"']?"
)
_WEAK = frozenset({"token", "credential"})  # everyday words in code: only what looks like a secret is one
_PLACEHOLDER = re.compile(r"(?i)(?:none|null|true|false|undefined|required|invalid|missing|expired)$|[<$*%{(\[«.]")
_IDENTIFIER = re.compile(r"[A-Za-z_][\w.]*$")

_SECRET_PARTS = frozenset(
    {"PASS", "PWD", "KEY", "PAT", "AUTH", "COOKIE", "PASSPHRASE", "CREDENTIAL", "CREDENTIALS", "SECRETS", "TOKENS"}
)
_SECRET_ENDS = ("TOKEN", "SECRET", "PASSWORD", "PASSWD", "APIKEY")
_HARMLESS_ENDS = frozenset({"URL", "URI", "FILE", "PATH", "DIR", "HOST", "PORT", "NAME", "ID", "USER", "SOCK", "TYPE"})
_USERINFO = re.compile(r"://[^\s/@:]{0,256}:([^\s]{1,512})@")
_ORDINARY = re.compile(r"[a-z]{1,12}|[A-Z][a-z]{1,11}|\d{1,9}|~?[/\\].*|[A-Za-z]:[/\\].*|[a-z+]+://.*")


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
# (words of which one is there, pattern, what is put in its place). Every pattern is linear: it starts at a literal or
# a boundary, and what repeats in it is bounded or cannot start another match.
_RULES: tuple[tuple[tuple[str, ...], re.Pattern[str], _Put], ...] = tuple(
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
            rf"(?:gh[pousr]_|github_pat_|glpat-|xox[abeoprs]-|npm_|pypi-|[rs]k_live_|AKIA)[\w-]{{3,255}}(?={_DOTS})",
            "«redacted:token»",
        ),
        (
            ("://",),
            rf"(://[^\s/@:\"'<>«]{{0,256}}:)(?!\d{{1,5}}\W|[«/])[^\s/@\"'<>]{{3,128}}?(?={_DOTS})",
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
            ("pass", "pwd", "secret", "token", "key", "credential"),
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


class Redactor:
    """Makes CleanText; errs on the side of masking. `secrets` maps a name to a value that must never appear."""

    def __init__(self, secrets: Mapping[str, str] | None = None) -> None:
        forms: dict[str, str] = {}
        self._wrapped: dict[str, tuple[re.Pattern[str], str]] = {}
        for name, value in (secrets or {}).items():
            plain = _visible(value.strip())
            if len(plain) < 6:
                continue
            kind = re.sub(r"[^\w.-]", "-", name)
            forms |= dict.fromkeys(_forms(value.strip()), kind)
            if len(plain) <= 512:
                self._wrapped[plain] = re.compile(f"{_WRAP}?".join(map(re.escape, plain))), kind
        self._forms = sorted(forms.items(), key=lambda pair: -len(pair[0]))

    def clean(self, text: str) -> CleanText:
        """The text without secrets, terminal codes and invisible characters. Cleaning twice changes nothing."""
        text = _visible(text)
        while (masked := self._masked(text)) != text:  # a mask moves boundaries, which may uncover another secret
            text = masked
        return CleanText(text)

    def keep(self, text: str, limit: int) -> CleanText:
        """Head and tail of a text of any size, clean; shortened at line ends first, so that cleaning stays quick."""
        if len(text) > 2 * limit:
            head, tail = text[:limit], text[-limit:]
            head = head[: head.rfind("\n" if "\n" in head else " ") + 1]
            at = tail.find("\n" if "\n" in tail else " ")
            tail = tail[at:] if at >= 0 else ""
            text = f"{head}[… {len(text) - len(head) - len(tail)} characters left out …]{tail}"
        return cut(self.clean(text), limit)

    def _masked(self, text: str) -> str:
        parts = _MASK.split(text)
        parts[::2] = [self._known(part) for part in parts[::2]]
        text = "".join(parts)
        if "PRIVATE KEY" in text:
            text = _headless_key(_WHOLE_KEY.sub("«redacted:private-key»", text))
        low = text.lower()
        for words, pattern, put in _RULES:
            if any(word in low for word in words):
                text = pattern.sub(put, text)
        return text

    def _known(self, text: str) -> str:
        """Without the given values, in any form that they are printed in."""
        for form, kind in self._forms:
            text = text.replace(form, f"«redacted:{kind}»")
            if form[:6] in text or form[-6:] in text:
                text = _without_halves(text, form, kind)
        if "\n" in text and self._wrapped:
            unwrapped = re.sub(_WRAP, "", text)
            for plain, (pattern, kind) in self._wrapped.items():
                if plain in unwrapped:
                    text = pattern.sub(f"«redacted:{kind}»", text)
        return text


def cut(text: CleanText, limit: int) -> CleanText:
    """Head and tail of a text in at most `limit` characters (80 or more); clean first, for half a secret hides."""
    if len(text) <= limit:
        return text
    half = (limit - 50) // 2
    head, tail = text[:half], text[-half:]
    if head.rfind("«") > head.rfind("»"):
        head = head[: head.rfind("«")]
    if "»" in tail[:80] and "«" not in tail[: tail.find("»")]:
        tail = tail[tail.find("»") + 1 :]
    return CleanText(f"{head}\n[… {len(text) - len(head) - len(tail)} characters left out …]\n{tail}")


def storable(text: str) -> str:
    """Text that every database and tracker can hold: NUL and lone surrogates become visible."""
    return text.replace("\0", "\\x00").encode("utf-8", "backslashreplace").decode("utf-8")


def _without_halves(text: str, form: str, kind: str) -> str:
    """Without what is left of a value that someone else cut: `abcdef...`, `...uvwxyz`, or both."""
    mask = f"«redacted:{kind}»"
    reach = min(len(form), 240)
    head = rf"{re.escape(form[:6])}.{{0,{reach}}}?(?={_DOTS})"
    tail = rf"(?<={_DOTS}).{{0,{reach}}}?{re.escape(form[-6:])}"
    text = re.sub(head, lambda found: mask if form.startswith(found[0]) else found[0], text)
    return re.sub(tail, lambda found: mask if form.endswith(found[0]) else found[0], text)


def names_secret(name: str) -> bool:
    """Whether a variable of this name holds a secret: GITHUB_TOKEN, PGPASSWORD, SECRET_KEY; not PWD or TOKEN_URL."""
    parts = name.upper().split("_")
    if parts in (["PWD"], ["OLDPWD"], ["PASS"], ["AUTH"]) or parts[-1] in _HARMLESS_ENDS:
        return False
    return any(part in _SECRET_PARTS or part.endswith(_SECRET_ENDS) for part in parts)


def secret_values(environ: Mapping[str, str]) -> dict[str, str]:
    """What of an environment must never be shown, by name: six characters or more, no ordinary words or paths."""
    found = {name: value.strip() for name, value in environ.items() if names_secret(name) and _is_secret(value.strip())}
    for name, value in environ.items():
        for password in _USERINFO.findall(value):
            if _is_secret(password):
                found.setdefault(name, unquote(password))
                if unquote(password) != password:
                    found[f"{name}.quoted"] = password
    return found


def _is_secret(value: str) -> bool:
    return len(value) >= 6 and not _ORDINARY.fullmatch(value)


def _visible(text: str) -> str:
    text = _ANSI.sub("", text).replace("\r\n", "\n").replace("\r", "\n")
    return text.translate(_ESCAPES)


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


def _forms(value: str) -> Iterator[str]:
    """A value as it may be printed: plain, escaped, URL-encoded, hexadecimal, base64 at any of its three offsets."""
    raw = value.encode("utf-8", "surrogatepass")
    yield from (_visible(value), json.dumps(value)[1:-1], repr(value)[1:-1], raw.hex())
    yield from (quote(raw, safe=""), quote(raw), quote_plus(raw))
    for offset in range(3):
        packed = base64.b64encode(b"\0" * offset + raw)
        stable = packed[(offset * 8 + 5) // 6 : (offset + len(raw)) * 8 // 6].decode("ascii")
        yield from (stable, stable.translate({ord("+"): "-", ord("/"): "_"}))
    yield from (line.strip() for line in value.splitlines() if len(line.strip()) >= 16)
