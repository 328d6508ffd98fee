"""What images take, by their names."""

import pytest

from gardener.preflight.disk import MIB, TYPICAL, image_bytes

pytestmark = pytest.mark.unit


@pytest.mark.parametrize(
    ("name", "mib"),
    [
        ("scratch", 0),
        ("python:3.12-alpine", 60),
        ("python:3.12-slim-bookworm", 150),
        ("gcr.io/distroless/static", 60),
        ("postgres:16", TYPICAL),
        ("registry.example.org/team/app", TYPICAL),
    ],
)
def test_the_family_in_a_name_says_about_what_it_takes(name: str, mib: int) -> None:
    assert image_bytes([name]) == mib * MIB


def test_several_images_add_up_and_none_is_nothing() -> None:
    assert image_bytes(["redis:7-alpine", "postgres:16"]) == (60 + TYPICAL) * MIB
    assert image_bytes([]) == 0
