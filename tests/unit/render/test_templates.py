"""Templates: who comes first, what is made harmless, and what a repository's own template may do."""

from pathlib import Path

import pytest
import sample

from gardener.model.errors import ConfigurationError
from gardener.render.engine import Templates
from gardener.render.worklog import worklog

pytestmark = pytest.mark.unit


def own(folder: Path, text: str, name: str = "own.md.j2") -> Templates:
    (folder / name).write_text(text, encoding="utf-8")
    return Templates(folder)


def test_the_repositorys_own_template_comes_first(tmp_path: Path) -> None:
    text = worklog(sample.story(), own(tmp_path, "# Ours: {{ story.focus.name }}", "worklog.md.j2"))
    assert text.endswith("# Ours: checkout\n")


def test_a_template_that_is_not_overridden_is_the_packaged_one(tmp_path: Path) -> None:
    assert "## Next steps" in worklog(sample.story(), Templates(tmp_path))


def test_data_is_never_a_template() -> None:
    finding = sample.noisy("{{7*7}} {% include 'x' %} {{''.__class__}}")
    text = worklog(sample.story(findings=(finding,)), Templates())
    assert "{{7\\*7}} {% include 'x' %}" in text
    assert "49" not in text


def test_what_a_markdown_template_prints_is_made_harmless(tmp_path: Path) -> None:
    said = own(tmp_path, "{{ text }}").markdown("own.md.j2", text="**x** @octocat <b>")
    assert said == "\\*\\*x\\*\\* `@octocat` &lt;b>\n"


def test_what_an_html_template_prints_is_escaped(tmp_path: Path) -> None:
    said = own(tmp_path, "{{ text }}", "own.html.j2").html("own.html.j2", text="<b>\x00\u202e")
    assert said == "&lt;b&gt;\\x00\\u202e"


@pytest.mark.parametrize(
    "text",
    [
        "one\n{{ ''.__class__.__mro__ }}",
        "one\n{{ missing }}",
        "one\n{% for %}",
        "one\n{{ 1 / 0 }}",
        "one\n{{ story.run.nothing.like_this }}",
        "one\n{% include 'not-there.j2' %}",
    ],
)
def test_a_fault_in_a_repositorys_template_names_file_and_line(tmp_path: Path, text: str) -> None:
    with pytest.raises(ConfigurationError, match=r"own\.md\.j2:2 ") as caught:
        own(tmp_path, text).markdown("own.md.j2", story=sample.story())
    assert "packaged template" in caught.value.hint


def test_a_repositorys_template_reaches_no_object_behind_its_data(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="SecurityError"):
        own(tmp_path, "{{ story.__class__.__subclasses__() }}").markdown("own.md.j2", story=sample.story())


def test_a_fault_of_the_house_is_not_blamed_on_the_repository(tmp_path: Path) -> None:
    with pytest.raises(Exception, match="story") as caught:
        Templates(tmp_path).markdown("worklog.md.j2")
    assert not isinstance(caught.value, ConfigurationError)
