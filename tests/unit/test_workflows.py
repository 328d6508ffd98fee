"""The workflows: what runs on a pull request can write nothing, and the matrix comes from nox."""

from pathlib import Path
from typing import Any

import pytest
import yaml

pytestmark = pytest.mark.unit

WORKFLOWS = sorted((Path(__file__).parents[2] / ".github" / "workflows").glob("*.yml"))


def jobs() -> list[Any]:
    return [
        pytest.param(workflow, job, id=f"{path.stem}-{name}")
        for path in WORKFLOWS
        for workflow in [yaml.safe_load(path.read_text(encoding="utf-8"))]
        for name, job in workflow["jobs"].items()
    ]


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_nothing_may_be_written_unless_a_job_says_so(path: Path) -> None:
    workflow = yaml.safe_load(path.read_text(encoding="utf-8"))
    assert workflow["permissions"] == {"contents": "read"}
    # YAML 1.1 reads the key `on` as true
    assert "pull_request_target" not in workflow[True]


@pytest.mark.parametrize(("workflow", "job"), jobs())
def test_a_job_that_may_write_never_runs_on_a_pull_request(workflow: Any, job: Any) -> None:
    if "write" in job.get("permissions", {}).values():
        assert job["if"] == "github.event_name != 'pull_request'"


@pytest.mark.parametrize(("workflow", "job"), jobs())
def test_no_script_holds_an_expression_that_a_stranger_could_fill(workflow: Any, job: Any) -> None:
    assert not [step["run"] for step in job["steps"] if "${{" in step.get("run", "")]


def test_the_garden_has_one_job_per_session_of_nox() -> None:
    garden = yaml.safe_load((WORKFLOWS[0].parent / "garden.yml").read_text(encoding="utf-8"))["jobs"]
    listing = next(step["run"] for step in garden["focuses"]["steps"] if step.get("id") == "list")
    assert "nox --list --json --tags garden" in listing
    for name in ("look", "tend"):
        assert garden[name]["strategy"]["matrix"] == {"session": "${{ fromJSON(needs.focuses.outputs.sessions) }}"}
