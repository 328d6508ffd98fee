"""Whatever a test prints, the Markdown around it keeps its layout and nothing acts."""

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token

from gardener.model.text import units
from gardener.render.markdown import cell, clip, code, fence, heading, inline, issue, one_line, shorten, visible

pytestmark = pytest.mark.unit

NASTY = (
    "@octocat", "@org/team", "#1", "GH-1", "owner/repo#1", "https://github.com/o/r/issues/1", "a" * 40, "Fixes #12",
    "```", "`" * 10, "~~~", "</details>", "<!--", "<h1>", "![](http://evil/x.png)", "[x](javascript:alert(1))",
    "<script>alert(1)</script>", "{{7*7}}", "{% include 'x' %}", "gardener-key: v1:" + "0" * 16,
    "<!-- gardener:begin -->", "<!-- gardener:end -->", "<!-- gardener-state: {} -->", "\x1b[31m", "\u202e", "\u200b",
    "\ufeff", "\x00", "\udc80", "\U000e0041", "\r", "\r\n", "\u2028", "\n\n", "\n# head\n", "- ", "> ", "1. ", "|",
    "\\|", "|---|---|", "===", "---", "***", "_x_", "**x**", "&amp;", "&#64;octocat", "$x$", "\t", "    code", "\\",
    "www.x.org", "::error::", "##[group]", "e\u0301", "👩🏽", "🇩🇪", "[^1]", "- [ ] x", "<a@b.c>", "a@b.c", "`a",
    "\n## Issue actions\n",
)  # fmt: skip
texts = st.lists(st.one_of(st.sampled_from(NASTY), st.text(max_size=12)), max_size=12).map("".join)
spaced = st.lists(st.one_of(st.sampled_from(NASTY), st.text(max_size=8)), max_size=12).map(" ".join)
anything = st.one_of(texts, spaced)

# what GitHub would act on in text that is not code
ACTS = re.compile(r"@\w|#\d|\bGH-\d|://|\bwww\.|\b[0-9a-f]{7,64}\b", re.IGNORECASE)
OWN = re.compile(r"gardener[:-](begin|end|state|key)", re.IGNORECASE)


def parsed(text: str) -> list[Token]:
    return MarkdownIt("commonmark").enable(["table", "strikethrough"]).parse(text)


def pieces(token: Token) -> list[Token]:
    return token.children or []


def shown(tokens: list[Token]) -> str:
    """What a reader sees of inline tokens."""
    return "".join(token.content for token in tokens if token.type in {"text", "code_inline", "text_special"})


def assert_harmless(tokens: list[Token]) -> None:
    """Only words and code spans, and nothing outside code that a tracker acts on."""
    assert {token.type for token in tokens} <= {"text", "code_inline", "text_special"}
    for token in tokens:
        if token.type != "code_inline":
            assert not ACTS.search(token.content), token.content


@given(anything)
@example("12. x")
@example("- - -")
@example("#")
@example("a\\|b @x|y")
def test_words_in_a_sentence_stay_one_paragraph_of_words_and_code(text: str) -> None:
    for source in (str(inline(text)), f"before {inline(text)} after"):
        tokens = parsed(source)
        assert [token.type for token in tokens] in ([], ["paragraph_open", "inline", "paragraph_close"])
        assert_harmless([child for token in tokens for child in pieces(token)])


@given(anything)
def test_no_word_is_lost_in_a_sentence(text: str) -> None:
    tokens = [child for token in parsed(f"x {inline(text)} x") for child in pieces(token)]
    expected = OWN.sub(lambda found: re.sub("[:-]", "_", found[0], count=1), visible(text))
    # a word in backticks is shown as code, without them
    assert "".join(shown(tokens).replace("`", "").split()) == "".join(f"x{expected}x".replace("`", "").split())


@given(anything)
def test_a_fence_cannot_be_ended_from_inside(text: str) -> None:
    tokens = parsed(f"before\n\n{fence(text)}\n\nafter")
    assert [token.type for token in tokens if token.level == 0] == [
        "paragraph_open", "paragraph_close", "fence", "paragraph_open", "paragraph_close",
    ]  # fmt: skip
    held = next(token for token in tokens if token.type == "fence")
    assert not OWN.search(held.content)
    assert held.info == "text"


@given(anything)
@example("`" * 10)
def test_a_code_span_is_one_code_span(text: str) -> None:
    if not code(text):
        return
    children = [child for token in parsed(f"a {code(text)} b") for child in pieces(token)]
    assert [child.type for child in children] == ["text", "code_inline", "text"]


@given(anything, anything)
def test_a_table_keeps_its_cells(left: str, right: str) -> None:
    tokens = parsed(f"| a | b | c |\n|---|---|---|\n| {cell(left)} | {cell(code(right))} | end |\n")
    cells = [token for token in tokens if token.type == "inline"][3:]
    assert len(cells) == 3
    assert cells[-1].content == "end"
    assert_harmless([child for each in cells for child in pieces(each)])


@given(anything, st.integers(min_value=2, max_value=40))
def test_a_shortened_text_fits_and_ends_between_characters(text: str, limit: int) -> None:
    text = one_line(text)
    short = shorten(text, limit)
    assert units(short) <= limit
    if short != text:
        kept = short.removesuffix("…")
        assert text.startswith(kept)
        rest = text[len(kept) :].lstrip()
        assert not rest.startswith(("\u0301", "\U0001f3fd"))


def test_flags_are_not_cut_in_two() -> None:
    assert shorten("🇩🇪🇫🇷🇮🇹", 9) == "🇩🇪🇫🇷…"
    assert shorten("🇩🇪🇫🇷🇮🇹", 8) == "🇩🇪…"


@given(anything)
def test_a_title_is_one_short_line_without_references(text: str) -> None:
    line = heading(text)
    assert units(line) <= 256
    assert line == " ".join(line.split())
    assert not re.search(r"@\w|#\d|://\S+/issues/|\b[0-9a-f]{40}\b", line)
    assert not re.search("[\u202a-\u202e\u2066-\u2069\x00-\x1f]", line)


def test_traps_are_written_out() -> None:
    assert visible("a\u202eb\x00c\udc80d\U000e0041") == "a\\u202eb\\x00c\\udc80d\\U000e0041"
    assert visible("a\rb\r\nc") == "a\nb\nc"


def test_a_long_text_keeps_head_and_tail_and_says_what_is_missing() -> None:
    short = clip("\n".join(f"line {number}" for number in range(100)), lines=9, chars=1000)
    assert short.startswith("line 0\nline 1\nline 2\n… 91 lines left out …\nline 94")
    assert short.endswith("line 99")
    assert "characters left out" in clip("x" * 100, lines=5, chars=20)


def test_a_huge_text_is_fenced_in_little_time() -> None:
    assert len(fence("`" * 5_000_000)) < 20_000
    assert len(fence("\n" * 5_000_000)) < 20_000


def test_names_stay_readable() -> None:
    assert inline("agent_started is 1.5 s late in __init__, see tests/a_b.py (-1)") == (
        "agent_started is 1.5 s late in \\_\\_init\\_\\_, see tests/a_b.py (-1)"
    )
    assert inline("see (#12), by @me.") == "see (`#12`), by `@me`."
    assert inline("test_order[3] of ['a.B'] with `config` `") == "test_order[3] of ['a.B'] with `config` \\`"
    assert inline("[a b](c) [x]: d") == "[a b\\](c) \\[x\\]: d"


def test_a_reference_that_is_meant_links() -> None:
    assert issue(12) == issue("#12") == "#12"
    assert issue("v1:" + "a" * 16) == "`v1:" + "a" * 16 + "`"
    assert issue("#12 and more") == "`#12 and more`"
