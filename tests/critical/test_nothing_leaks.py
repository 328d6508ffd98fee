"""No secret that tests print reaches what gardener keeps or shows: worklog, report, database, JSON, terminal."""

import base64
import os
import sys
from pathlib import Path

import pytest
from forked import call
from garden import LEAN

pytestmark = pytest.mark.critical

VALUE = "q7-Zk/41+value==x9"
GITHUB = "ghp_" + "Ab1" * 12
JWT = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N"
KEY = "MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC7"
PASSWORD = "Tr0ub4dor"
SECRETS = (VALUE, base64.b64encode(VALUE.encode()).decode(), GITHUB, JWT, KEY, PASSWORD, "hooks/T00/B00/Xx9")

TESTS = f"""
import base64, logging, sys, warnings
import pytest

VALUE = {VALUE!r}
OTHERS = [{GITHUB!r}, {JWT!r}, "-----BEGIN PRIVATE KEY-----\\n{KEY}\\n-----END PRIVATE KEY-----",
          "postgresql://app:{PASSWORD}@db:5432/app", "https://hooks.slack.com/services/{SECRETS[-1][6:]}"]

logging.getLogger("start").warning("SSOT WARNING: Found other secret classes: [%s]", VALUE)

@pytest.mark.parametrize("secret", [VALUE, *OTHERS])
def test_message(secret):
    print("out", secret)
    print("err", secret, file=sys.stderr)
    logging.getLogger("app").error("log %s", secret)
    warnings.warn(f"datetime {{secret}} is deprecated", DeprecationWarning)
    raise ConnectionError(f"could not connect with {{secret}}")

def test_diff():
    assert {{"given": VALUE, "list": OTHERS}} == {{"given": "other"}}

def test_encoded():
    raise ValueError(base64.b64encode(VALUE.encode()).decode() + " and " + repr([VALUE]))

def test_where_the_text_is_cut():
    print("x" * 32_740 + " " + VALUE + " " + "y" * 200_000 + " " + OTHERS[0] + " " + "z" * 32_740)
    assert 0

@pytest.fixture
def broken():
    raise RuntimeError(f"set-up with {{VALUE}}")

def test_setup(broken): pass
"""
CRASH = f"""
import os
def test_crash():
    print({GITHUB!r})
    os.write(2, b"Fatal Python error: {GITHUB}\\n")
    os._exit(3)
"""


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    root = tmp_path / "repository"
    tests = root / "tests" / "unit"
    tests.mkdir(parents=True)
    (tests / "test_leaky.py").write_text(TESTS, encoding="utf-8")
    (tests / f"test_{GITHUB}.py").write_text(f"raise ImportError({VALUE!r})", encoding="utf-8")
    (root / "pyproject.toml").write_text('[tool.gardener.focus.unit]\npaths = ["tests/unit"]\n', encoding="utf-8")
    return root


def gardener(root: Path, *words: str) -> str:
    private = root.parent / "tmp"
    private.mkdir(exist_ok=True)
    environ = os.environ | LEAN | {"DEPLOY_TOKEN": VALUE, "TMPDIR": str(private)}
    ended = call(*words, cwd=root, env=environ)
    assert "Traceback" not in ended.err, ended.err
    assert not list(private.glob("gardener-run-*")), "raw files were left behind"
    return ended.out + ended.err


def leaks(root: Path, shown: str) -> list[str]:
    """Where a secret, or a long beginning of one, stands in what was kept or shown."""
    kept = {
        str(path.relative_to(root)): path.read_bytes() + path.name.encode()
        for path in root.rglob("*")
        if path.is_file() and "tests/unit" not in path.as_posix() and "__pycache__" not in path.parts
    }
    assert kept, "nothing was kept at all"
    kept["terminal"] = shown.encode()
    return [
        f"{name}: {secret[:12]}" for name, data in kept.items() for secret in SECRETS if secret[:12].encode() in data
    ]


@pytest.mark.parametrize("output", ["text", "json"])
def test_no_secret_that_tests_print_is_kept_or_shown(repository: Path, output: str) -> None:
    shown = gardener(repository, "run", "unit", "--format", output, "--python", sys.executable)
    assert "redacted" in "".join(p.read_text(encoding="utf-8") for p in repository.rglob("*WORKLOG*"))
    assert leaks(repository, shown) == []


def test_no_secret_in_what_a_crash_leaves_is_kept_or_shown(repository: Path) -> None:
    (repository / "tests" / "unit" / "test_a_crash.py").write_text(CRASH, encoding="utf-8")
    shown = gardener(repository, "run", "unit", "--format", "json", "--python", sys.executable)
    assert '"crashed"' in shown
    assert leaks(repository, shown) == []
