"""The example repository before a real engine: what cannot run is known before the first test."""

import importlib
import json
import subprocess
import sys
from pathlib import Path

import pytest
from real_engine import Engine

pytestmark = pytest.mark.integration

DEMO = Path(__file__).parents[3] / "examples" / "demo"


def test_a_missing_folder_and_four_images_nobody_can_pull_are_two_findings(
    engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(str(DEMO))
    importlib.import_module("history").replay(tmp_path / "repository")
    argv = [sys.executable, "-m", "gardener", "run", "integration", "--python", sys.executable, "--format", "json"]
    ended = subprocess.run(
        argv, cwd=tmp_path / "repository", env=engine.environ, capture_output=True, encoding="utf-8", check=False
    )
    (run,) = json.loads(ended.stdout)["runs"]
    found = {finding["cause"]: finding for finding in run["findings"]}
    assert found["docker-build"]["severity"] == "P0"
    assert len(found["docker-build"]["blocked"]) == run["counts"]["blocked"] == 6
    assert "docker/auth.alpine.Dockerfile" in found["docker-build"]["evidence"]["message"]
    images = found["docker-image"]
    assert images["severity"] == "P1"
    assert images["evidence"]["message"].count("chat-alpine-test-frontend") == 4
    assert "docker-daemon" not in found
    assert run["counts"]["passed"] == 4
