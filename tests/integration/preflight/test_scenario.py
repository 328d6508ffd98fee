"""The example repository before a real engine: what cannot run is known before the first test."""

import importlib
import sys
from pathlib import Path

import pytest
from forked import call
from real_engine import Engine

pytestmark = pytest.mark.integration

DEMO = Path(__file__).parents[3] / "examples" / "demo"


def test_a_missing_folder_and_four_images_nobody_can_pull_are_two_findings(
    engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(str(DEMO))
    importlib.import_module("history").replay(tmp_path / "repository")
    asked = ("run", "integration", "--python", sys.executable, "--format", "json")
    run = call(*asked, cwd=tmp_path / "repository", env=engine.environ).run
    found = {finding["cause"]: finding for finding in run["findings"]}
    assert found["docker-build"]["severity"] == "P0"
    assert len(found["docker-build"]["blocked"]) == run["counts"]["blocked"] == 6
    assert "docker/auth.alpine.Dockerfile" in found["docker-build"]["evidence"]["message"]
    images = found["docker-image"]
    assert images["severity"] == "P1"
    assert images["evidence"]["message"].count("chat-alpine-test-frontend") == 4
    assert "docker-daemon" not in found
    assert run["counts"]["passed"] == 4
