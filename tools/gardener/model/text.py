"""Text that is fit to be kept and shown: secrets masked, terminal codes gone, traps made visible."""

import base64
import json
import re
from collections.abc import Callable, Iterator, Mapping
from typing import NewType
from urllib.parse import quote, quote_plus, unquote, urlsplit

from gardener.model.secret import DOTS, SIGNS, masked, without_keys

CleanText = NewType("CleanText", str)

_ANSI = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|[\]PX^_][^\x07\x1b]*(?:\x07|\x1b\\)|[ -/]*[0-OQ-WYZ\\`-~])")
_HIDDEN = (  # first and last: control, bidirectional, zero-width and tag characters, lone surrogates; not \t and \n
    (0x00, 0x08), (0x0B, 0x1F), (0x7F, 0x9F), (0xAD, 0xAD), (0x61C, 0x61C), (0x180E, 0x180E), (0x200B, 0x200F),
    (0x2028, 0x202E), (0x2060, 0x206F), (0xFEFF, 0xFEFF), (0xFFF9, 0xFFFB), (0xD800, 0xDFFF), (0xE0000, 0xE007F),
)  # fmt: skip
_ESCAPES = {point: chr(point).encode("unicode_escape").decode("ascii") for a, b in _HIDDEN for point in range(a, b + 1)}
_WRAP = r"(?:[\"']?[ \t]{0,200}\\?\n[E>|+ \t-]{0,80}[\"']?)"
_CONTROL = r"[\x00-\x08\x0b-\x1f\x7f]"
_MASK = re.compile(r"(«redacted:[\w.-]+»)")

_SECRET_PARTS = frozenset(
    {"PASS", "PWD", "KEY", "PAT", "AUTH", "COOKIE", "PASSPHRASE", "CREDENTIAL", "CREDENTIALS", "SECRETS", "TOKENS"}
)
_SECRET_ENDS = ("TOKEN", "SECRET", "PASSWORD", "PASSWD", "APIKEY")
_HARMLESS_ENDS = frozenset({"URL", "URI", "FILE", "PATH", "DIR", "HOST", "PORT", "NAME", "ID", "USER", "SOCK", "TYPE"})
_USERINFO = re.compile(r"://[^\s/@:]{0,256}:([^\s]{1,512})@")
_ORDINARY = re.compile(r"[a-z]{1,12}|[A-Z][a-z]{1,11}|\d{1,9}|~?[/\\].*|[A-Za-z]:[/\\].*|[a-z+]+://.*")


class Redactor:
    """Makes CleanText; errs on the side of masking.

    `secrets` maps a name to a value that must never appear. `looking_for` makes of a regex that finite automata know a
    quick look at a text: most texts hold nothing that could be masked, and without it each is searched for all.
    """

    def __init__(
        self,
        secrets: Mapping[str, str] | None = None,
        looking_for: Callable[[str], Callable[[str], bool]] = lambda _: lambda _: True,
    ) -> None:
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
        wrap = re.sub(r"\{0,\d+\}", "*", f"{_WRAP}?")  # automata grow with counted repetitions
        ends = [wrap.join(map(_literal, plain[:6])) for plain in self._wrapped if plain.isascii()]
        ends += {"".join(map(_literal, end)) for form in forms for end in (form[:6], form[-6:]) if end.isascii()}
        self._suspicious = looking_for("|".join([_CONTROL, f"(?i:{SIGNS})", *ends]))

    def clean(self, text: str) -> CleanText:
        """The text without secrets, terminal codes and invisible characters. Cleaning twice changes nothing."""
        if self._is_plain(text):
            return CleanText(text)
        text = _visible(text)
        # again, until nothing changes: a mask moves boundaries, which may uncover another secret
        while not self._is_plain(text) and (safer := self._masked(text)) != text:
            text = safer
        return CleanText(text)

    def _is_plain(self, text: str) -> bool:
        """Whether nothing in the text may have to be masked."""
        return text.isascii() and not self._suspicious(text)

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
        return masked(without_keys("".join(parts)))

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


def units(text: str) -> int:
    """The length as trackers count it: UTF-16 code units."""
    return len(text) + sum(letter > "\uffff" for letter in text)


def storable(text: str) -> str:
    """Text that every database and tracker can hold: NUL and lone surrogates become visible."""
    return text.replace("\0", "\\x00").encode("utf-8", "backslashreplace").decode("utf-8")


def _without_halves(text: str, form: str, kind: str) -> str:
    """Without what is left of a value that someone else cut: `abcdef...`, `...uvwxyz`, or both."""
    mask = f"«redacted:{kind}»"
    reach = min(len(form), 240)
    head = rf"{re.escape(form[:6])}.{{0,{reach}}}?(?={DOTS})"
    tail = rf"(?<={DOTS}).{{0,{reach}}}?{re.escape(form[-6:])}"
    text = re.sub(head, lambda found: mask if form.startswith(found[0]) else found[0], text)
    return re.sub(tail, lambda found: mask if form.endswith(found[0]) else found[0], text)


def keeps_secret(address: str) -> bool:
    """Whether what is sent to an address stays secret: by https, or to this machine."""
    parts = urlsplit(address)
    return parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in ("localhost", "127.0.0.1", "::1"))


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
    if text.isascii() and text.replace("\n", "").isprintable():
        return text
    text = _ANSI.sub("", text).replace("\r\n", "\n").replace("\r", "\n")
    return text.translate(_ESCAPES)


def _literal(character: str) -> str:
    """A regex for one ASCII character, in the syntax of finite automata."""
    return character if character.isalnum() else f"\\x{{{ord(character):x}}}"


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
