"""From a red repository to a true tracker, as a user goes."""

import json

import pytest
from garden import GREEN, RED, Garden

pytestmark = pytest.mark.goldenpath


def made(ended: object) -> list[str]:
    return [action["kind"] for action in ended.run["actions"] if action["kind"] != "link"]  # type: ignore[attr-defined]


def test_three_red_tests_of_two_causes_become_two_issues(garden: Garden) -> None:
    garden.write(RED).commit()
    ended = garden.tend()
    assert ended.code == 1, ended.err
    assert ended.run["counts"]["failed"] == 3
    assert sorted(finding["cause"] for finding in ended.run["findings"]) == ["assertion", "signature"]
    assert made(ended) == ["create", "create"]
    assert len(garden.issues()) == 2


def test_a_second_run_files_nothing_and_says_why(garden: Garden) -> None:
    garden.write(RED).commit()
    garden.tend()
    again = garden.tend()
    assert made(again) == ["update", "update"]
    assert all("updated and not new" in action["why"] for action in again.run["actions"])
    assert len(garden.issues()) == 2


def test_three_green_runs_close_and_a_later_failure_reopens(garden: Garden) -> None:
    garden.write(RED).commit("red")
    garden.tend()
    garden.write(GREEN).commit("mended")
    assert [garden.tend().code for _ in range(3)] == [0, 0, 0]
    assert {issue["state"] for issue in garden.issues()} == {"closed"}
    assert "in 3 runs in a row" in garden.gardener("explain", "#1").out  # newer runs than the one that saw it
    garden.write(RED).commit("broken again")
    garden.wait_for_another_second()
    assert set(made(garden.tend())) == {"reopen"}
    assert {issue["state"] for issue in garden.issues()} == {"open"}
    assert len(garden.issues()) == 2


@pytest.mark.slow  # eleven calls of gardener, one after another
def test_the_past_is_told_by_issue_number_and_what_an_open_issue_needs_is_never_pruned(garden: Garden) -> None:
    garden.write(GREEN).commit("green")
    garden.tend()
    garden.write(RED).commit("red")
    red = [garden.tend().run for _ in range(3)]
    number = next(finding["issue"] for finding in red[-1]["findings"] if finding["nature"] == "regression")
    assert garden.gardener("history", f"#{number}", "--format", "json").data["figures"]["course"] == "pfff"
    pruned = garden.gardener("prune", "--keep", "1", "--remember", "1", "--format", "json").data
    assert pruned["paths"] == [red[0]["id"], red[1]["id"]]
    assert "the store forgot 2 runs; what open issues need stays" in pruned["done"]
    told = garden.gardener("history", f"{number}", "--format", "json").data
    assert [told["figures"]["course"], *(row["run"] for row in told["rows"])] == ["pf", red[-1]["id"]]
    again = garden.tend().run["findings"]
    assert {finding["nature"] for finding in again if finding["issue"] == number} == {"regression"}
    assert garden.gardener("history", "--check").code == 0


def test_a_healthy_repository_is_healthy_and_has_a_worklog_that_says_so(garden: Garden) -> None:
    garden.write(RED | GREEN).commit()
    ended = garden.tend()
    assert ended.code == 0, ended.err
    assert ended.run["verdict"] == "healthy"
    assert "healthy" in (garden.root / ended.run["worklog"]).read_text(encoding="utf-8")


def test_a_dry_run_shows_the_plan_and_apply_carries_out_exactly_that(garden: Garden) -> None:
    garden.write(RED).commit()
    assert {action["outcome"] for action in garden.tend("--dry-run").run["actions"]} == {"simulated"}
    assert garden.issues() == []
    assert garden.gardener("plan").out.count("would be filed") == 2
    assert garden.gardener("apply").code == 0
    assert len(garden.issues()) == 2
    assert garden.gardener("apply").code == 0
    assert len(garden.issues()) == 2


def test_a_plan_is_refused_when_somebody_changed_the_tracker_in_between(garden: Garden) -> None:
    garden.write(RED).commit()
    garden.tend()
    garden.tend("--dry-run")
    garden.gardener("issues", "close", "1")
    refused = garden.gardener("apply")
    assert refused.code == 4
    assert "#1" in refused.err


def test_undo_closes_what_a_run_created_and_later_runs_leave_it_closed(garden: Garden) -> None:
    garden.write(RED).commit()
    run = garden.tend().run["id"]
    assert garden.gardener("undo", run).code == 0
    assert {issue["state_reason"] for issue in garden.issues()} == {"not_planned"}
    assert set(made(garden.tend())) == {"hold"}


def test_a_report_that_a_ci_made_already_goes_the_same_way(garden: Garden) -> None:
    garden.write(RED).commit()
    first = garden.tend()
    report = garden.root / ".gardener" / "runs" / first.run["id"] / "report.json"
    again = garden.tend("--report", str(report))
    assert again.code == 1, again.err
    assert set(made(again)) == {"update"}


@pytest.mark.slow  # six calls of gardener, one after another
def test_a_narrowed_run_closes_nothing_and_its_worklog_is_named_after_the_scope(garden: Garden) -> None:
    garden.write(RED).commit()
    garden.tend()
    garden.write(GREEN).commit()
    for _ in range(4):
        narrowed = garden.tend("--match", "*test_cart*")
    assert {issue["state"] for issue in garden.issues()} == {"open"}
    assert narrowed.code == 0


def test_a_stage_whose_need_failed_is_skipped_and_never_passed(garden: Garden) -> None:
    garden.write(RED).write({"smoke/test_smoke.py": "def test_up():\n    assert True\n"})
    garden.write(
        {
            "pyproject.toml": '[tool.gardener.focus.unit]\npaths = ["tests"]\n'
            '[tool.gardener.focus.critical]\npaths = ["smoke"]\nneeds = ["unit"]\n'
        }
    ).commit()
    ended = garden.gardener("run", "--format", "json")
    assert [run["verdict"] for run in ended.data["runs"]] == ["failing", "skipped"]
    assert "unit" in ended.data["runs"][1]["skipped_because"]
    assert ended.code == 1
    worklog = (garden.root / ended.data["runs"][1]["worklog"]).read_text(encoding="utf-8")
    assert "nothing is failing" not in worklog
    assert "every selected test ran" not in worklog
    alone = garden.gardener("run", "critical", "--format", "json")
    assert [run["verdict"] for run in alone.data["runs"]] == ["healthy"]


def test_a_killed_run_is_crashed_and_keeps_what_passed(garden: Garden) -> None:
    garden.write(
        {"tests/test_end.py": "import os\n\ndef test_a(): pass\ndef test_b(): os._exit(0)\ndef test_c(): pass\n"}
    )
    garden.commit()
    ended = garden.tend()
    assert ended.code == 6
    assert ended.run["verdict"] == "crashed"
    counts = ended.run["counts"]
    assert (counts["passed"], counts["lost"], counts["not_run"]) == (1, 1, 1)


def test_a_hung_run_is_ended_at_its_limit_and_called_timed_out(garden: Garden) -> None:
    hangs = "import threading\n\ndef test_a():\n    open('hangs', 'w').close()\n    threading.Event().wait()\n"
    garden.write({"tests/test_end.py": hangs}).commit()
    ended = garden.tend("--timeout", "1800", first="an_hour_is_over_once_a_test_hangs")
    assert (ended.code, ended.run["verdict"]) == (6, "timed-out")


def test_what_follows_two_dashes_goes_to_pytest(garden: Garden) -> None:
    garden.write(RED).commit()
    assert garden.tend(" -- -k test_total").run["counts"]["failed"] == 1


def test_explain_says_why_for_every_finding(garden: Garden) -> None:
    garden.write(RED).commit()
    for finding in garden.tend().run["findings"]:
        told = garden.gardener("explain", finding["fingerprint"]).out
        for why in finding["why"].values():
            assert why
        assert finding["cause"] in told


def test_an_issue_of_somebody_else_is_adopted_by_hand_and_kept_true_from_then_on(garden: Garden) -> None:
    garden.write(RED).commit()
    theirs = {"number": 5, "title": "Something is off with totals", "body": "See the chat.", "labels": ["question"]}
    garden.write({"theirs.json": json.dumps({"issues": [theirs]})})
    garden.gardener("issues", "import", "theirs.json")
    dry = garden.tend("--dry-run").run["findings"]
    total = next(finding["fingerprint"] for finding in dry if finding["cause"] == "assertion")
    assert garden.gardener("issues", "adopt", "5", total).code == 0
    touched = {(action["kind"], action["issue"]) for action in garden.tend().run["actions"]}
    assert touched == {("update", 5), ("create", 6)}
    adopted = next(issue for issue in garden.issues() if issue["number"] == 5)
    assert adopted["title"] == theirs["title"]
    assert adopted["body"].startswith("See the chat.")


def test_an_issue_that_a_run_filed_is_adopted_by_hand_and_still_that_runs_to_take_back(garden: Garden) -> None:
    garden.write(RED).commit()
    run = garden.tend().run
    finding = next(finding for finding in run["findings"] if finding["issue"] == 1)
    assert garden.gardener("issues", "adopt", "1", finding["fingerprint"]).code == 0
    assert garden.gardener("undo", run["id"]).code == 0
    assert {issue["state"] for issue in garden.issues()} == {"closed"}


def test_an_issue_is_not_adopted_while_another_one_has_its_key(garden: Garden) -> None:
    garden.write(RED).commit()
    finding = garden.tend().run["findings"][0]["fingerprint"]
    refused = garden.gardener("issues", "adopt", "2", finding)
    assert refused.code == 4
    assert "#1" in refused.err


def test_what_a_person_merges_is_one_and_what_they_split_is_two_in_the_next_run(garden: Garden) -> None:
    garden.write(RED).commit()
    findings = {finding["issue"]: finding["fingerprint"] for finding in garden.tend().run["findings"]}
    merged = garden.gardener("issues", "merge", "2", "1", "--format", "json").data["issues"]
    assert [(issue["number"], issue["state"]) for issue in merged] == [(2, "closed"), (1, "open")]
    assert {(action["kind"], action["issue"]) for action in garden.tend().run["actions"]} == {("update", 1)}
    split = garden.gardener("issues", "split", "1", findings[2], "--format", "json").data["issues"]
    assert [issue["keys"] for issue in split] == [[findings[1]]]
    assert {(action["kind"], action["issue"]) for action in garden.tend().run["actions"]} == {
        ("update", 1),
        ("update", 2),
    }
    assert garden.gardener("issues", "split", "1", findings[1]).code == 4


def test_what_the_budget_held_stands_in_the_digest_and_is_filed_on_demand(garden: Garden) -> None:
    garden.write(RED).commit()
    run = garden.tend(env={"GARDENER_MAX_NEW_ISSUES": "1"}).run
    assert [action["kind"] for action in run["actions"]] == ["create", "hold", "create"]
    held = run["actions"][1]["fingerprint"]
    digest = next(issue for issue in garden.issues() if "digest" in issue["title"])
    assert f"gardener issues file {held}" in digest["body"]
    (filed,) = garden.gardener("issues", "file", held, "--format", "json").data["issues"]
    assert filed["keys"] == [held]
    again = garden.gardener("issues", "file", held)
    assert (again.code, f"#{filed['number']}" in again.err) == (4, True)
    garden.tend()
    assert next(issue["state"] for issue in garden.issues() if issue["number"] == digest["number"]) == "closed"


def test_every_printed_document_names_its_schema_and_the_schemas_are_shipped(garden: Garden) -> None:
    garden.write(RED).commit()
    run = garden.tend().run
    report = str(garden.root / ".gardener" / "runs" / run["id"] / "report.json")
    commands = [
        ("plan",),
        ("issues", "list"),
        ("explain", run["findings"][0]["fingerprint"]),
        ("preflight",),
        ("harvest", report),
        ("history",),
        ("report",),
        ("focuses",),
        ("config", "show"),
        ("undo", run["id"]),
        ("prune",),
        ("init", "--dry-run"),
    ]
    for command in commands:
        printed = garden.gardener(*command, "--format", "json").data
        assert printed["schema"].startswith("gardener."), command


def test_a_worklog_is_committed_when_that_is_safe_and_otherwise_it_is_said_why_not(garden: Garden) -> None:
    garden.write(RED).commit()
    worklog = garden.tend("--commit-worklog").run["worklog"]
    assert garden.git("show", "--name-only", "--format=").split() == [worklog]
    garden.write({"shop/cart.py": "# staged by somebody\n"}).git("add", "shop/cart.py")
    head = garden.git("rev-parse", "HEAD")
    assert "index" in garden.tend("--commit-worklog").err
    assert garden.git("rev-parse", "HEAD") == head


def test_the_log_of_a_failed_build_is_a_finding_about_the_service_and_no_test(garden: Garden) -> None:
    log = "api.Dockerfile:7\ntarget api: failed to solve: failed to compute cache key\n"
    garden.write({**GREEN, "build.log": log}).commit()
    ended = garden.tend("--report", "build.log")
    assert ended.code == 5, ended.err  # nothing ran: never read as green
    (finding,) = ended.run["findings"]
    assert (finding["cause"], finding["kind"], finding["tests"]) == ("docker-build", "infrastructure", [])
    assert finding["title"].startswith("api is not built or started (api.Dockerfile:7)")
