"""report.html: small, closed, escaped; the same page whatever a test prints."""

import base64
import hashlib
import re
from html.parser import HTMLParser

import pytest
import sample
from hypothesis import given, settings
from test_markdown import anything

from gardener.model.plan import Action, ActionKind, Done, Issue, Plan, Receipt
from gardener.model.story import Fact, Story
from gardener.render.html import prose, report

pytestmark = pytest.mark.unit

TEMPLATES = sample.TEMPLATES
PAGE = report(sample.story(), TEMPLATES)


class Skeleton(HTMLParser):
    """The tags of a page with the names of their attributes, and where its links lead."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[tuple[str, ...]] = []
        self.links: list[str] = []
        self.ids: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, *(name for name, _ in attrs)))
        self.links += [value or "" for name, value in attrs if name in {"href", "src", "xlink:href"}]
        self.ids += [value or "" for name, value in attrs if name == "id"]


def skeleton(page: str) -> Skeleton:
    read = Skeleton()
    read.feed(page)
    return read


def noisy_story(text: str) -> Story:
    finding = sample.noisy(text)
    action = Action(kind=ActionKind.UPDATE, why=text, fingerprint=str(finding.fingerprint), finding=finding, number=1)
    return sample.story(
        findings=(finding,),
        plan=Plan(run=sample.RUN, actions=(action,), warnings=(text,)),
        receipts=(Receipt(action=action, outcome=Done.DONE, number=1),),
        run=sample.run(branch=text, command=text, notes=(text,)),
        held=(Fact(label=text, value=text),),
        artifacts=(Fact(label=text, value=text),),
        known=(),
        session=text,
        invocation=text,
        verdict=text,
    )


def test_the_headline_tells_how_many_red_tests_come_from_how_many_causes() -> None:
    assert "<h1>8 of 24 tests red, 3 blocked, 1 not reached, from 6 root causes (1 flaky).</h1>" in PAGE


def test_what_is_worst_and_what_became_of_it_stand_at_the_top() -> None:
    top = PAGE.split("</header>")[0]
    assert "The image of checkout cannot be built" in top
    assert "2 filed, 1 escalated, 1 could not be filed, 2 updated, 1 held back, 1 closed" in top


def test_every_anchor_leads_somewhere() -> None:
    read = skeleton(PAGE)
    assert all(link.startswith("#") for link in read.links)
    assert {link.removeprefix("#") for link in read.links} <= set(read.ids)
    assert len(read.ids) == len(set(read.ids))


def test_the_page_has_no_script_and_loads_nothing() -> None:
    tags = {tag[0] for tag in skeleton(PAGE).tags}
    assert not tags & {"script", "img", "link", "iframe", "object", "form", "video", "base"}
    assert not re.search(r"\bstyle=|url\(|@import|\bon[a-z]+=", PAGE.replace("stylesheet", ""))


def test_the_policy_allows_the_style_by_its_hash_and_nothing_else() -> None:
    style = PAGE.split("<style>")[1].split("</style>")[0]
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'" in PAGE


def test_the_page_is_small() -> None:
    assert len(PAGE.encode()) < 60_000


@given(anything)
@settings(max_examples=30)
def test_no_text_of_a_test_becomes_a_tag_or_an_attribute(text: str) -> None:
    plain, noisy = (skeleton(report(noisy_story(each), TEMPLATES)) for each in ("x", f"x{text}"))
    assert set(noisy.tags) <= set(plain.tags)
    assert [tag for tag in noisy.tags if tag[0] == "section"] == [tag for tag in plain.tags if tag[0] == "section"]
    assert not [link for link in noisy.links if not link.startswith("#")]


def test_markup_in_a_message_is_shown_and_not_obeyed() -> None:
    page = report(noisy_story("<script>alert(1)</script><img src=x onerror=alert(1)></details>"), TEMPLATES)
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "<script" not in page


def test_what_a_person_wrote_in_the_matched_issue_is_shown_as_markdown_without_html() -> None:
    said = str(prose(sample.KNOWN[0]))
    assert "<strong>currency</strong>" in said
    assert "<li>totals</li>" in said
    assert "&lt;script&gt;" in said
    assert "What stands in #12 (Carts break when they are opened)" in PAGE


@pytest.mark.parametrize(
    "body",
    [
        "![x](data:image/svg+xml,x)",
        "[x](javascript:alert(1))",
        "<svg onload=alert(1)>",
        '<a href="x">y</a>',
        "<!-- x -->",
    ],
)
def test_an_issues_text_cannot_act(body: str) -> None:
    said = str(prose(Issue(number=1, title="", body=body)))
    assert not skeleton(said).links
    assert {tag[0] for tag in skeleton(said).tags} <= {"p", "!"}


def test_a_picture_in_an_issue_is_not_fetched() -> None:
    said = str(prose(Issue(number=1, title="", body="![x](http://evil/x.png)")))
    assert {tag[0] for tag in skeleton(said).tags} == {"p", "a"}


def test_gardeners_own_block_is_not_shown_as_a_persons_words() -> None:
    body = "Broken.\n\n<!-- gardener:begin -->\nx\n\n<!-- gardener-state: {} -->\ngardener-key: v1:" + "a" * 16
    said = prose(Issue(number=1, title="", body=f"{body}\n<!-- gardener:end -->"))
    assert said == "<p>Broken.</p>\n"


def test_a_thousand_findings_make_a_page_that_still_opens() -> None:
    many = tuple(sample.noisy("x" * 50, keys=(sample.Key(scheme="v1", digest=f"{n:016x}"),)) for n in range(1000))
    page = report(sample.story(findings=many), TEMPLATES)
    assert len(page) < 5_000_000
    assert "… and 985 more below." in page


def test_a_run_with_nothing_in_it_still_makes_a_page() -> None:
    empty = sample.run(cases=(), counts=type(sample.run().counts)(), loose=())
    page = report(
        sample.story(run=empty, findings=(), plan=Plan(run="x"), receipts=(), verdict="nothing ran"), TEMPLATES
    )
    assert "<h1>Nothing ran.</h1>" in page
    assert "<p>None.</p>" in page
