"""Real parts that a machine may lack: a test skips with the reason, or fails where the part is required."""

import os
from typing import NoReturn

import pytest


def need(part: str, reason: str) -> NoReturn:
    """Skip for want of `part` (docker, dockerfile, postgres, github, browser); fail when GARDENER_REQUIRE names it."""
    if part in os.environ.get("GARDENER_REQUIRE", "").split(","):
        pytest.fail(f"{part} is required here: {reason}", pytrace=False)
    pytest.skip(f"{part}: {reason}")


def need_dockerfile() -> None:
    """Skip where the parser of Dockerfiles is missing: not every platform has a wheel of it."""
    try:
        import dockerfile  # noqa: F401
    except ImportError:
        need("dockerfile", "the parser of Dockerfiles is not installed: pip install dockerfile")
