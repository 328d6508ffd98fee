"""A GitHub in memory: npm's emulate as a process of its own, with three people in it."""

import contextlib
import json
import shutil
import subprocess
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from require import need
from standin import install
from standin.started import free_port, wait_until

PROGRAM = install.CACHE / "github-standin" / "node_modules" / "emulate" / "dist" / "index.js"
GARDENER, OWNER, STRANGER = "token-of-gardener", "token-of-owner", "token-of-stranger"
LOGINS = {GARDENER: "gardener-bot", OWNER: "owner", STRANGER: "stranger"}
SPARE = 500  # tokens of each, for a token is good for 5,000 requests
SEED = {
    "tokens": {
        f"{token}{which}": {"login": login, "scopes": ["repo", "user"]}
        for token, login in LOGINS.items()
        for which in ("", *(f"-{number}" for number in range(SPARE)))
    },
    "github": {"users": [{"login": "gardener-bot"}, {"login": "owner"}, {"login": "stranger"}]},
}


@dataclass
class StandIn:
    """The running stand-in, for what a test does behind gardener's back."""

    url: str
    made: int = 0

    def call(self, verb: str, path: str, body: Any = None, token: str = OWNER) -> Any:
        data = None if body is None else json.dumps(body).encode()
        headers = {"Authorization": f"token {self.spare(token)}", "Content-Type": "application/json"}
        request = urllib.request.Request(self.url + path, data, headers, method=verb)
        with urllib.request.urlopen(request) as answer:
            text = answer.read()
        return json.loads(text) if text else None

    def spare(self, token: str) -> str:
        """Another token of the same login for each repository."""
        return f"{token}-{self.made % SPARE}"

    def repository(self) -> str:
        """A new empty repository of the owner, in which gardener-bot collaborates."""
        self.made += 1
        name = f"r{self.made}"
        self.call("POST", "/user/repos", {"name": name})
        self.call("PUT", f"/repos/owner/{name}/collaborators/gardener-bot", {"permission": "push"})
        return f"owner/{name}"

    def issues(self, repository: str) -> list[Any]:
        found = self.call("GET", f"/repos/{repository}/issues?state=all&per_page=100&direction=asc")
        return [issue for issue in found if "pull_request" not in issue]


@contextlib.contextmanager
def running(folder: Path) -> Iterator[StandIn]:
    node = shutil.which("node")
    if node is None or not PROGRAM.exists():
        need("github", "the stand-in is not installed: python tests/standin/install.py (needs Node 20)")
    seed = folder / "seed.json"
    seed.write_text(json.dumps(SEED), encoding="utf-8")
    port = free_port()
    with (folder / "emulate.log").open("wb") as log:
        argv = [node, str(PROGRAM), "--service", "github", "--port", str(port), "--seed", str(seed)]
        process = subprocess.Popen(argv, stdout=log, stderr=log, cwd=folder)
        try:
            standin = StandIn(f"http://127.0.0.1:{port}")
            wait_until(lambda: _answers(standin), process, folder / "emulate.log")
            yield standin
        finally:
            process.kill()
            process.wait()


def _answers(standin: StandIn) -> bool:
    try:
        standin.call("GET", "/user")
    except (OSError, urllib.error.URLError):
        return False
    return True
