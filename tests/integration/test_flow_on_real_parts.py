"""The whole flow with other people's parts: issues on a GitHub, memory in PostgreSQL."""

from pathlib import Path

import pytest
from garden import GREEN, RED, Garden
from standin import github

pytestmark = pytest.mark.integration


def garden_with(folder: Path, settings: str) -> Garden:
    root = folder / "repository"
    root.mkdir()
    garden = Garden(root).write(RED)
    garden.write({"pyproject.toml": f'[tool.gardener]\n{settings}\n[tool.gardener.focus.unit]\npaths = ["tests"]\n'})
    garden.commit("red")
    return garden


@pytest.fixture
def on_github(tmp_path: Path, standin: github.StandIn) -> tuple[Garden, github.StandIn, str]:
    repository = standin.repository()
    settings = f'tracker = "github:{repository}"\ngithub_url = "{standin.url}"'
    return garden_with(tmp_path, settings), standin, repository


TOKEN = {"GITHUB_TOKEN": github.GARDENER}


@pytest.mark.slow  # GitHub asks for a second between two writes, and gardener keeps to it
def test_a_red_repository_has_one_issue_per_cause_on_github_and_a_second_run_files_none(
    on_github: tuple[Garden, github.StandIn, str],
) -> None:
    garden, standin, repository = on_github
    first = garden.tend("--apply", env=TOKEN)
    assert first.code == 1, first.err
    filed = standin.issues(repository)
    assert len(filed) == 2
    assert all("gardener-key: v1:" in issue["body"] for issue in filed)
    second = garden.tend("--apply", env=TOKEN)
    assert {action["kind"] for action in second.run["actions"]} == {"update"}
    assert len(standin.issues(repository)) == 2


@pytest.mark.slow  # the same
def test_an_empty_store_with_a_full_tracker_leads_to_the_same_actions(
    on_github: tuple[Garden, github.StandIn, str],
) -> None:
    garden, standin, repository = on_github
    garden.tend("--apply", env=TOKEN)
    garden.write(GREEN).commit("mended")
    for _ in range(3):
        for file in (garden.root / ".gardener").glob("gardener.db*"):
            file.unlink()
        garden.tend("--apply", env=TOKEN)
    assert {issue["state"] for issue in standin.issues(repository)} == {"closed"}


@pytest.mark.slow  # three runs
def test_on_github_too_only_what_breaks_after_adoption_is_filed_whatever_became_of_the_store(
    on_github: tuple[Garden, github.StandIn, str],
) -> None:
    garden, standin, repository = on_github
    adopted = garden.tend("--apply", "--baseline", env=TOKEN)
    assert {action["kind"] for action in adopted.run["actions"]} == {"hold"}
    garden.write({"tests/test_more.py": "def test_more():\n    assert {}['key']\n"}).commit("with the baseline")
    (garden.root / ".gardener").rename(garden.root.parent / "lost")
    garden.tend(env={**TOKEN, "CI": "true"})
    (issue,) = standin.issues(repository)
    assert "test_more" in issue["body"]


def test_outside_ci_nothing_is_written_to_github_and_it_is_said(
    on_github: tuple[Garden, github.StandIn, str],
) -> None:
    garden, standin, repository = on_github
    ended = garden.tend(env=TOKEN)
    assert ended.code == 1, ended.err
    assert {action["outcome"] for action in ended.run["actions"]} == {"simulated"}
    assert "no CI" in ended.run["actions"][0]["error"]
    assert standin.issues(repository) == []


def test_the_token_is_in_no_file_that_stays_and_in_no_output(on_github: tuple[Garden, github.StandIn, str]) -> None:
    garden, _, _ = on_github
    garden.write({"tests/test_leak.py": "import os\ndef test_leak():\n    assert not os.environ.get('GITHUB_TOKEN')\n"})
    ended = garden.tend(env=TOKEN)
    kept = [path for path in garden.root.rglob("*") if path.is_file() and ".git/" not in path.as_posix()]
    assert github.GARDENER not in ended.out + ended.err
    assert not [path for path in kept if github.GARDENER.encode() in path.read_bytes()]


def test_a_github_that_does_not_answer_loses_nothing_and_ends_with_4(tmp_path: Path) -> None:
    settings = 'tracker = "github:owner/shop"\ngithub_url = "http://127.0.0.1:9"'
    ended = garden_with(tmp_path, settings).tend("--apply", env=TOKEN, first="retries_come_at_once")
    assert ended.code == 4, ended.err
    assert {action["kind"] for action in ended.run["actions"]} == {"hold"}
    assert len(ended.run["findings"]) == 2
    assert "Traceback" not in ended.err


def test_the_memory_may_lie_in_postgresql(tmp_path: Path, postgres_url: str) -> None:
    garden = garden_with(tmp_path, f'store = "{postgres_url}"')
    assert garden.tend().code == 1
    again = garden.tend()
    assert {action["kind"] for action in again.run["actions"]} == {"update"}
    assert len(garden.issues()) == 2
