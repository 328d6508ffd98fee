"""Declared dependencies that answer, refuse, say nothing or are not what they should be."""

import http.server
import os
import shutil
import socket
import struct
import subprocess
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from real_engine import Engine
from require import need

from gardener.model.focus import Docker, Focus, Service
from gardener.model.run import Check, Status
from gardener.preflight.checks import run_checks
from gardener.preflight.question import Question
from gardener.preflight.services import silence

pytestmark = pytest.mark.integration


@pytest.fixture
def talker() -> Iterator[Callable[[bytes], int]]:
    """Listens on a port of its own and answers everybody with the same bytes; without bytes, with silence."""
    servers: list[socket.socket] = []

    def listen(answer: bytes) -> int:
        server = socket.create_server(("127.0.0.1", 0))
        servers.append(server)

        def speak() -> None:
            with server.accept()[0] as call:
                for part in (answer[:1], answer[1:]):
                    call.recv(4096)
                    call.sendall(part)

        if answer:
            threading.Thread(target=speak, daemon=True).start()
        return int(server.getsockname()[1])

    yield listen
    for server in servers:
        server.close()


def closed_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


def ask_services(tmp_path: Path, *services: Service, **rest: object) -> tuple[Check, ...]:
    focus = Focus(name="critical", paths=("tests/critical",), services=services, **rest)  # type: ignore[arg-type]
    question = Question(focus=focus, root=tmp_path, environ={"PATH": ""})
    return run_checks(question, only=frozenset({"services"})).checks


def test_a_port_that_listens_answers_and_one_that_does_not_blocks_the_whole_focus(
    talker: Callable[[bytes], int], tmp_path: Path
) -> None:
    there, gone = Service(name="cache", tcp=f"localhost:{talker(b'')}"), closed_port()
    assert [check.status for check in ask_services(tmp_path, there)] == [Status.OK]
    (check,) = ask_services(tmp_path, there, Service(name="postgres", tcp=f"localhost:{gone}"))
    assert check.status is Status.BLOCK
    assert check.cause == "service-unavailable"
    assert check.service == "postgres"
    assert check.blocks == ("path:tests/critical",)
    assert "refused" in check.found.lower()
    assert str(gone) in check.remedy


@pytest.mark.parametrize(("status", "answers"), [(200, True), (404, True), (503, False)])
def test_http_is_an_answer_below_500(status: int, *, answers: bool) -> None:
    class Page(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    with http.server.HTTPServer(("127.0.0.1", 0), Page) as server:
        thread = threading.Thread(target=server.handle_request)
        thread.start()
        why = silence(Service(name="api", http=f"http://127.0.0.1:{server.server_port}/health?x=1"), 2)
        thread.join()
    assert (why == "") is answers
    assert answers or str(status) in why


def test_a_listener_that_never_answers_is_told_by_the_clock(talker: Callable[[bytes], int]) -> None:
    why = silence(Service(name="api", http=f"http://127.0.0.1:{talker(b'')}/"), 0.2)
    assert "0.2 s" in why


def postgres(port: int) -> Service:
    return Service(name="db", postgres=f"postgresql://me:secret@127.0.0.1:{port}/shop")


def error(code: str, words: str) -> bytes:
    body = f"SFATAL\0C{code}\0M{words}\0\0".encode()
    return b"NE" + struct.pack("!i", len(body) + 4) + body


def test_postgres_answers_with_tls_or_with_a_question_for_the_password(talker: Callable[[bytes], int]) -> None:
    assert silence(postgres(talker(b"S")), 2) == ""
    assert silence(postgres(talker(b"NR\0\0\0\x08\0\0\0\x03")), 2) == ""


def test_postgres_that_starts_up_or_lacks_the_database_does_not_answer(talker: Callable[[bytes], int]) -> None:
    assert "starting up" in silence(postgres(talker(error("57P03", "the database system is starting up"))), 2)
    assert "3D000" in silence(postgres(talker(error("3D000", 'database "shop" does not exist'))), 2)


def test_what_is_not_postgres_is_not_taken_for_it(talker: Callable[[bytes], int]) -> None:
    assert "not PostgreSQL" in silence(postgres(talker(b"H")), 2)


def test_a_real_postgres_answers(short_folder: Path) -> None:
    binaries = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    if not binaries or os.geteuid() != 0 or not shutil.which("setpriv"):
        need("postgres", "no server is installed, or not root")
    short_folder.chmod(0o777)
    port, folder, tools = closed_port(), short_folder / "pg", binaries[-1].parent
    drop = ["setpriv", "--reuid", "postgres", "--regid", "postgres", "--clear-groups"]
    options = f"-p {port} -k {short_folder} -c listen_addresses=127.0.0.1"
    control = [*drop, str(tools / "pg_ctl"), "-D", str(folder), "-s", "-w"]
    subprocess.run([*drop, str(tools / "initdb"), "-D", str(folder), "-A", "trust"], check=True, capture_output=True)
    subprocess.run([*control, "-l", f"{short_folder}/log", "-o", options, "start"], check=True, timeout=60)
    try:
        assert silence(Service(name="db", postgres=f"postgresql://postgres@127.0.0.1:{port}/postgres"), 3) == ""
        assert "does not exist" in silence(Service(name="db", postgres=f"postgresql://postgres@127.0.0.1:{port}/no"), 3)
    finally:
        subprocess.run([*control, "-m", "immediate", "stop"], check=True, timeout=60)
    assert "refused" in silence(Service(name="db", postgres=f"postgresql://postgres@127.0.0.1:{port}/postgres"), 3)


def test_a_password_in_an_address_is_not_told(tmp_path: Path) -> None:
    (check,) = ask_services(tmp_path, postgres(closed_port()))
    assert "secret" not in f"{check}"


def test_a_service_whose_container_ran_out_of_memory_is_told_so(engine: Engine, tmp_path: Path) -> None:
    engine.image("hungry:1", "LABEL hungry=1")
    labels = ["--label", "com.docker.compose.project=garden", "--label", "com.docker.compose.service=db"]
    eat = ["/bin/busybox", "sh", "-c", "x=aaaaaaaaaaaaaaaa; while :; do x=$x$x; done"]
    engine.docker(
        "run", "--name", "hungry", "--network", "none", "--memory", "16m", *labels, "hungry:1", *eat, check=False
    )
    killed = engine.docker("inspect", "--format", "{{.State.OOMKilled}}", "hungry").stdout.strip()
    if killed != "true":
        engine.docker("rm", "--force", "hungry")
        need("docker", "this kernel does not limit a container's memory")
    (tmp_path / "compose.yaml").write_text("name: garden\nservices: {db: {image: 'hungry:1'}}\n", encoding="utf-8")
    focus = Focus(
        name="all", docker=Docker(marker="docker"), services=(Service(name="db", tcp=f"localhost:{closed_port()}"),)
    )
    checks = run_checks(
        Question(focus=focus, root=tmp_path, environ=engine.environ), only=frozenset({"services"})
    ).checks
    engine.docker("rm", "--force", "hungry")
    (check,) = checks
    assert "OOMKilled" in check.found
    assert check.cause == "docker-container"
    assert check.blocks == ("marker:docker",)
