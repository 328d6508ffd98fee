"""Puts the npm parts that integration tests need into .cache/ of the checkout: python tests/standin/install.py."""

import shutil
import subprocess
import sys
from pathlib import Path

CACHE = Path(__file__).parents[2] / ".cache"
PARTS = {
    "github-standin": "emulate@0.6.1",  # a GitHub in memory, for Node 20
    "github-openapi": "@octokit/openapi@23.0.2",  # GitHub's own description of its API
    "newer-python": "pyodide@314.0.7",  # CPython 3.14 as WebAssembly, for what only newer Pythons have
}


def install() -> None:
    npm = shutil.which("npm")
    if npm is None:
        sys.exit("npm is not installed; Node 20 or newer brings it")
    for folder, package in PARTS.items():
        quiet = ["--no-audit", "--no-fund", "--silent"]
        subprocess.run([npm, "install", *quiet, "--prefix", str(CACHE / folder), package], check=True)


if __name__ == "__main__":
    install()
