"""A GitHub that cannot be used: nothing is created, the worklog is whole, and the exit code is 4."""

from pathlib import Path
from typing import Any

import pytest
from garden import RED, Garden
from standin.github import GARDENER, StandIn
from standin.proxy import Proxy

pytestmark = pytest.mark.integration

REPO = r"/repos/.*/issues\?"
ARCHIVED = {"message": "Repository was archived so is read-only."}
MOVED = {"Location": "https://api.github.com/repositories/1/issues"}
DAYS: list[tuple[str, dict[str, Any], str]] = [
    ("a token that is not accepted", {"path": "", "status": 401, "body": {"message": "Bad credentials"}}, "401"),
    ("a login page", {"status": 200, "body": "<html>log in</html>"}, "not answer like GitHub"),
    ("a repository that vanished", {"status": 404, "body": {"message": "Not Found"}}, "404"),
    ("issues turned off", {"status": 410, "body": {"message": "Issues are disabled"}}, "410"),
    ("a repository that was renamed", {"status": 301, "headers": MOVED}, "moved"),
    ("JSON that ends in the middle", {"how": "truncate", "change": lambda _: [{"number": 1}]}, "GitHub answered 200"),
    ("JSON of something else", {"status": 200, "body": {"message": "hello"}}, "not answer like GitHub"),
]
PARAMS = [pytest.param(*day[1:], id=day[0], marks=[pytest.mark.slow] * (place > 1)) for place, day in enumerate(DAYS)]


@pytest.fixture
def garden(tmp_path: Path, standin: StandIn, fickle: Proxy) -> Garden:
    """Red, with its issues on GitHub already."""
    repository = standin.repository()
    root = tmp_path / "repository"
    root.mkdir()
    settings = f'tracker = "github:{repository}"\ngithub_url = "{fickle.url}"\napply = "always"\n'
    garden = Garden(root).write(RED)
    garden.write({"pyproject.toml": f'[tool.gardener]\n{settings}[tool.gardener.focus.unit]\npaths = ["tests"]\n'})
    garden.commit()
    return garden


def worklog(garden: Garden) -> str:
    (written,) = (garden.root / "tests" / "FAILING-TEST" / "gardener").glob("*.md")
    return written.read_text(encoding="utf-8")


@pytest.mark.parametrize(("fault", "said"), PARAMS)
def test_a_tracker_that_cannot_be_read_is_not_written(
    garden: Garden, fickle: Proxy, fault: dict[str, Any], said: str
) -> None:
    fickle.fault("GET", **({"path": REPO, "times": 99, "committed": False} | fault))
    ended = garden.tend(env={"GITHUB_TOKEN": GARDENER}, first="retries_come_at_once")
    assert ended.code == 4, ended.err
    assert [seen.verb for seen in fickle.seen if seen.verb != "GET"] == []
    assert said in ended.err + ended.out
    assert "Traceback" not in ended.err
    text = worklog(garden)
    assert "Cart" in text
    assert said in text
    assert {action["kind"] for action in ended.run["actions"]} == {"hold"}


def test_an_archived_repository_takes_no_issue_and_the_findings_stay(garden: Garden, fickle: Proxy) -> None:
    fickle.fault("POST|PATCH", "", times=99, status=403, body=ARCHIVED, committed=False)
    ended = garden.tend(env={"GITHUB_TOKEN": GARDENER}, first="retries_come_at_once")
    assert ended.code == 4, ended.err
    assert {action["outcome"] for action in ended.run["actions"]} == {"failed"}
    assert "archived" in worklog(garden)


@pytest.mark.slow  # GitHub asks for a second between two writes, and gardener keeps to it
def test_an_empty_list_where_issues_are_known_is_not_believed(garden: Garden, fickle: Proxy, standin: StandIn) -> None:
    token = {"GITHUB_TOKEN": GARDENER}
    assert garden.tend(env=token).code == 1
    fickle.seen.clear()
    fickle.fault("GET", REPO, times=99, change=lambda _: [])
    ended = garden.tend(env=token)
    assert ended.code == 4, ended.err
    assert [seen.verb for seen in fickle.seen if seen.verb != "GET"] == []
    assert "lacks #1" in ended.err + ended.out
