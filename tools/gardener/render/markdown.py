"""Text of strangers made harmless: what a test printed can never act in an issue, a worklog or a summary.

Three ways in, by place: `fence` for whole output, `code` for names, `inline` for words in a sentence. Each returns
Markup, so that a template prints it as it is; whatever else a Markdown template prints goes through `inline`.
"""

import json
import re
import unicodedata

from markupsafe import Markup

from gardener.model.text import units

_TRAPS = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ud800-\udfff"
    "\ufeff\ufff9-\ufffb\ufffe\uffff\U000e0000-\U000e0fff]"
)
_OWN_MARKS = re.compile(r"gardener[:-](?=begin|end|state|key|link|operation)", re.IGNORECASE)
_HULL = re.compile(r"([(\[\"']*)(.*?)([,.;:!?)\]\"']*)", re.DOTALL)
_QUOTED = re.compile(r"([(\[\"']*)`([^`]+)`([,.;:!?)\]\"']*)")
# what a tracker turns into a mention, a reference or a link; it does not look into code spans
_RISKY = re.compile(r"@\w|#\d|\bGH-\d|:/|\bwww\.|(?<![0-9a-z])[0-9a-f]{7,64}(?![0-9a-z])", re.IGNORECASE)
_SPECIAL = re.compile(r"[\\`*<~]|\](?=[(\[:])|\[(?=\^|[xX]?\]|$)|(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])|&(?=#?\w+;)")
_SENTENCE = 600  # UTF-16 units that words in a sentence may take
# what would start a list, a quote, a heading or a rule
_OPENER = re.compile(r"^(\d{0,9})(?=[.)](?:\s|$)|>|#{1,6}(?:\s|$)|[+-](?:\s|$)|[-\s]+$|=+$)")
_REFERENCE = re.compile(
    r"@(?=\w)|#(?=\d)|\bGH-(?=\d)|:(?=//\S+/(?:issues|pull|commit|discussions)/)|\b[0-9a-f]{7}(?=[0-9a-f]{33}\b)",
    re.IGNORECASE,
)
_FLAG_LETTERS = "".join(map(chr, range(0x1F1E6, 0x1F200)))  # two of them make one flag
_ENTITIES = {"<": "&lt;", "&": "&amp;"}


def visible(text: str) -> str:
    r"""The text with line ends as \n, and with control, bidirectional and invisible characters written out."""
    return _TRAPS.sub(_written_out, text.replace("\r\n", "\n").replace("\r", "\n"))


def one_line(text: str) -> str:
    """Visible, on one line, no run of blanks."""
    return " ".join(visible(text).split())


def shorten(text: str, limit: int) -> str:
    """At most `limit` UTF-16 units, never cut inside a character that is made of several code points."""
    if units(text) <= limit:
        return text
    taken = cut = 0
    while taken < limit - 1:  # one unit is for the ellipsis
        taken += units(text[cut])
        cut += taken < limit
    while cut and _extends(text[cut]):
        cut -= 1
    flags = len(text[:cut]) - len(text[:cut].rstrip(_FLAG_LETTERS))
    return text[: cut - (flags % 2 and text[cut] in _FLAG_LETTERS)].rstrip() + "…"


def clip(text: str, *, lines: int, chars: int) -> str:
    """Head and tail of a long text, with a word on what was left out between them."""
    rows = text.strip("\n").split("\n")
    if len(rows) > lines:
        head, tail = lines // 3, lines - lines // 3
        rows = [*rows[:head], f"… {len(rows) - head - tail} lines left out …", *rows[-tail:]]
    joined = "\n".join(rows)
    if len(joined) <= chars:
        return joined
    half = chars // 2
    return f"{joined[:half]}\n… {len(joined) - 2 * half} characters left out …\n{joined[-half:]}"


def fence(text: str, info: str = "text", *, lines: int = 60, chars: int = 6000) -> Markup:
    """A fenced block that nothing inside can end; to stand at the start of a line."""
    body = clip(_harmless(text), lines=lines, chars=chars)
    bar = "`" * max(3, _longest_run(body) + 1)
    return Markup(f"{bar}{info}\n{body}\n{bar}")  # noqa: S704 - this is the place that makes text safe


def code(text: str, limit: int = 300) -> Markup:
    """A code span on one line; nothing for empty text."""
    body = shorten(re.sub(r"\s", " ", _harmless(text[: 4 * limit])), limit)
    if not body.strip():
        return Markup("")
    tick = "`" * (_longest_run(body) + 1)
    pad = " " if body[0] in "` " or body[-1] in "` " else ""
    return Markup(f"{tick}{pad}{body}{pad}{tick}")  # noqa: S704


def inline(text: object) -> Markup:
    """Words in a sentence: no markup, no mention, no reference, no link; what would be one becomes a code span."""
    if isinstance(text, Markup):
        return text
    given = _harmless(str(text)[: 4 * _SENTENCE])
    words = shorten(given, _SENTENCE).split()
    formula = sum(word.count("$") for word in words) > 1
    safe = " ".join(_word(word, risky=bool(_RISKY.search(word)) or (formula and "$" in word)) for word in words)
    before, after = (" " if edge.isspace() else "" for edge in (given[:1], given[-1:] if words else ""))
    return Markup(before + _OPENER.sub(r"\g<1>\\", safe, count=1) + after)  # noqa: S704


def cell(value: object) -> Markup:
    """The same for the cell of a table, whose pipes would end it."""
    return Markup(re.sub(r"(?<!\\)\|", r"\\|", str(inline(value)).replace("\\|", "\\&#124;")))  # noqa: S704


def issue(target: object) -> Markup:
    """A reference that is meant: the number 12 or the text `#12` links to that issue; anything else is a name."""
    found = re.fullmatch(r"#(\d{1,9})", f"#{target}" if isinstance(target, int) else str(target))
    return Markup(f"#{found[1]}") if found else code(str(target))  # noqa: S704


def meant(words: str) -> Markup:
    """Our own words about an issue, whose `#12` is meant as a reference."""
    return Markup(re.sub(r"[^\w #-]", "", words))  # noqa: S704


def scalar(value: object) -> Markup:
    """A scalar of the front matter as JSON writes it, which every reader of YAML understands."""
    plain = visible(value) if isinstance(value, str) else value
    return Markup(json.dumps(plain, ensure_ascii=False))  # noqa: S704 - it stands in no Markdown


def key(name: str) -> Markup:
    """A name of the front matter, in quotes where YAML may take it for something else."""
    return Markup(name) if re.fullmatch(r"[a-z_]{3,}", name) else scalar(name)  # noqa: S704


def heading(text: str, limit: int = 256) -> str:
    """Plain text for a title: one line, and a zero-width space wherever a tracker would see a reference."""
    text = one_line(text[: 4 * limit])
    broken = _REFERENCE.sub("\\g<0>\u200b", text)
    return shorten(broken, limit)


def _harmless(text: str) -> str:
    return _OWN_MARKS.sub("gardener_", visible(text))


def _word(word: str, *, risky: bool) -> str:
    found = _QUOTED.fullmatch(word) or (_HULL.fullmatch(word) if risky else None)
    return f"{_escape(found[1])}{code(found[2])}{_escape(found[3])}" if found else _escape(word)


def _escape(word: str) -> str:
    return _SPECIAL.sub(lambda found: _ENTITIES.get(found[0], f"\\{found[0]}"), word)


def _longest_run(text: str) -> int:
    return max(map(len, re.findall(r"`+", text)), default=0)


def _written_out(found: re.Match[str]) -> str:
    number = ord(found[0])
    if number < 0x100:
        return f"\\x{number:02x}"
    return f"\\u{number:04x}" if number < 0x10000 else f"\\U{number:08x}"


def _extends(letter: str) -> bool:
    return bool(unicodedata.combining(letter)) or letter in "\ufe0e\ufe0f" or "\U0001f3fb" <= letter <= "\U0001f3ff"
