"""The shipped schemas are what the records say."""

import json
from pathlib import Path

import pytest

import gardener
from gardener.codec import schema
from gardener.render.shapes import SCHEMAS

pytestmark = pytest.mark.unit

FOLDER = Path(gardener.__file__).parent / "schemas"


@pytest.mark.parametrize("name", SCHEMAS)
def test_a_shipped_schema_is_generated_from_its_record(name: str, request: pytest.FixtureRequest) -> None:
    file = FOLDER / f"{name.replace('/', '-')}.json"
    wanted = {"$id": name, **schema(SCHEMAS[name])}
    if request.config.getoption("--accept", default=False):
        FOLDER.mkdir(exist_ok=True)
        file.write_text(json.dumps(wanted, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    assert json.loads(file.read_text(encoding="utf-8")) == wanted


def test_no_schema_is_shipped_that_nothing_prints() -> None:
    assert {file.stem for file in FOLDER.glob("*.json")} == {name.replace("/", "-") for name in SCHEMAS}
