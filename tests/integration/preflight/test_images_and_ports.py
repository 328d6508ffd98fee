"""Images that cannot be had and ports that are taken, on a real engine and a real registry that denies."""

import socket
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from real_engine import Engine
from require import need, need_dockerfile
from standin.started import free_port, listens, wait_until

from gardener.model.run import Check, Status
from gardener.preflight.checks import run_checks
from gardener.preflight.question import Question

pytestmark = pytest.mark.integration


def answers(question: Question, name: str) -> tuple[Check, ...]:
    return run_checks(question, only=frozenset({name})).checks


@pytest.fixture(scope="module", params=["open", "denying"])
def registry(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, str]]:
    """A registry on loopback: one that serves everybody, one that wants a password."""
    if not Path("/usr/bin/docker-registry").exists() or not Path("/usr/bin/htpasswd").exists():
        need("docker", "docker-registry or htpasswd is not installed")
    folder, port = tmp_path_factory.mktemp("registry"), free_port()
    told = (
        f"version: 0.1\nstorage: {{filesystem: {{rootdirectory: {folder}/data}}}}\nhttp: {{addr: '127.0.0.1:{port}'}}\n"
    )
    if request.param == "denying":
        argv = ["htpasswd", "-Bbc", str(folder / "htpasswd"), "gardener", "roses"]
        subprocess.run(argv, check=True, capture_output=True)
        told += f"auth: {{htpasswd: {{realm: garden, path: {folder}/htpasswd}}}}\n"
    (folder / "config.yml").write_text(told, encoding="utf-8")
    argv, log = ["docker-registry", "serve", str(folder / "config.yml")], folder / "log"
    with log.open("wb") as sink, subprocess.Popen(argv, stdout=sink, stderr=sink) as process:
        wait_until(lambda: listens(port), process, log)
        yield request.param, f"127.0.0.1:{port}"
        process.terminate()


def compose(folder: Path, *lines: str) -> None:
    (folder / "compose.yaml").write_text("\n".join(["services:", *(f"  {line}" for line in lines)]), encoding="utf-8")


def test_images_of_a_registry_are_found_missing_or_denied_without_a_pull(
    registry: tuple[str, str], engine: Engine, ask: Callable[..., Question], tmp_path: Path
) -> None:
    kind, address = registry
    if kind == "open":
        engine.image(f"{address}/there:1")
        engine.docker("push", f"{address}/there:1")
        engine.docker("rmi", f"{address}/there:1")
        compose(tmp_path, f"db: {{image: '{address}/there:1'}}")
        assert [check.status for check in answers(ask(engine.environ), "images")] == [Status.OK]
    compose(tmp_path, f"db: {{image: '{address}/there:2'}}", f"web: {{image: '{address}/web'}}", "own: {build: .}")
    (check,) = answers(ask(engine.environ), "images")
    assert check.status is Status.BLOCK
    assert check.cause == "docker-image"
    assert check.found.startswith("2 images")
    assert ("no such tag" if kind == "open" else "denied") in check.found
    assert check.service == "db, web"
    assert check.location == "compose.yaml:2"
    assert f"docker login {address}" == check.remedy or kind == "open"


def test_an_image_that_is_present_needs_no_registry(
    engine: Engine, ask: Callable[..., Question], tmp_path: Path
) -> None:
    engine.image("here:1")
    compose(tmp_path, "db: {image: 'here:1'}")
    assert [check.status for check in answers(ask(engine.environ), "images")] == [Status.OK]


def test_a_base_image_that_cannot_be_had_is_found_before_the_build(
    engine: Engine, ask: Callable[..., Question], tmp_path: Path
) -> None:
    need_dockerfile()
    compose(tmp_path, "app: {build: .}")
    (tmp_path / "Dockerfile").write_text("FROM 127.0.0.1:9/base:1 AS b\nFROM b\n", encoding="utf-8")
    (check,) = answers(ask(engine.environ), "images")
    assert check.status is Status.BLOCK
    assert "127.0.0.1:9/base:1" in check.found
    assert check.location == "Dockerfile:1"


def test_a_base_image_that_another_service_makes_need_not_be_pulled(
    engine: Engine, ask: Callable[..., Question], tmp_path: Path
) -> None:
    compose(tmp_path, "base: {build: {context: ., target: b}, image: 'shop/base'}", "app: {build: .}")
    (tmp_path / "Dockerfile").write_text("FROM scratch AS b\nFROM shop/base:latest\n", encoding="utf-8")
    assert [check.status for check in answers(ask(engine.environ), "images")] == [Status.OK]


def test_a_port_that_a_process_holds_names_the_process(
    engine: Engine, ask: Callable[..., Question], tmp_path: Path
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        compose(tmp_path, "db:", "  image: x", f"  ports: ['{port}:5432']")
        (check,) = answers(ask(engine.environ), "ports")
    assert check.status is Status.BLOCK
    assert check.cause == "docker-port"
    assert f"port {port}/tcp" in check.found
    assert "by the process" in check.found
    assert check.location == "compose.yaml:4"
    assert [one.status for one in answers(ask(engine.environ), "ports")] == [Status.OK]


def test_a_port_that_another_container_holds_names_the_container(
    engine: Engine, network: str, ask: Callable[..., Question], tmp_path: Path
) -> None:
    engine.image("busy:1", 'CMD ["/bin/busybox", "sleep", "60"]')
    port = free_port()
    engine.docker("run", "--detach", "--name", "squatter", "--network", network, "--publish", f"{port}:80", "busy:1")
    compose(tmp_path, f"web: {{image: 'busy:1', ports: ['{port}:80']}}")
    (check,) = answers(ask(engine.environ), "ports")
    engine.docker("rm", "--force", "squatter")
    assert check.status is Status.BLOCK
    assert "by the container squatter" in check.found
    assert check.remedy == "docker stop squatter"


def test_a_port_that_this_project_holds_itself_is_no_problem(
    engine: Engine, network: str, ask: Callable[..., Question], tmp_path: Path
) -> None:
    engine.image("busy:1", 'CMD ["/bin/busybox", "sleep", "60"]')
    port = free_port()
    labels = ["--label", "com.docker.compose.project=garden", "--label", "com.docker.compose.service=web"]
    engine.docker(
        "run", "--detach", "--name", "ours", "--network", network, *labels, "--publish", f"{port}:80", "busy:1"
    )
    compose(tmp_path, f"web: {{image: 'busy:1', ports: ['{port}:80']}}")
    (check,) = answers(ask({**engine.environ, "COMPOSE_PROJECT_NAME": "garden"}), "ports")
    engine.docker("rm", "--force", "ours")
    assert check.status is Status.OK
