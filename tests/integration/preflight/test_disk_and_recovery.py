"""A data root that is really full, and what recovery may and may not remove."""

import subprocess
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from real_engine import Engine, start, stop

from gardener.model.focus import Focus
from gardener.model.run import Check, Status
from gardener.preflight.checks import run_checks
from gardener.preflight.mend import mend
from gardener.preflight.question import Limits, Question

pytestmark = pytest.mark.integration
MIB = 1 << 20


def disk(question: Question) -> tuple[Check, ...]:
    return run_checks(question, only=frozenset({"disk"})).checks


def quiet(_: str | float) -> None:
    """Says and waits for nothing."""


@pytest.fixture
def small_engine(short_folder: Path) -> Iterator[Engine]:
    """An engine whose data root is a memory disk of 48 MiB."""
    (short_folder / "data").mkdir()
    argv = ["mount", "-t", "tmpfs", "-o", "size=48m", "tmpfs", str(short_folder / "data")]
    subprocess.run(argv, check=True, capture_output=True)
    engine = start(short_folder)
    yield engine
    stop(engine)


def test_a_data_root_that_is_full_blocks_and_names_itself(small_engine: Engine, ask: Callable[..., Question]) -> None:
    limits = Limits(warn_bytes=40 * MIB, block_bytes=20 * MIB)
    assert [check.status for check in disk(ask(small_engine.environ, limits=limits))] == [Status.OK]
    (small_engine.data_root / "filler").write_bytes(bytes(20 * MIB))
    (check,) = disk(ask(small_engine.environ, limits=limits))
    assert check.status is Status.WARN
    (small_engine.data_root / "more").write_bytes(bytes(20 * MIB))
    (check,) = disk(ask(small_engine.environ, limits=limits))
    assert check.status is Status.BLOCK
    assert check.cause == "docker-disk"
    assert str(small_engine.data_root) in check.found
    assert "MiB" in check.found


def test_what_could_be_reclaimed_is_told(engine: Engine, ask: Callable[..., Question]) -> None:
    engine.image("idle:1", "LABEL idle=1")
    assert "could be reclaimed" in disk(ask(engine.environ))[0].found


def test_the_host_answers_for_itself_where_no_engine_does(ask: Callable[..., Question], tmp_path: Path) -> None:
    environ = {"DOCKER_HOST": f"unix://{tmp_path}/none.sock"}
    (check,) = disk(ask(environ, limits=Limits(warn_bytes=1 << 60, block_bytes=1 << 59)))
    assert check.status is Status.BLOCK
    assert "the repository" in check.found


def labelled(project: str) -> list[str]:
    return ["--label", f"com.docker.compose.project={project}", "--label", "com.docker.compose.service=web"]


@pytest.fixture
def littered(new_engine: Callable[..., Engine], tmp_path: Path) -> Engine:
    """An engine with build cache, a dangling image, stopped containers of two projects, and a volume."""
    engine = new_engine()
    (tmp_path / "compose.yaml").write_text("name: ours\nservices: {web: {image: 'busy:1'}}\n", encoding="utf-8")
    engine.image("busy:1", "LABEL turn=1")
    engine.image("busy:1", "LABEL turn=2")
    (tmp_path / "cached").mkdir()
    (tmp_path / "cached" / "Dockerfile").write_text("FROM scratch\nCOPY Dockerfile /\n", encoding="utf-8")
    engine.docker("build", "--quiet", str(tmp_path / "cached"), kit="1")
    engine.docker("volume", "create", "keep")
    for name, project in (("mine", "ours"), ("theirs", "other")):
        engine.docker("create", "--name", name, *labelled(project), "--volume", "keep:/keep", "busy:1", "/bin/busybox")
    return engine


def names(engine: Engine, *what: str) -> set[str]:
    return set(engine.docker(*what).stdout.split())


def test_recovery_removes_what_is_old_and_ours_and_nothing_else(littered: Engine, ask: Callable[..., Question]) -> None:
    limits = Limits(warn_bytes=1 << 60, block_bytes=1 << 59, prune_age_s=0)
    question = ask(littered.environ, limits=limits)
    said: list[str] = []
    before = run_checks(question, only=frozenset({"disk"}))
    after = mend(before, question, said.append, quiet)
    assert names(littered, "ps", "--all", "--format", "{{.Names}}") == {"theirs"}
    assert names(littered, "volume", "ls", "--quiet") == {"keep"}
    assert names(littered, "images", "--quiet", "--filter", "dangling=true") == set()
    assert "busy:1" in names(littered, "images", "--format", "{{.Repository}}:{{.Tag}}")
    assert after.blocked
    assert sum(attempt.command == "docker rm mine" for attempt in after.attempts) == 1
    assert len([line for line in said if "builder prune" in line]) == 3
    assert "recovery 3 of 3" in said[-1]


def test_recovery_leaves_what_is_young(littered: Engine, ask: Callable[..., Question]) -> None:
    question = ask(littered.environ, limits=Limits(warn_bytes=1 << 60, block_bytes=1 << 59))
    mend(run_checks(question, only=frozenset({"disk"})), question, quiet, quiet)
    assert names(littered, "images", "--quiet", "--filter", "dangling=true")


def test_recovery_starts_an_engine_that_stands_still(
    short_folder: Path, ask: Callable[..., Question], tmp_path: Path
) -> None:
    engine = start(short_folder)
    engine.process.terminate()
    engine.process.wait(30)
    tools = tmp_path / "bin"
    tools.mkdir()
    options = f"--data-root {short_folder}/data --exec-root {short_folder}/exec --pidfile {short_folder}/d.pid"
    service = tools / "systemctl"  # stands in for the service that would run the real engine
    service.write_text(
        f'#!/bin/sh\n[ "$*" = "start docker" ] || exit 1\n'
        f"dockerd {options} -H {engine.host} --bridge=none --iptables=false >/dev/null 2>&1 &\n"
        f"for i in 1 2 3 4 5 6; do docker -H {engine.host} version >/dev/null 2>&1 && exit 0; sleep 0.5; done\n",
        encoding="utf-8",
    )
    service.chmod(0o755)
    question = ask({**engine.environ, "PATH": f"{tools}:{engine.environ['PATH']}"})
    before = run_checks(question, only=frozenset({"engine"}))
    assert before.blocked
    after = mend(before, question, quiet, quiet)
    pid = int((short_folder / "d.pid").read_text(encoding="utf-8"))
    subprocess.run(["kill", str(pid)], check=True)
    assert not after.blocked
    assert [attempt.result for attempt in after.attempts] == ["done"]


def test_recovery_does_not_make_a_warning_worse(ask: Callable[..., Question], tmp_path: Path) -> None:
    (tmp_path / "compose.yaml").write_text("services: {}\n", encoding="utf-8")
    environ = {"DOCKER_HOST": f"unix://{tmp_path}/none", "PATH": str(tmp_path)}
    question = replace(ask(environ), focus=Focus(name="unit"))
    before = run_checks(question)
    after = mend(before, question, quiet, quiet)
    assert after.checks == before.checks
    assert [attempt.result for attempt in after.attempts] == ["not tried: it is not possible from here"]


def test_recovery_that_is_not_needed_tries_nothing(engine: Engine, ask: Callable[..., Question]) -> None:
    question = ask(engine.environ)
    before = run_checks(question, only=frozenset({"engine"}))
    assert mend(before, question, quiet, quiet) == before
