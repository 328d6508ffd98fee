"""A repository for each test."""

from pathlib import Path

import pytest
from garden import Garden


@pytest.fixture
def garden(tmp_path: Path) -> Garden:
    """An empty git repository with settings for one focus."""
    root = tmp_path / "repository"
    root.mkdir()
    return Garden(root)
