"""A user's mistake ends in one paragraph with a remedy and the documented exit code; nothing recorded is lost."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from forked import Ended
from garden import RED, SETTINGS, Garden

pytestmark = pytest.mark.goldenpath


def explained(ended: Ended, code: int, *words: str) -> None:
    assert ended.code == code, ended.err
    assert "Traceback" not in ended.err
    for word in words:
        assert word in ended.err


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (None, "report.json"),
        (b"", "empty"),
        (b'{"tests": [', "report.json"),
        (b"hello", "report.json"),
        (b'{"kind": "something else"}', "report.json"),
    ],
    ids=["missing", "empty", "cut", "not JSON", "unknown kind"],
)
@pytest.mark.parametrize("command", ["harvest", "run"])
def test_a_report_that_cannot_be_read(garden: Garden, command: str, content: bytes | None, words: str) -> None:
    report = garden.root / "report.json"
    if content is not None:
        report.write_bytes(content)
    arguments = ["harvest", str(report)] if command == "harvest" else ["run", "unit", "--report", str(report)]
    explained(garden.gardener(*arguments), 2, words)


def test_a_focus_that_does_not_exist_names_the_nearest(garden: Garden) -> None:
    explained(garden.gardener("run", "unitt"), 2, "unit")


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ("[tool.gardener]\nmax_new_isues = 3\n", ("max_new_issues", "pyproject.toml")),
        ('[tool.gardener]\nmax_new_issues = "many"\n', ("max_new_issues",)),
        ("[tool.gardener\n", ("pyproject.toml",)),
        ('[[tool.gardener.rules]]\nregex = "("\ncause = "timeout"\n', ("rules",)),
    ],
    ids=["unknown key", "wrong type", "no TOML", "bad pattern"],
)
def test_settings_that_are_wrong(garden: Garden, settings: str, words: tuple[str, ...]) -> None:
    garden.write({"pyproject.toml": settings})
    explained(garden.gardener("run", "unit"), 2, *words)


def test_a_folder_that_is_no_git_repository_still_works_and_says_so(tmp_path: Path) -> None:
    folder = tmp_path / "plain"
    (folder / "tests").mkdir(parents=True)
    (folder / "tests" / "test_a.py").write_text("def test_a(): assert 1 == 2\n", encoding="utf-8")
    garden = Garden.__new__(Garden)
    garden.root = folder
    ended = garden.tend()
    assert ended.code == 1, ended.err
    assert "git" in ended.run["findings"][0]["why"]["nature"]


def test_no_pytest_in_the_target_names_the_command_that_mends_it(garden: Garden, tmp_path: Path) -> None:
    import venv

    venv.create(tmp_path / "bare", with_pip=False)
    python = tmp_path / "bare" / ("Scripts" if os.name == "nt" else "bin") / "python"
    garden.write(RED).commit()
    explained(garden.gardener("run", "unit", "--python", str(python)), 2, "pytest", "install")


def test_an_interpreter_that_does_not_exist(garden: Garden) -> None:
    explained(garden.gardener("run", "unit", "--python", "/nowhere/python"), 2, "/nowhere/python")


def test_a_damaged_store_is_set_before_the_user_and_never_replaced(garden: Garden) -> None:
    garden.write(RED).commit()
    garden.tend()
    store = garden.root / ".gardener" / "gardener.db"
    for name in ("gardener.db-wal", "gardener.db-shm"):
        (store.parent / name).unlink(missing_ok=True)
    damaged = b"this is no database" * 100
    store.write_bytes(damaged)
    explained(garden.tend(), 4, "gardener.db")
    assert store.read_bytes() == damaged


@pytest.mark.skipif(sys.platform == "win32", reason="permissions are POSIX here")
@pytest.mark.skipif(hasattr(os, "geteuid") and os.geteuid() == 0, reason="root may write anything")
def test_a_store_that_may_not_be_written(garden: Garden) -> None:
    garden.write(RED).commit()
    garden.tend()
    (garden.root / ".gardener" / "gardener.db").chmod(0o444)
    explained(garden.tend(), 4, "gardener.db")


@pytest.mark.parametrize(
    ("taken", "arguments", "remedy"),
    [
        (".gardener", ("run", "unit"), "name another place"),
        (".gardener", ("report",), "Make room"),
        ("tests/FAILING-TEST", ("run", "unit"), "Make room"),
        ("taken", ("issues", "export", "taken/issues.json"), "Make room"),
    ],
)
def test_what_cannot_be_written_is_named_with_its_remedy(
    garden: Garden, taken: str, arguments: tuple[str, ...], remedy: str
) -> None:
    garden.write(RED | {taken: "a file, where a folder is wanted"}).commit()
    explained(garden.gardener(*arguments), 4, taken, "cannot be", remedy)


def test_templates_that_are_not_there_are_missed_before_a_test_runs(garden: Garden) -> None:
    garden.write({"pyproject.toml": '[tool.gardener]\ntemplates = "gone"\n'})
    ended = garden.gardener("run", "unit")
    explained(ended, 2, "gone", "Mend templates")
    assert "running" not in ended.err


def test_worklogs_may_lie_outside_the_repository(garden: Garden, tmp_path: Path) -> None:
    garden.write(RED | {"pyproject.toml": f'[tool.gardener]\nworklog_dir = "{(tmp_path / "logs").as_posix()}"\n'})
    assert garden.tend().run["worklog"].startswith((tmp_path / "logs").as_posix())


@pytest.mark.parametrize(
    "arguments",
    [
        ("issues", "show", "9" * 23),
        ("issues", "link", "1", "9" * 23),
        ("history", "--limit", "9" * 23),
        ("prune", "--days", "9" * 9),
    ],
)
def test_a_number_beyond_all_bounds_is_a_mistake_and_no_bug(garden: Garden, arguments: tuple[str, ...]) -> None:
    explained(garden.gardener(*arguments), 2, "less than or equal to")


@pytest.mark.parametrize("row", ["[1]", '"text"', "{}", '{"id": 1}', '{"id": 1, "text": 5}', '{"id": 1, "text": null}'])
def test_a_line_without_a_text_cannot_be_classified(garden: Garden, row: str) -> None:
    garden.write({"texts.jsonl": f"{row}\n"})
    explained(garden.gardener("classify", "texts.jsonl"), 2, "texts.jsonl:1", "“id” and “text”")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="a file on a disk that is full")
def test_a_disk_without_room_is_no_bug(garden: Garden) -> None:
    argv = [sys.executable, "-m", "gardener", "config", "show"]
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(argv, cwd=garden.root, stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    explained(Ended(code=done.returncode, out="", err=done.stderr), 4, "No space left", "Make room")


@pytest.mark.parametrize("arguments", [(), ("issues",), ("config",)])
def test_without_a_verb_the_help_is_all_that_is_said(garden: Garden, arguments: tuple[str, ...]) -> None:
    ended = garden.gardener(*arguments)
    assert "Usage: gardener" in ended.out + ended.err
    assert "gardener: \n" not in ended.err


def test_a_command_that_does_not_exist(garden: Garden) -> None:
    explained(garden.gardener("rnu"), 2, "rnu")


def test_a_run_that_was_never_made(garden: Garden) -> None:
    explained(garden.gardener("plan", "20200101-000000-aaaa"), 2, "20200101")


def test_an_issue_that_is_not_there(garden: Garden) -> None:
    explained(garden.gardener("issues", "show", "99"), 4, "99")


def test_a_github_tracker_without_a_token(garden: Garden) -> None:
    garden.write(RED | {"pyproject.toml": '[tool.gardener]\ntracker = "github:owner/repository"\n'}).commit()
    explained(garden.gardener("run", "unit"), 2, "GITHUB_TOKEN")


def test_a_text_is_tried_on_the_rules_of_the_repository_before_it_fails_a_run(garden: Garden) -> None:
    rule = f"{SETTINGS}\n[[tool.gardener.rules]]\n"
    garden.write(
        {"pyproject.toml": f'{rule}contains = "quota"\ncause = "credentials"\n', "log.txt": "quota is used up"}
    )
    told = garden.gardener("explain", "--try", "log.txt")
    assert told.code == 0, told.err
    assert "rules[1]: cause credentials" in told.out
    explained(garden.gardener("explain"), 2, "--try")
    explained(garden.gardener("explain", "timeout", "--try", "log.txt"), 2, "one thing")
    garden.write({"pyproject.toml": f'{rule}regex = "(quota"\n'})
    explained(garden.gardener("explain", "--try", "log.txt"), 2, "rules[1].regex", "missing )")
