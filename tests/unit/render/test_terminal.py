"""Terminal views: readable at any width, in any encoding, with any text."""

import io
import re
from collections.abc import Callable

import pytest
import sample
from hypothesis import given, settings
from rich.console import Console, RenderableType
from test_markdown import anything

from gardener.model.plan import Action, ActionKind, Issue, Plan
from gardener.model.run import Attempt, Check, Preflight, Status
from gardener.model.text import CleanText
from gardener.render import outline, screen, tables, terminal
from gardener.render.outline import Filed
from gardener.render.terminal import Glyphs, glyphs

pytestmark = pytest.mark.unit

STORY = sample.story()
CLOSED = next(action for action in STORY.plan.actions if action.kind is ActionKind.CLOSE)
LATER = [("20250301-090000-b2b2", outline.done(CLOSED, STORY.receipts))]
VIEWS: dict[str, Callable[[Glyphs], RenderableType]] = {
    "run": lambda signs: terminal.run_summary(STORY, signs),
    "plan": lambda signs: terminal.plan_diff(STORY.plan, signs),
    "applied": lambda signs: terminal.plan_diff(STORY.plan, signs, STORY.receipts),
    "issues": lambda signs: tables.issues_table(STORY.known, signs),
    "issue": lambda signs: terminal.issue_card(STORY.known[0], signs),
    "doctor": lambda signs: terminal.doctor(STORY.preflight, signs),
    "explain": lambda signs: terminal.explained(sample.SIGNATURE, STORY, LATER, signs),
}


def printed(view: Callable[[Glyphs], RenderableType], encoding: str = "utf-8", width: int = 100) -> str:
    raw = io.BytesIO()
    with io.TextIOWrapper(raw, encoding=encoding, newline="") as stream:
        Console(file=stream, width=width).print(view(glyphs(encoding)))
        stream.flush()
        return raw.getvalue().decode(encoding)


def test_a_run_is_told_worst_first_with_what_became_of_each_finding() -> None:
    text = printed(VIEWS["run"])
    assert text.startswith("FAILING checkout: 8 of 24 tests red, 3 blocked, 1 not reached, from 6 root causes")
    assert re.findall(r"^(P\d) ", text, re.MULTILINE) == ["P0", "P1", "P1", "P2", "P2", "P2", "P3"]
    assert "   4 tests · signature · regression · shop/cart.py:52 · escalated #12" in text
    assert "   gardener preflight checkout --fix" in text


def test_a_plan_reads_as_a_diff() -> None:
    signs = re.findall(r"^(\S) (\S+)", printed(VIEWS["plan"]), re.MULTILINE)
    assert signs == [
        ("+", "create"), ("↑", "escalate"), ("?", "link"), ("+", "create"), ("+", "create"), ("~", "update"),
        ("=", "hold"), ("~", "update"), ("✓", "close"),
    ]  # fmt: skip


def test_a_plan_that_was_applied_says_what_became_of_it() -> None:
    text = printed(VIEWS["applied"])
    assert "+ filed #20 P0 The image of checkout" in text
    assert "+ could not be filed P2 The payment gateway" in text
    assert "502 from the tracker" in text


def test_an_empty_plan_says_so() -> None:
    assert "Nothing to do" in printed(lambda signs: terminal.plan_diff(Plan(run="x"), signs))


def test_the_doctor_names_what_is_needed_and_what_mends_it() -> None:
    text = printed(VIEWS["doctor"])
    assert "✓ engine: Docker 27.3 answers\n" in text
    assert "✗ build-context (checkout): checkout.Dockerfile:31" in text
    assert (
        "    at: docker/checkout.Dockerfile:31\n    blocks: 3 tests\n    try: gardener preflight checkout --fix\n"
        in text
    )
    assert "tried docker compose build checkout: exit code 1" in text


def test_an_explanation_gives_each_decision_with_its_reason_and_the_runner_up() -> None:
    text = printed(VIEWS["explain"], width=200)
    for fact in (
        "cause       signature: the words missing 1 required positional argument",
        "runner-up   exception.other: later in the table",
        "nature      regression: its tests passed in the run of 26 February",
        "suspect     51d3a8e2907b Carts know their currency (Mira Okafor)",
        "action      escalated #12: P2 → P1",
        "later       20250301-090000-b2b2 closed #",
    ):
        assert fact in text


@pytest.mark.parametrize("name", VIEWS)
@pytest.mark.parametrize("encoding", ["ascii", "cp1252", "cp437"])
def test_every_view_can_be_printed_on_a_poor_stream(name: str, encoding: str) -> None:
    assert printed(VIEWS[name], encoding)
    assert "\\u" not in printed(VIEWS[name], encoding)


def test_plain_signs_stand_in_where_others_cannot_be_had() -> None:
    assert [line[0] for line in printed(VIEWS["plan"], "ascii").splitlines()[::2]] == list("+^?++~=~+")


def test_a_stream_without_a_known_encoding_is_taken_for_ascii() -> None:
    assert glyphs(None).encoding == glyphs("no-such-encoding").encoding == "ascii"


@pytest.mark.parametrize("name", VIEWS)
def test_every_view_fits_a_narrow_terminal(name: str) -> None:
    assert all(len(line) <= 40 for line in printed(VIEWS[name], width=40).splitlines())


def noisy_views(text: str) -> dict[str, Callable[[Glyphs], RenderableType]]:
    finding = sample.noisy(text)
    dirty = CleanText(text)
    told = sample.story(findings=(finding,), invocation=text, verdict=text)
    action = Action(kind=ActionKind.CREATE, why=text, finding=finding)
    check = Check(id=text, status=Status.BLOCK, found=dirty, needed=text, why=text, remedy=text, location=text)
    checks = Preflight(checks=(check,), attempts=(Attempt(command=text, result=text, error=dirty),))
    return {
        "run": lambda signs: terminal.run_summary(told, signs),
        "plan": lambda signs: terminal.plan_diff(Plan(run="x", actions=(action,), warnings=(text,)), signs),
        "issue": lambda signs: terminal.issue_card(Issue(number=1, title=text, body=text, labels=(text,)), signs),
        "issues": lambda signs: tables.issues_table([Issue(number=1, title=text)], signs),
        "doctor": lambda signs: terminal.doctor(checks, signs),
        "explain": lambda signs: terminal.explained(finding, STORY, [("later", Filed(action=action))], signs),
    }


@given(anything)
@settings(max_examples=40)
def test_any_text_is_printed_without_terminal_codes(text: str) -> None:
    for view in noisy_views(text or "x").values():
        assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u200b]", printed(view, width=300))


def test_markup_in_a_message_is_text() -> None:
    assert "[bold red]x[/] [link=x]" in printed(noisy_views("[bold red]x[/] [link=x] :smile:")["run"])


@pytest.mark.parametrize(
    "command", ["::set-output name=x::y", "::add-mask::x", "::stop-commands::x", "##[group]x", "::Error::x"]
)
def test_a_workflow_command_in_a_message_is_not_obeyed(command: str) -> None:
    for view in noisy_views(f"a\r{command}\n{command}").values():
        for line in printed(view, width=60).splitlines():
            assert not re.match(r"\s*::(set-output|add-mask|stop-commands|error)\b", line, re.IGNORECASE)
            assert "##[" not in line


def test_nothing_is_cut_where_the_output_is_piped() -> None:
    raw = io.StringIO()
    long = "x" * 300
    Console(file=raw, width=80, soft_wrap=True).print(
        terminal.issue_card(Issue(number=1, title=long, body=long), glyphs("ascii"))
    )
    Console(file=raw, width=80, soft_wrap=True).print(
        terminal.explained(sample.noisy(long), STORY, (), glyphs("ascii"))
    )
    assert raw.getvalue().count(long) >= 8
    assert not re.search(r"(?<!x)x{2,299}(?!x)", raw.getvalue())


def test_node_ids_are_left_alone() -> None:
    assert (
        glyphs("utf-8").text("tests/test_a.py::TestErrors::test_group").plain
        == "tests/test_a.py::TestErrors::test_group"
    )


def test_a_table_in_a_pipe_is_not_folded_to_the_width_of_a_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    row = ("focus.unit.docker.fixtures", "a value that takes more columns than are left", "pyproject.toml")
    screen.show(lambda signs: tables.settings_table([row], signs))
    assert "  ".join(row) in capsys.readouterr().out
