"""A small repository of a test's own, and gardener run on it as a user would."""

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from forked import Ended, call

SETTINGS = """
[tool.gardener]
[tool.gardener.focus.unit]
paths = ["tests"]
"""

RED = {
    "shop/__init__.py": "",
    "shop/cart.py": "class Cart:\n    def __init__(self, owner):\n        self.owner = owner\n\n"
    "def total(prices):\n    return sum(prices) + 1\n",
    "tests/test_cart.py": "from shop.cart import Cart, total\n\n"
    "def test_owner():\n    assert Cart().owner\n\n"
    "def test_again():\n    assert Cart().owner is None\n\n"
    "def test_total():\n    assert total([1, 2]) == 3\n\n"
    "def test_fine():\n    assert True\n",
}
GREEN = {
    "shop/cart.py": "class Cart:\n    def __init__(self, owner=None):\n        self.owner = owner\n\n"
    "def total(prices):\n    return sum(prices)\n",
    "tests/test_cart.py": RED["tests/test_cart.py"].replace("assert Cart().owner\n", "assert Cart('ada').owner\n"),
}


# only what the tests of a garden need: the many plugins of our own environment would take half a second of every run
LEAN = {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "PYTEST_PLUGINS": "pytest_jsonreport.plugin"}


class Garden:
    """A git repository in a folder of its own."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.git("init", "--quiet", "--initial-branch", "main")
        self.write({"pyproject.toml": SETTINGS, "conftest.py": "", ".gitignore": "__pycache__/\ntests/FAILING-TEST/\n"})

    def write(self, files: dict[str, str]) -> "Garden":
        for name, text in files.items():
            path = self.root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        return self

    def commit(self, message: str = "work") -> str:
        self.git("add", "--all")
        self.git("commit", "--quiet", "--allow-empty", "--message", message)
        return self.git("rev-parse", "HEAD").strip()

    def git(self, *arguments: str) -> str:
        identity = ["-c", "user.name=Ada", "-c", "user.email=ada@example.org"]
        done = subprocess.run(
            [shutil.which("git") or "git", *identity, *arguments],
            cwd=self.root,
            capture_output=True,
            text=True,
            check=True,
        )
        return done.stdout

    def wait_for_another_second(self) -> None:
        """The times of a tracker are whole seconds: what begins in that of a closing may have begun before it."""
        closing = int(time.time())
        while int(time.time()) == closing:
            pass

    def gardener(self, *arguments: str, env: dict[str, str] | None = None, first: str = "") -> Ended:
        surroundings = {
            name: value for name, value in os.environ.items() if not name.startswith(("GARDENER_", "GITHUB_"))
        }
        return call(*arguments, cwd=self.root, env=surroundings | LEAN | (env or {}), first=first)

    def tend(self, *arguments: str, env: dict[str, str] | None = None, first: str = "") -> Ended:
        """`gardener run unit`, answered as JSON."""
        own, _, passed_on = " ".join(arguments).partition(" -- ")
        tail = ["--", *passed_on.split()] if passed_on else []
        python = ["--python", sys.executable]
        return self.gardener("run", "unit", *python, "--format", "json", *own.split(), *tail, env=env, first=first)

    def issues(self) -> list[dict[str, Any]]:
        return list(self.gardener("issues", "list", "--state", "all", "--format", "json").data["issues"])
