"""Masks take away what changes from run to run, in linear time, and leave what tells causes apart."""

import pytest
from growth import is_steep

from gardener.model.policy import Mask
from gardener.rulebook import load_rulebook
from gardener.triage.mask import masked

pytestmark = pytest.mark.unit

MASKS = load_rulebook().masks


@pytest.mark.parametrize("mask", MASKS, ids=lambda mask: mask.name)
def test_each_mask_finds_its_own_example(mask: Mask) -> None:
    assert mask.find.search(mask.example)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("<Cart object at 0x7f871ff2a3d0>", "<Cart object at 0x55d0c0ffee10>"),
        ("connect to 127.0.0.1:30131 failed", "connect to 10.3.0.9:5432 failed"),
        ("gone: 0b0ed9a5-3a0c-4b51-9a39-5c2b9c6f0f11", "gone: 7c9e6679-7425-40de-944b-e07fc1f90ae7"),
        ("cannot open /srv/ci/build_72/app/settings.yml", "cannot open /home/ada/app/settings.yml"),
        ("cannot open C:\\Users\\ada\\app\\settings.yml", "cannot open D:\\build\\settings.yml"),
        ("no /tmp/pytest-of-ada/pytest-1/out.sql", "no /tmp/pytest-of-root/pytest-271/test_x0/other.sql"),
        ("timed out after 2920.24s", "timed out after 17s"),
        ("until 2025-09-14T11:59:00Z", "until 2026-01-02 03:04:05.678"),
        ("layer 9f86d081884c7d65 is missing", "layer 2c26b46b68ffc68f is missing"),
        ("no customer called 'Ada Lovelace'", 'no customer called "Alan M. Turing"'),
        ("in tests/test_cart.py::test_total[3-EUR]", "in tests/test_cart.py::test_total[5-USD]"),
    ],
)
def test_what_changes_from_run_to_run_is_masked(one: str, other: str) -> None:
    assert masked(one, MASKS) == masked(other, MASKS)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("HTTP 404", "HTTP 503"),
        ("status 401", "status 500"),
        ("no attribute 'owner'", "no attribute 'price'"),
        ("cannot reach postgres", "cannot reach redis"),
        ("cannot open /srv/settings.yml", "cannot open /srv/secrets.yml"),
    ],
)
def test_what_tells_causes_apart_stays(one: str, other: str) -> None:
    assert masked(one, MASKS) != masked(other, MASKS)


@pytest.mark.parametrize("character", [*"aA0f/\\'\"[]<>=.-_: \n", "ab0 ", "'a ", "/a", "a=", "0x", "[a"])
def test_masking_takes_no_longer_than_its_text(character: str) -> None:
    assert not is_steep(lambda text: [mask.find.sub(mask.by, text) for mask in MASKS], character)
