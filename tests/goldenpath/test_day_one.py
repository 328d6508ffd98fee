"""Day one: a repository that is red already is adopted without a flood of issues, and stays honest about it."""

from pathlib import Path

import pytest
from garden import GREEN, RED, SETTINGS, Garden

pytestmark = [pytest.mark.goldenpath, pytest.mark.slow]

BASELINE = "gardener-baseline.txt"
RUN = ("run", "unit", "--no-preflight", "--format", "json")
NEW = SETTINGS.replace("[tool.gardener]\n", '[tool.gardener]\nfail_on = "new"\n')
ANOTHER = {"tests/test_more.py": "def test_more():\n    assert {}['key']\n"}


@pytest.fixture
def garden(tmp_path: Path) -> Garden:
    root = tmp_path / "repository"
    root.mkdir()
    garden = Garden(root).write(RED).write({"pyproject.toml": NEW})
    garden.commit()
    return garden


def issues(garden: Garden) -> list[str]:
    return [
        issue["title"]
        for issue in garden.gardener("issues", "list", "--state", "all", "--format", "json").data["issues"]
    ]


def kinds(run: dict[str, list[dict[str, str]]]) -> list[str]:
    return [action["kind"] for action in run["actions"]]


def test_what_was_red_at_adoption_is_held_and_only_what_breaks_after_it_is_filed(garden: Garden) -> None:
    first = garden.gardener(*RUN, "--baseline")
    assert (first.code, kinds(first.run), issues(garden)) == (0, ["hold", "hold"], [])
    assert all("known at adoption" in action["why"] for action in first.run["actions"])
    listed = (garden.root / BASELINE).read_text(encoding="utf-8")
    assert [line.split()[0] for line in listed.splitlines() if not line.startswith("#")] == ["unit", "unit"]
    garden.commit("baseline")

    second = garden.gardener(*RUN)
    assert (second.code, kinds(second.run)) == (0, ["hold", "hold"])
    worklog = Path(garden.root / second.run["worklog"]).read_text(encoding="utf-8")
    assert "2 known at adoption" in worklog

    garden.write(ANOTHER).commit("more")
    third = garden.gardener(*RUN)
    assert (third.code, sorted(kinds(third.run))) == (1, ["create", "hold", "hold"])
    assert len(issues(garden)) == 1
    told = garden.gardener("explain", first.run["findings"][0]["fingerprint"])
    assert "known at adoption" in told.out + told.err


def test_what_heals_leaves_the_list_and_is_filed_when_it_comes_back(garden: Garden) -> None:
    garden.gardener(*RUN, "--baseline")
    garden.commit("baseline")
    garden.write(GREEN).commit("mended")
    healed = garden.gardener(*RUN)
    assert (healed.code, (garden.root / BASELINE).exists()) == (0, False)
    garden.write(RED).commit("broken again")
    back = garden.gardener(*RUN)
    assert (back.code, set(kinds(back.run))) == (1, {"create"})
    assert {finding["nature"] for finding in back.run["findings"]} == {"regression"}


def test_a_lost_store_forgets_nothing_of_it(garden: Garden) -> None:
    garden.gardener(*RUN, "--baseline")
    garden.commit("baseline")
    (garden.root / ".gardener").rename(garden.root.parent / "lost")
    again = garden.gardener(*RUN, env={"CI": "true"})
    assert (again.code, kinds(again.run)) == (0, ["hold", "hold"])


def test_the_first_run_after_init_is_the_baseline(garden: Garden) -> None:
    garden.write({"pyproject.toml": '[tool.gardener]\nfail_on = "new"\n'})
    garden.gardener("init")
    assert "unit awaited" in (garden.root / BASELINE).read_text(encoding="utf-8")
    narrowed = garden.gardener(*RUN, "--match", "*test_total*")
    assert (kinds(narrowed.run), issues(garden)) == (["hold"], [])
    first = garden.gardener(*RUN)
    assert (first.code, kinds(first.run), issues(garden)) == (0, ["hold", "hold"], [])
    assert "awaited" not in (garden.root / BASELINE).read_text(encoding="utf-8")


def test_a_ci_that_throws_files_away_files_nothing_but_stays_red_until_the_list_is_committed(garden: Garden) -> None:
    garden.write({BASELINE: "unit awaited\n"}).commit()
    ended = garden.gardener(*RUN, env={"CI": "true"})
    assert (ended.code, kinds(ended.run), issues(garden)) == (1, ["hold", "hold"], [])
    assert "gardener run --baseline unit" in ended.err
    assert (garden.root / BASELINE).read_text(encoding="utf-8") == "unit awaited\n"


def test_a_line_that_a_person_takes_out_is_filed(garden: Garden) -> None:
    garden.gardener(*RUN, "--baseline")
    lines = (garden.root / BASELINE).read_text(encoding="utf-8").splitlines()
    garden.write({BASELINE: "\n".join(lines[:-1]) + "\n"})
    assert sorted(kinds(garden.gardener(*RUN).run)) == ["create", "hold"]


def test_a_rewritten_list_makes_no_tree_dirty(garden: Garden) -> None:
    garden.gardener(*RUN, "--baseline")
    garden.commit("baseline")
    garden.write({BASELINE: (garden.root / BASELINE).read_text(encoding="utf-8") + "# mine\n"})
    run = garden.gardener(*RUN).run
    assert "dirty: false" in Path(garden.root / run["worklog"]).read_text(encoding="utf-8")
