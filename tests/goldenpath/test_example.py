"""What pytest itself says about the example repository: every scenario's faults are real, and there is nothing else."""

import importlib
import json
import os
import random
import re
import subprocess
import sys
import tomllib
from collections import Counter
from pathlib import Path

import decisions
import pytest
from forked import call
from garden import LEAN

pytestmark = pytest.mark.goldenpath

DEMO = Path(__file__).parents[2] / "examples" / "demo"
sys.path.insert(0, str(DEMO))
history = importlib.import_module("history")
stage = importlib.import_module("stage")

CHECKLIST = [
    f"tests/unit/test_{name}.py"
    for name in (
        "bridge_integration",
        "connection_info",
        "event_serialization_format",
        "manager_health",
        "user_message",
    )
]
FOCUSES = ("critical", "goldenpath", "integration", "unit")
FIVE_EVENTS = "tests/mission_critical/test_websocket_five_critical_events.py"


def pytest_says(tree: Path, *arguments: str) -> dict:
    """The JSON report of a run that leaves out what needs Docker."""
    report = tree.parent / "report.json"
    kept = {name: value for name, value in os.environ.items() if not name.startswith(stage.OWN)}
    options = ["-p", "no:cacheprovider", "--continue-on-collection-errors", "-m", "not docker"]
    subprocess.run(
        [sys.executable, "-m", "pytest", "--json-report", f"--json-report-file={report}", *options, *arguments],
        cwd=tree,
        env={**kept, **LEAN, "DOCKER_HOST": stage.NOWHERE},
        capture_output=True,
        check=False,
    )
    return json.loads(report.read_text(encoding="utf-8"))


def outcomes(said: dict) -> Counter:
    """As gardener counts: a test that fails and then breaks in teardown has failed."""
    return Counter(
        "error" if test["setup"]["outcome"] == "failed" else test["call"]["outcome"] for test in said["tests"]
    )


def crashes(said: dict, file: str, phase: str = "call") -> list[str]:
    """The messages with which tests of a file end in a phase."""
    return [
        test[phase]["crash"]["message"]
        for test in said["tests"]
        if file in test["nodeid"] and test.get(phase, {}).get("outcome") == "failed"
    ]


def uncollected(said: dict) -> dict[str, str]:
    return {each["nodeid"]: each["longrepr"] for each in said["collectors"] if each["outcome"] == "failed"}


def warned(said: dict) -> Counter:
    """Deprecations by what is deprecated."""
    known = {
        "logger": r"get_logger\(\) is deprecated",
        "manager": r"Importing WebSocketManager .* is deprecated",
        "config": r"class-based `config` is deprecated",
        "encoders": r"`json_encoders` is deprecated",
        "utcnow": r"utcnow\(\) is deprecated",
    }
    return Counter(
        name
        for warning in said.get("warnings", ())
        for name, pattern in known.items()
        if re.search(pattern, warning["message"])
    )


@pytest.fixture(scope="module")
def monday(tmp_path_factory: pytest.TempPathFactory) -> Path:
    tree = tmp_path_factory.mktemp("monday") / "repository"
    history.replay(tree)
    return tree


@pytest.fixture(scope="module")
def tuesday(tmp_path_factory: pytest.TempPathFactory) -> Path:
    tree = tmp_path_factory.mktemp("tuesday") / "repository"
    history.replay(tree)
    for step in history.steps():
        if step.when == "later":
            history.advance(tree, step)
    return tree


@pytest.fixture(scope="module")
def critical(monday: Path) -> dict:
    return pytest_says(monday, "tests/mission_critical")


@pytest.fixture(scope="module")
def checklist(monday: Path) -> dict:
    return pytest_says(monday, *CHECKLIST)


@pytest.fixture(scope="module")
def goldenpath(monday: Path) -> dict:
    return pytest_says(monday, "tests/goldenpath")


@pytest.fixture(scope="module")
def integration(monday: Path) -> dict:
    return pytest_says(monday, "tests/integration")


def test_the_history_begins_with_a_commit_on_which_everything_passes(tmp_path: Path) -> None:
    history.replay(tmp_path / "repository", until="start")
    said = pytest_says(tmp_path / "repository")
    assert outcomes(said) == {"passed": 81}
    assert not uncollected(said)


def test_the_history_ends_with_the_example_and_work_in_progress(monday: Path) -> None:
    changed = history.git(monday, "status", "--porcelain").split()
    assert changed == ["M", "chat_backend/presence.py", "M", "tests/unit/test_presence.py"]
    for path in history.git(monday, "ls-files").split():
        if path not in changed:
            assert (monday / path).read_text(encoding="utf-8") == (history.EXAMPLE / path).read_text(encoding="utf-8")


def test_the_history_has_the_same_commits_everywhere(monday: Path, tuesday: Path) -> None:
    on_monday = history.git(monday, "rev-list", "HEAD").split()
    assert history.git(tuesday, "rev-list", "HEAD").split()[-len(on_monday) :] == on_monday
    assert len(on_monday) == sum(step.when == "before" for step in history.steps())


def test_the_checklist_fails_by_four_faults(checklist: dict) -> None:
    assert outcomes(checklist) == {"failed": 5, "error": 6, "passed": 18}
    (enum,) = crashes(checklist, "test_event_serialization_format.py")
    assert "Event type must be preserved" in enum
    assert "'WebSocketEve...GENT_THINKING' == 'agent_thinking'" in enum
    (bridge,) = crashes(checklist, "test_bridge_integration.py")
    assert "Expected 5 bridge events, got 0\nassert 0 == 5" in bridge
    missing = "missing 2 required positional arguments: 'connection_id' and 'user_id'"
    assert [missing in each for each in crashes(checklist, "test_connection_info.py")] == [True, True]
    mocks = [*crashes(checklist, "test_manager_health.py", "setup"), *crashes(checklist, "test_manager_health.py")]
    assert mocks == ["AttributeError: Mock object has no attribute 'is_healthy'"] * 7


def test_the_checklist_warns_57_times_of_four_things(checklist: dict) -> None:
    counted = warned(checklist)
    assert set(counted) == {"logger", "manager", "config", "utcnow"}
    assert counted.total() == 57


def test_the_work_in_progress_fails_one_more_unit_test(monday: Path) -> None:
    said = pytest_says(monday, "tests/unit/test_presence.py")
    assert outcomes(said) == {"passed": 2, "failed": 1}


def test_critical_fails_by_set_up_handler_and_tokens(critical: dict) -> None:
    assert outcomes(critical) == {"failed": 13, "passed": 19}
    absent = "'TestWebSocketFiveCriticalEventsBusinessValue' object has no attribute 'event_tester'"
    assert [absent in each for each in crashes(critical, FIVE_EVENTS)] == [True] * 8
    (handler,) = crashes(critical, "test_websocket_handlers.py")
    assert "event_handler() missing 1 required positional argument: 'path'" in handler
    tokens = crashes(critical, "test_auth_token_flow.py")
    assert [each.endswith("Token creation failed: All connection attempts failed") for each in tokens] == [True] * 4


def test_critical_has_a_file_that_cannot_be_collected_and_one_without_tests(critical: dict) -> None:
    ((file, why),) = uncollected(critical).items()
    assert file == "tests/mission_critical/test_docker_lifecycle_critical.py"
    assert "test_docker_lifecycle_critical.py:250" in why
    assert "NameError: name 'Optional' is not defined" in why
    silent = [each for each in critical["collectors"] if each["nodeid"].endswith("test_agent_recovery.py")]
    assert [each["result"] for each in silent] == [[]]


def test_critical_warns_of_four_deprecations_and_of_its_surroundings(critical: dict) -> None:
    assert set(warned(critical)) == {"logger", "manager", "config", "encoders"}
    messages = [warning["message"] for warning in critical["warnings"]]
    assert "PostgreSQL service not found via port discovery" in messages
    assert any("using the regular os.environ" in message for message in messages)


def test_golden_path_is_refused_and_its_teardown_finds_no_engine(goldenpath: dict) -> None:
    assert outcomes(goldenpath) == {"failed": 1, "error": 2, "passed": 3}
    refused = [*crashes(goldenpath, "golden_path"), *crashes(goldenpath, "golden_path", "setup")]
    start = "ConnectionError: Failed to create WebSocket connection after 3 attempts: "
    assert [each.startswith(start) for each in refused] == [True] * 3
    teardown = crashes(goldenpath, "golden_path", "teardown")
    assert ["Cannot connect to the Docker daemon at" in each for each in teardown] == [True] * 3
    places = {warning["filename"].replace(os.sep, "/").split("/", 1)[-1] for warning in goldenpath["warnings"]}
    assert {Path(place).name for place in places} == {"history.py", "sessions.py"}
    assert set(warned(goldenpath)) == {"utcnow"}


def test_integration_has_three_files_that_end_at_one_syntax_error(integration: dict) -> None:
    assert outcomes(integration) == {"passed": 4}
    broken = uncollected(integration)
    assert sorted(Path(file).name for file in broken) == [
        "test_admin_dashboard.py",
        "test_billing.py",
        "test_usage_report.py",
    ]
    for why in broken.values():
        assert "chat_backend/analytics/export.py" in why.replace(os.sep, "/")
        assert "'(' was never closed" in why


def test_tuesday_fails_by_a_greeting_alone(tuesday: Path) -> None:
    said = pytest_says(tuesday, "tests/mission_critical")
    assert outcomes(said) == {"passed": 29, "failed": 3}
    assert not uncollected(said)
    assert said["summary"]["collected"] == 42
    greeted = crashes(said, "test_websocket_event_structure.py")
    assert len(greeted) == 3
    assert all("connection_established" in each for each in greeted)


def test_the_duplicate_managers_are_logged_by_the_server_that_starts(tuesday: Path) -> None:
    said = pytest_says(tuesday, "tests/mission_critical/test_websocket_event_structure.py")
    lines = [line["msg"] % tuple(line["args"] or ()) for line in said["tests"][0]["call"]["log"]]
    (line,) = [line for line in lines if line.startswith("SSOT WARNING: Found other WebSocket Manager classes: [")]
    assert len(re.findall(r"'chat_backend\.[\w.]+'", line)) == 5


@pytest.mark.parametrize("focus", ["mission_critical", "integration"])
def test_what_needs_docker_says_so_where_there_is_no_engine(monday: Path, focus: str) -> None:
    said = pytest_says(monday, f"tests/{focus}", "-m", "docker")
    messages = [test["setup"]["crash"]["message"] for test in said["tests"]]
    assert messages
    assert all("Cannot connect to the Docker daemon" in message for message in messages)


def test_the_line_that_copies_what_is_not_there_is_line_69(monday: Path, tuesday: Path) -> None:
    def line_69(folder: Path) -> str:
        return (folder / "backend.alpine.Dockerfile").read_text(encoding="utf-8").splitlines()[68]

    assert line_69(monday / "dockerfiles") == "COPY --chown=chat:chat shared /app/shared"
    assert line_69(tuesday / "docker") == "COPY --chown=chat:chat netra_backend /app/netra_backend"
    assert "shared" in (monday / ".dockerignore").read_text(encoding="utf-8").split()
    assert not (tuesday / "netra_backend").exists()


def test_every_row_of_the_five_situations_is_claimed() -> None:
    table = tomllib.loads((DEMO / "expected.toml").read_text(encoding="utf-8"))
    rows = {"S0": 9, "S1": 3, "S2": 3, "S3": 3, "S4": 5}
    claimed = {claim["row"] for claim in table["claim"]}
    assert {f"{scenario}/{row}" for scenario, last in rows.items() for row in range(1, last + 1)} <= claimed
    acts = {act.id: act.scenario for act in stage.acts()}
    for claim in table["claim"]:
        assert claim["due"] in table["parts"]
        assert claim["row"].startswith(acts[claim["act"]])


def test_the_earlier_issues_are_those_of_people_and_carry_no_key() -> None:
    issues = json.loads((DEMO / "issues.json").read_text(encoding="utf-8"))["issues"]
    assert [issue["number"] for issue in issues] == [416, 420, 543, 878, 885, 1021, 1060, 1082, 1100]
    assert {issue["number"] for issue in issues if issue["state"] == "closed"} == {420, 543}
    assert {issue["number"] for issue in issues if issue["severity_by"] == "bot"} == {1082}
    for issue in issues:
        assert issue["labels"] == ["bug"]
        assert not issue["keys"]
        assert "gardener" not in issue["body"]


README = Path(__file__).parents[2] / "README.md"
BLOCK = re.compile(r"(?<=<!-- demo:begin -->\n).*?(?=<!-- demo:end -->)", re.DOTALL)
# what this machine has is its own affair: the name of a process, a full disk, an engine
OWN_AFFAIR = re.compile(r"by the process \S+|^Checked .*?\n\n", re.MULTILINE | re.DOTALL)


def the_readme_shows(screen: str, *, accept: bool) -> None:
    """The README's first screen is the demo's last; `pytest tests/scenarios tests/goldenpath --accept` writes it."""
    text = README.read_text(encoding="utf-8")
    shown = "```text\n" + "\n".join(line.rstrip() for line in screen.strip("\n").splitlines()) + "\n```\n"
    if accept:
        README.write_text(BLOCK.sub(lambda _: shown, text), encoding="utf-8")
    found = BLOCK.search(README.read_text(encoding="utf-8"))
    assert found
    assert OWN_AFFAIR.sub("", found[0]) == OWN_AFFAIR.sub("", shown)


def words(text: str) -> str:
    """Letters and digits alone: how a text is broken into lines and marked up makes no difference."""
    return "".join(each for each in text if each.isalnum())


def every_decision_is_explained(repository: Path) -> None:
    """All have a why that the worklog tells in the same words; thirty of them are asked for."""
    told = decisions.stories(repository)
    made = decisions.decisions(told)
    assert {"cause", "group", "nature", "severity", "suspect", "create", "update", "check"} <= {d.kind for d in made}
    assert all(part.strip() for each in made for part in each.says[-1:])
    worklogs = {
        run: words(
            (repository / next(fact.value for fact in story.artifacts if fact.label == "worklog")).read_text("utf-8")
        )
        for run, story in told.items()
    }
    assert not [(each.run, each.why) for each in made if words(each.why) not in worklogs[each.run]]
    for each in random.Random(6).sample(made, 30):
        ended = call("explain", *each.ask, cwd=repository, env=os.environ)
        assert ended.code == 0, ended.err
        answer = words(ended.out)
        assert not [part for part in each.says if words(part) not in answer], each


@pytest.mark.slow  # plays the whole demo and asks for thirty of its decisions
def test_the_demo_holds_what_it_promises(tmp_path: Path, request: pytest.FixtureRequest) -> None:
    played = subprocess.run(
        [sys.executable, str(DEMO / "play.py"), ".demo"],
        cwd=tmp_path,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert played.returncode == 0, played.stdout + played.stderr
    screen = (tmp_path / ".demo" / "screen.txt").read_text(encoding="utf-8")
    assert "the same run again filed 0 issues" in screen
    assert all(f"#{number} " in screen for number in (416, 885, 1021, 1082))
    worklogs = list((tmp_path / ".demo" / "repository").glob("tests/FAILING-TEST/gardener/*.md"))
    focuses = [word for act in stage.acts() for word in act.run if word in FOCUSES]
    assert len(worklogs) == len(focuses)
    the_readme_shows(screen, accept=request.config.getoption("--accept", default=False))
    every_decision_is_explained(tmp_path / ".demo" / "repository")
