"""How checks are asked: which, for how long, and for which tests."""

import socket
import sys
import threading
from pathlib import Path
from types import SimpleNamespace

import pytest

from gardener.model.cause import Cause
from gardener.model.errors import ConfigurationError
from gardener.model.focus import Docker, Focus, Service
from gardener.model.run import Check, Status
from gardener.model.text import Redactor
from gardener.preflight.checks import CHECKS, run_checks
from gardener.preflight.question import Question, size
from gardener.preflight.stack import Stack

pytestmark = pytest.mark.unit


def question(root: Path = Path("nowhere"), **focus: object) -> Question:
    given: dict[str, object] = {"name": "critical", "paths": ("tests/critical",), **focus}
    return Question(focus=Focus(**given), root=root, environ={"PATH": ""})  # type: ignore[arg-type]


def ok(asked: Question, stack: Stack) -> tuple[Check, ...]:
    return (asked.check("any", Status.OK, "fine"),)


def test_the_tests_that_need_docker_are_named_by_marker_path_and_fixture() -> None:
    docker = Docker(marker="docker", paths=("tests/e2e",), fixtures=("stack",))
    assert question(docker=docker).needing_docker() == ("marker:docker", "path:tests/e2e", "fixture:stack")


def test_where_the_focus_does_not_say_which_tests_need_docker_all_do() -> None:
    assert question(docker=Docker()).needing_docker() == ("path:tests/critical",)
    assert question().needing_docker() == ()


def test_only_what_blocks_names_tests_and_only_what_is_wrong_a_cause() -> None:
    asked = question(docker=Docker(marker="docker"))
    by_status = {status: asked.check("disk", status, "x", cause=Cause.DOCKER_DISK) for status in Status}
    assert {status for status, check in by_status.items() if check.blocks} == {Status.BLOCK}
    assert {status for status, check in by_status.items() if check.cause} == {Status.BLOCK, Status.WARN}
    assert "critical" in by_status[Status.BLOCK].why


def test_secrets_do_not_pass_into_an_answer() -> None:
    asked = Question(focus=Focus(name="f"), root=Path(), environ={}, redactor=Redactor({"TOKEN": "hunter22"}))
    check = asked.check("disk", Status.BLOCK, "hunter22", remedy="login hunter22")
    assert "hunter22" not in f"{check}"


def test_a_check_that_hangs_is_unknown_and_keeps_nobody_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    forever, clock = threading.Event(), iter([0.0, 0.0, 11.0])  # asked before all, and before each answer
    monkeypatch.setattr("gardener.preflight.checks.time", SimpleNamespace(monotonic=lambda: next(clock)))
    monkeypatch.setitem(CHECKS, "disk", lambda asked, stack: forever.wait() and ())
    monkeypatch.setitem(CHECKS, "engine", ok)
    engine, disk = run_checks(question(), only=frozenset({"engine", "disk"})).checks
    forever.set()
    assert engine.status is Status.OK
    assert (disk.id, disk.status) == ("disk", Status.UNKNOWN)
    assert "10 s" in disk.found


def test_a_check_that_breaks_is_unknown_and_blocks_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(asked: Question, stack: Stack) -> tuple[Check, ...]:
        raise RuntimeError("oops")

    monkeypatch.setitem(CHECKS, "disk", broken)
    preflight = run_checks(question(), only=frozenset({"disk"}))
    assert not preflight.blocked
    assert "RuntimeError: oops" in preflight.checks[0].found


def test_a_check_by_another_name_is_refused_with_the_nearest() -> None:
    with pytest.raises(ConfigurationError) as refused:
        run_checks(question(), only=frozenset({"build-contxt"}))
    assert "build-context" in refused.value.hint


def test_what_is_left_out_says_so_and_the_order_stays(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in CHECKS:
        monkeypatch.setitem(CHECKS, name, ok)
    asked = question(tmp_path, docker=Docker(), services=(Service(name="db", tcp="localhost:1"),))
    checks = run_checks(asked, skip=frozenset({"disk"})).checks
    assert [check.status for check in checks].index(Status.SKIPPED) == list(CHECKS).index("disk")
    assert len(checks) == len(CHECKS)


def test_only_asks_a_docker_check_also_where_the_focus_declares_no_docker(tmp_path: Path) -> None:
    (tmp_path / "compose.yaml").write_text("services: {a: {build: ./gone}}\n", encoding="utf-8")
    (check,) = run_checks(question(tmp_path), only=frozenset({"build-context"})).checks
    assert check.status is Status.BLOCK
    assert check.location == "compose.yaml:1"
    asked = Question(focus=Focus(name="f"), root=tmp_path, environ={"DOCKER_HOST": f"unix://{tmp_path}/none"})
    assert [one.status for one in run_checks(asked, only=frozenset({"engine"})).checks] == [Status.BLOCK]


def test_without_the_extra_the_checks_are_unknown_and_name_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setitem(sys.modules, "dockerfile", None)
    monkeypatch.setitem(sys.modules, "docker", None)
    (tmp_path / "Dockerfile").write_text("FROM scratch\nCOPY gone /\n", encoding="utf-8")
    (tmp_path / "compose.yaml").write_text("services: {a: {build: .}, b: {build: ./gone}}\n", encoding="utf-8")
    with socket.create_server(("127.0.0.1", 0)) as server:
        environ = {"DOCKER_HOST": f"tcp://127.0.0.1:{server.getsockname()[1]}"}
        asked = Question(focus=Focus(name="f", docker=Docker()), root=tmp_path, environ=environ)
        checks = run_checks(asked, only=frozenset({"engine", "build-context"})).checks
    told = [(check.id, check.status, check.service) for check in checks]
    assert told == [
        ("engine", Status.UNKNOWN, None),
        ("build-context", Status.UNKNOWN, "a"),
        ("build-context", Status.BLOCK, "b"),
    ]
    assert all("failing-test-gardener[docker]" in check.remedy for check in checks[:2])


@pytest.mark.parametrize(
    ("count", "words"), [(0, "0 B"), (1023, "1023 B"), (1536, "1.5 KiB"), (5 << 30, "5.0 GiB"), (3 << 40, "3.0 TiB")]
)
def test_sizes_are_told_in_words(count: int, words: str) -> None:
    assert size(count) == words
