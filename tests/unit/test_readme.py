"""README and pages cannot rot: commands, exit codes, settings and links are those of the program."""

import json
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import BaseModel
from pydantic_core import PydanticUndefined

from gardener import tables
from gardener.cli import PANELS
from gardener.model.cause import Cause
from gardener.model.errors import _WORST_FIRST, Exit
from gardener.settings import Settings, focuses, load

pytestmark = pytest.mark.unit

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
CONFIGURATION = (ROOT / "docs" / "configuration.md").read_text(encoding="utf-8")

SECTIONS: dict[str, type[BaseModel]] = {
    "`[tool.gardener]`": Settings,
    "`[tool.gardener.focus.NAME]`": tables.FocusTable,
    "`docker = { … }`": tables.DockerTable,
    "`[[tool.gardener.focus.NAME.services]]`": tables.ServiceTable,
    "`[tool.gardener.scope.NAME]`": tables.ScopeTable,
    "`[[tool.gardener.impact]]`": tables.ImpactTable,
    "`[[tool.gardener.standing]]`": tables.StandingTable,
    "`[[tool.gardener.rules]]`": tables.RuleTable,
    "`[tool.gardener.preflight]`": tables.PreflightTable,
}


def block(name: str) -> str:
    found = re.search(rf"<!-- {name}:begin -->\n(.*?)<!-- {name}:end -->", README, re.DOTALL)
    assert found, f"the README has lost its block {name}"
    return found[1]


def rows(text: str) -> Iterator[list[str]]:
    """The cells of the first table in a text, its head left out."""
    table = re.search(r"(?:^\|.*\n)+", text, re.MULTILINE)
    assert table
    for line in table[0].splitlines()[2:]:
        yield [cell.strip() for cell in line.strip("|").split("|")]


def shown(default: object) -> str:
    """A default as the pages write it."""
    if default is PydanticUndefined:
        return "required"
    if default is None:
        return "none"
    if isinstance(default, tables.Severity):
        default = default.name
    return f"`{json.dumps(default)}`"


def test_the_readme_has_a_place_for_the_demos_last_screen() -> None:
    block("demo")


def test_the_readme_lists_the_commands_in_the_order_of_the_help() -> None:
    listed = [cells[0].strip("`").split()[1] for cells in rows(block("commands"))]
    assert listed == [verb for verbs in PANELS.values() for verb in verbs]


def test_the_exit_codes_are_those_of_the_program() -> None:
    page = (ROOT / "docs" / "exit-codes.md").read_text(encoding="utf-8")
    for text in (block("exit-codes"), page):
        assert sorted(int(cells[0]) for cells in rows(text)) == sorted(Exit)
    order = ", ".join(str(int(code)) for code in _WORST_FIRST)
    assert f"the first of {order} wins" in page


@pytest.mark.parametrize("title", SECTIONS)
def test_every_setting_is_described_with_its_default(title: str) -> None:
    _, _, rest = (
        CONFIGURATION.partition(f"## {title}") if f"## {title}" in CONFIGURATION else CONFIGURATION.partition(title)
    )
    written = {cells[0].strip("`"): cells[1] for cells in rows(rest)}
    tops = {"preflight", "severities", "focus", "scope", "impact", "standing", "rules"}
    fields = {
        name: shown(field.default)
        for name, field in SECTIONS[title].model_fields.items()
        if SECTIONS[title] is not Settings or name not in tops
    }
    assert written == fields


def test_every_table_of_the_settings_has_its_section() -> None:
    for name in ("preflight", "severities", "focus", "scope", "impact", "standing", "rules"):
        assert re.search(rf"^## `\[+tool\.gardener\.{name}", CONFIGURATION, re.MULTILINE)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_the_examples_are_settings_that_load(page: Path, tmp_path: Path) -> None:
    for example in re.findall(r"```toml\n(.*?)```", page.read_text(encoding="utf-8"), re.DOTALL):
        (tmp_path / "pyproject.toml").write_text(example, encoding="utf-8")
        settings = load(tmp_path, {}, {})
        assert focuses(settings)
        assert tomllib.loads(example)["tool"]["gardener"]


def test_the_number_of_causes_is_right() -> None:
    for page in (README, CONFIGURATION, (ROOT / "docs" / "how-it-decides.md").read_text(encoding="utf-8")):
        assert f"of {len(Cause)}" in page or f"the {len(Cause)} causes" in page


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_leads_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#]+)\)", page.read_text(encoding="utf-8")):
        assert "://" in target or (page.parent / target).exists(), target


def test_every_page_is_reached_from_the_readme() -> None:
    assert all(f"docs/{page.name}" in README for page in PAGES[1:])


def test_every_dependency_says_what_it_is_for() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    page = (ROOT / "docs" / "dependencies.md").read_text(encoding="utf-8").lower()
    wanted = [*project["project"]["dependencies"], *project["dependency-groups"]["test"]]
    wanted += [need for needs in project["project"]["optional-dependencies"].values() for need in needs]
    names = {re.split(r"[<>=\[; ]", need)[0].lower() for need in wanted} - {"failing-test-gardener"}
    assert not {name for name in names if name not in page}
