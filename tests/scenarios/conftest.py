"""Golden texts: `pytest tests/scenarios --accept` rewrites them; a mismatch saves the actual text beside the gold."""

from collections.abc import Callable
from pathlib import Path

import pytest

HERE = Path(__file__).parent


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--accept", action="store_true", help="take the texts of this run as the golden ones")


@pytest.fixture
def gold(request: pytest.FixtureRequest) -> Callable[[str, str], None]:
    """`gold("views/worklog.md", text)`: the text is the one that was accepted."""
    accept = request.config.getoption("--accept", default=False)

    def compare(name: str, text: str) -> None:
        place = HERE / name
        actual = place.with_name(f"{place.name}.actual")
        if accept:
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_text(text, encoding="utf-8", newline="\n")
        expected = place.read_text(encoding="utf-8") if place.exists() else ""
        actual.unlink(missing_ok=True)
        if text != expected:
            actual.write_text(text, encoding="utf-8", newline="\n")
        assert text == expected, f"{name} changed: compare it with {actual.name}; right? run with --accept"

    return compare
