"""All checks together: order, time boxes, and many at once."""

import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from real_engine import Engine
from require import need, need_dockerfile

from gardener.model.focus import Docker, Focus
from gardener.model.run import Check, Status
from gardener.preflight.checks import CHECKS, run_checks
from gardener.preflight.question import Limits, Question

pytestmark = pytest.mark.integration


def lay(folder: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8")


def find(checks: tuple[Check, ...], name: str, status: Status) -> list[Check]:
    return [check for check in checks if check.id == name and check.status is status]


def test_a_folder_that_is_not_there_is_seen_before_any_test_and_without_an_engine(tmp_path: Path) -> None:
    lines = ["services:", "  backend:", "    build:", "      context: ./docker", "  auth:", "    build: ./docker", ""]
    lay(tmp_path, {"compose.test.yml": "\n".join(lines)})
    docker = Docker(compose=("compose.test.yml",), marker="docker", paths=("tests/e2e",), fixtures=("stack",))
    focus = Focus(name="integration", paths=("tests",), docker=docker)
    preflight = run_checks(Question(focus=focus, root=tmp_path, environ={"DOCKER_HOST": f"unix://{tmp_path}/no"}))
    found = find(preflight.checks, "build-context", Status.BLOCK)
    assert [(check.service, check.location) for check in found] == [
        ("backend", "compose.test.yml:4"),
        ("auth", "compose.test.yml:6"),
    ]
    assert all("docker does not exist" in check.found for check in found)
    assert all(check.blocks == ("marker:docker", "path:tests/e2e", "fixture:stack") for check in found)
    assert preflight.blocked
    assert {failure.exception for failure in preflight.failures()} >= {"docker-build", "docker-daemon"}


def test_a_missing_dockerfile_names_the_line_that_asks_for_it(ask: Callable[..., Question], tmp_path: Path) -> None:
    (tmp_path / "compose.yml").write_text(
        "services:\n  a:\n    build:\n      context: .\n      dockerfile: x.Dockerfile\n", encoding="utf-8"
    )
    (check,) = run_checks(ask({}), only=frozenset({"build-context"})).checks
    assert "x.Dockerfile does not exist" in check.found
    assert check.location == "compose.yml:5"


@pytest.fixture
def as_nobody(short_folder: Path) -> Iterator[Callable[[], None]]:
    """Goes on as nobody until the test ends; the folder is removed after that."""
    if os.geteuid() != 0:
        need("docker", "only root can play two users")
    yield lambda: os.seteuid(65534)
    os.seteuid(0)


@pytest.mark.parametrize(
    ("recipe", "secret", "ignore", "status"),
    [
        ("COPY secret /", "secret", "", Status.WARN),
        ("COPY . /x/", "sub/secret", "", Status.WARN),
        ("COPY s* /x/", "sub/secret", "", Status.WARN),
        ("COPY a /", "secret", "", Status.WARN),
        ("COPY a /", "secret", "secret\n", Status.OK),
        ("COPY a /", "sub/", "", Status.BLOCK),
    ],
)
def test_unreadable_files_are_judged_as_the_builders_do(
    engine: Engine,
    as_nobody: Callable[[], None],
    short_folder: Path,
    recipe: str,
    secret: str,
    ignore: str,
    status: Status,
) -> None:
    need_dockerfile()
    short_folder.chmod(0o755)
    context = short_folder / "context"
    (context / "sub").mkdir(parents=True)
    lay(context, {"a": "a", "Dockerfile": f"FROM scratch\n{recipe}\n", ".dockerignore": ignore})
    locked = context / secret
    if secret.endswith("/"):
        locked.chmod(0o700)
    else:
        locked.touch(mode=0o600)
    Path(engine.host.removeprefix("unix://")).chmod(0o666)
    built = [
        engine.docker("build", "--quiet", str(context), check=False, kit=kit, user=65534).returncode == 0
        for kit in ("0", "1")
    ]
    as_nobody()
    question = Question(focus=Focus(name="f", docker=Docker()), root=context, environ={})
    checks = run_checks(question, only=frozenset({"build-context"})).checks
    assert {check.status for check in checks} == {status}
    assert built == {Status.OK: [True, True], Status.WARN: [False, True], Status.BLOCK: [False, False]}[status]
    if status is not Status.OK:
        assert "permission" in checks[0].found
        assert checks[0].remedy.startswith("chmod")


def test_a_container_name_of_another_project_is_in_the_way_and_our_own_is_not(
    engine: Engine, ask: Callable[..., Question], tmp_path: Path
) -> None:
    engine.image("named:1", "LABEL named=1")
    lay(tmp_path, {"compose.yml": "services:\n  db:\n    image: named:1\n    container_name: the-db\n"})
    engine.docker(
        "create", "--name", "the-db", "--label", "com.docker.compose.project=other", "named:1", "/bin/busybox"
    )
    (theirs,) = run_checks(ask({**engine.environ, "COMPOSE_PROJECT_NAME": "garden"}), only=frozenset({"ports"})).checks
    (ours,) = run_checks(ask({**engine.environ, "COMPOSE_PROJECT_NAME": "other"}), only=frozenset({"ports"})).checks
    engine.docker("rm", "the-db")
    assert (theirs.status, theirs.cause) == (Status.BLOCK, "docker-container")
    assert "the-db is already in use" in theirs.found
    assert theirs.location == "compose.yml:4"
    assert ours.status is Status.OK


def test_eight_preflights_on_one_engine_disturb_nothing(
    engine: Engine, ask: Callable[..., Question], tmp_path: Path
) -> None:
    need_dockerfile()
    engine.image("calm:1", "LABEL calm=1")
    lay(
        tmp_path,
        {"compose.yml": "services:\n  a: {image: 'calm:1'}\n  b: {build: .}\n", "Dockerfile": "FROM calm:1\n"},
    )
    before = engine.docker("system", "df", "--format", "{{json .}}").stdout
    question = ask(engine.environ, limits=Limits(warn_bytes=1, block_bytes=1, timeout_s=30))
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(run_checks, [question] * 8))
    asked = [{check.status for check in one.checks if check.id != "services"} for one in answers]
    assert asked == [{Status.OK}] * 8
    assert engine.docker("system", "df", "--format", "{{json .}}").stdout == before


def test_a_repository_without_docker_is_asked_nothing(tmp_path: Path) -> None:
    question = Question(focus=Focus(name="unit"), root=tmp_path, environ=os.environ)
    checks = run_checks(question).checks
    assert [check.id for check in checks] == list(CHECKS)
    assert {check.status for check in checks} == {Status.SKIPPED}
