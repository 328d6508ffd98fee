"""A small repository of a test's own, and gardener run on it as a user would."""

import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

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


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """How one call of gardener ended."""

    code: int
    out: str
    err: str

    @property
    def data(self) -> Any:
        return json.loads(self.out)

    @property
    def run(self) -> Any:
        """The only run of a `gardener run --format json`."""
        (run,) = self.data["runs"]
        return run


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

    def gardener(self, *arguments: str, env: dict[str, str] | None = None) -> Ended:
        surroundings = {
            name: value for name, value in os.environ.items() if not name.startswith(("GARDENER_", "GITHUB_"))
        }
        done = subprocess.run(
            [sys.executable, "-m", "gardener", *arguments],
            cwd=self.root,
            check=False,
            env=surroundings | (env or {}),
            capture_output=True,
            text=True,
            encoding="utf-8",
            timeout=120,
        )
        return Ended(code=done.returncode, out=done.stdout, err=done.stderr)

    def tend(self, *arguments: str, env: dict[str, str] | None = None) -> Ended:
        """`gardener run unit`, answered as JSON."""
        own, _, passed_on = " ".join(arguments).partition(" -- ")
        tail = ["--", *passed_on.split()] if passed_on else []
        python = ["--python", sys.executable]
        return self.gardener("run", "unit", *python, "--format", "json", *own.split(), *tail, env=env)

    def issues(self) -> list[dict[str, Any]]:
        return list(self.gardener("issues", "list", "--state", "all", "--format", "json").data["issues"])
