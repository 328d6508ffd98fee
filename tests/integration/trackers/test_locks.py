"""What people lock on GitHub is left as it is, from the plan to the last request."""

from pathlib import Path
from typing import Any

import pytest
from histories.elsewhere import Elsewhere
from histories.stage import Stage
from histories.steps import Again, Turn, Writer
from standin.github import GARDENER, StandIn
from standin.proxy import Proxy

from gardener.model.errors import IssueMoved
from gardener.trackers.github import GitHubTracker

pytestmark = [pytest.mark.integration, pytest.mark.usefixtures("no_waiting")]


@pytest.fixture
def ground(standin: StandIn, fickle: Proxy, tmp_path: Path) -> Elsewhere:
    return Elsewhere(standin, [fickle], str(tmp_path))


@pytest.fixture
def stage(ground: Elsewhere) -> Stage:
    """One cause lives and has its issue, #1."""
    stage = Stage(ground)
    stage.settle()
    return stage


def only(ground: Elsewhere) -> Any:
    (issue,) = ground.standin.issues(ground.repository)
    return issue


def test_an_open_issue_that_people_locked_is_not_written_to_until_they_unlock_it(
    stage: Stage, ground: Elsewhere, fickle: Proxy
) -> None:
    ground.decide(1, "locked")
    before = only(ground)
    fickle.seen.clear()
    stage.play([Again(Writer(), 2), Turn(0), Again(Writer(), 3)])
    assert {seen.verb for seen in fickle.seen} == {"GET"}
    assert only(ground) == before
    ground.decide(1, "unlocked")
    stage.play([Again(Writer(), 2)])
    assert only(ground)["state"] == "closed"


def test_what_is_back_under_a_closed_and_locked_issue_gets_one_new_issue_that_links_it(
    stage: Stage, ground: Elsewhere
) -> None:
    stage.play([Turn(0), Again(Writer(), 2)])
    ground.decide(1, "locked")
    before = only(ground)
    stage.play([Turn(0), Again(Writer(), 2)])
    first, second = ground.standin.issues(ground.repository)
    assert (first["state"], first["body"], first["comments"]) == ("closed", before["body"], before["comments"])
    assert second["state"] == "open"
    assert [link.to for link in ground.issues()[1].links] == [1]


def test_a_lock_between_the_look_and_the_write_is_seen(ground: Elsewhere, stage: Stage, fickle: Proxy) -> None:
    tracker = GitHubTracker(ground.repository, GARDENER, base_url=fickle.url, sleep=lambda _: None)
    seen = tracker.issue(1)
    ground.decide(1, "locked")
    with pytest.raises(IssueMoved):
        tracker.edit(1, body=f"{seen.body}\n\nmore", was=seen.body)
    assert only(ground)["body"] == seen.body
