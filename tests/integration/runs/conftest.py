"""A small repository whose tests are really run, by the interpreter of these tests, in a process of their own."""

import os
import sys
import textwrap
import time
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from gardener.model.focus import Focus
from gardener.model.run import Launched, Run
from gardener.model.text import Redactor
from gardener.readers import reader
from gardener.runs import launch as launching
from gardener.runs.launch import Order
from gardener.runs.merge import merge

# the many plugins of our own environment would take a second of every run
QUICK = {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "PYTEST_PLUGINS": "pytest_jsonreport.plugin"}


@dataclass
class Project:
    """Files of a repository, and the ways to run them."""

    root: Path
    said: list[str] = field(default_factory=list)
    launched: list[Launched] = field(default_factory=list)

    def write(self, **files: str) -> None:
        """`tests__test_a="..."` becomes tests/test_a.py."""
        for name, text in files.items():
            path = self.root / f"{name.replace('__', '/')}.py"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(textwrap.dedent(text), encoding="utf-8")

    def addopts(self, words: str) -> None:
        (self.root / "pytest.ini").write_text(f"[pytest]\naddopts = {words}\n", encoding="utf-8")

    def tell(self, line: str) -> None:
        self.said.append(line)

    def start(self, focus: Focus | None = None, **order: Any) -> Launched:
        given: dict[str, Any] = {
            "root": self.root,
            "python": sys.executable,
            "environ": os.environ | QUICK,
            "timeout_s": 60,
        }
        launched = launching.launch(Order(**(given | order)), focus or Focus(name="unit"), self.tell)
        self.launched.append(launched)
        return launched

    def run(self, focus: Focus | None = None, **order: Any) -> Run:
        launched = self.start(focus, **order)
        return merge(launched, [reader.read(Path(report), Redactor()) for report in launched.reports])


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    private = tmp_path / "private"
    private.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(private))
    root = tmp_path / "repository"
    root.mkdir()
    return Project(root)


@pytest.fixture
def hanging(project: Project, monkeypatch: pytest.MonkeyPatch) -> Project:
    """Where an hour is over once a test writes a file `hangs`: no limit comes before, however busy the machine."""
    hangs, clock = project.root / "hangs", time.monotonic
    hurried = vars(time) | {"monotonic": lambda: clock() + 3600 * hangs.exists()}
    monkeypatch.setattr("gardener.proc.time", SimpleNamespace(**hurried))
    return project
