"""Each way in which an engine can fail to answer is told from the others, with the command that mends it."""

import json
import os
import signal
import socket
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

import pytest
from real_engine import Engine

from gardener.model.focus import Focus
from gardener.model.run import Check, Status
from gardener.preflight.checks import run_checks
from gardener.preflight.engine import check_engine
from gardener.preflight.question import Limits, Question
from gardener.preflight.stack import Stack

pytestmark = pytest.mark.integration
ENGINE = frozenset({"engine"})


def engine_check(question: Question) -> Check:
    (check,) = run_checks(question, only=ENGINE).checks
    return check


def test_an_engine_that_answers_is_ok_with_its_version(engine: Engine, ask: Callable[..., Question]) -> None:
    check = engine_check(ask(engine.environ))
    assert check.status is Status.OK
    assert "20.10" in check.found
    assert engine.host in check.found


def test_a_missing_socket_blocks_the_tests_that_need_docker(ask: Callable[..., Question], tmp_path: Path) -> None:
    check = engine_check(ask({"DOCKER_HOST": f"unix://{tmp_path}/none.sock"}))
    assert check.status is Status.BLOCK
    assert "does not exist" in check.found
    assert check.cause == "docker-daemon"
    assert check.blocks == ("marker:docker",)
    assert check.remedy


def test_a_stale_socket_is_named_as_such(ask: Callable[..., Question], short_folder: Path) -> None:
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(short_folder / "s"))
    check = engine_check(ask({"DOCKER_HOST": f"unix://{short_folder}/s"}))
    assert check.status is Status.BLOCK
    assert "stale" in check.found


def test_a_socket_without_permission_is_named_as_such(engine: Engine, ask: Callable[..., Question]) -> None:
    Path(engine.host.removeprefix("unix://")).chmod(0o660)
    os.seteuid(65534)
    try:
        check = engine_check(ask(engine.environ))
    finally:
        os.seteuid(0)
    assert check.status is Status.BLOCK
    assert "permission denied" in check.found
    assert "usermod" in check.remedy


def test_an_engine_that_is_stopped_in_its_tracks_is_hung(
    new_engine: Callable[..., Engine], ask: Callable[..., Question]
) -> None:
    engine = new_engine()
    engine.process.send_signal(signal.SIGSTOP)
    try:
        (check,) = check_engine(ask(engine.environ, limits=Limits(timeout_s=1.5)), Stack())
    finally:
        engine.process.send_signal(signal.SIGCONT)
    assert check.status is Status.BLOCK
    assert "hung" in check.found
    assert "restart" in check.remedy


@pytest.mark.parametrize(("version", "word"), [("1.99", "new"), ("1.5", "old")])
def test_a_wrong_api_version_is_named_with_the_engines_own(
    engine: Engine, ask: Callable[..., Question], version: str, word: str
) -> None:
    check = engine_check(ask({**engine.environ, "DOCKER_API_VERSION": version}))
    assert check.status is Status.BLOCK
    assert f"too {word}" in check.found


def test_a_tcp_address_that_refuses_is_not_called_a_stale_socket(ask: Callable[..., Question]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    check = engine_check(ask({"DOCKER_HOST": f"tcp://127.0.0.1:{port}"}))
    assert check.status is Status.BLOCK
    assert "refuses" in check.found
    assert "stale" not in check.found


def test_the_context_of_the_command_line_is_followed(
    engine: Engine, ask: Callable[..., Question], tmp_path: Path
) -> None:
    meta = tmp_path / ".docker" / "contexts" / "meta" / sha256(b"mine").hexdigest()
    meta.mkdir(parents=True)
    (meta / "meta.json").write_text(json.dumps({"Endpoints": {"docker": {"Host": engine.host}}}), encoding="utf-8")
    (tmp_path / ".docker" / "config.json").write_text('{"currentContext": "mine"}', encoding="utf-8")
    check = engine_check(ask({"HOME": str(tmp_path)}))
    assert check.status is Status.OK
    assert "context mine" in check.found


def test_a_context_that_is_gone_blocks(ask: Callable[..., Question], tmp_path: Path) -> None:
    check = engine_check(ask({"HOME": str(tmp_path), "DOCKER_CONTEXT": "gone"}))
    assert check.status is Status.BLOCK
    assert "gone" in check.found


def test_without_docker_in_the_focus_a_compose_file_makes_a_warning_of_it(tmp_path: Path) -> None:
    (tmp_path / "compose.yaml").write_text("services: {}\n", encoding="utf-8")
    environ = {"DOCKER_HOST": f"unix://{tmp_path}/none.sock"}
    question = Question(focus=Focus(name="goldenpath"), root=tmp_path, environ=environ)
    first, *rest = run_checks(question).checks
    assert (first.id, first.status, first.cause) == ("engine", Status.WARN, "docker-daemon")
    assert {check.status for check in rest} == {Status.SKIPPED}


def test_without_the_engine_the_other_checks_say_what_they_can(ask: Callable[..., Question], tmp_path: Path) -> None:
    (tmp_path / "compose.yaml").write_text("services: {db: {image: postgres}}\n", encoding="utf-8")
    checks = run_checks(ask({"DOCKER_HOST": f"unix://{tmp_path}/none.sock"})).checks
    by_id = {check.id: check for check in checks}
    assert by_id["images"].status is Status.UNKNOWN
    assert by_id["build-context"].status is Status.OK
    assert by_id["disk"].status in {Status.OK, Status.WARN, Status.BLOCK}
