"""Containers of the test stack start, answer, survive a restart, and leave nothing behind.

Everything is read from `docker inspect`, so that the tests say what the engine knows and not what
the compose file promises.
"""

import json
import time
from dataclasses import dataclass, field
from typing import Dict, List

import pytest

from chat_backend.engine import EngineError, docker

pytestmark = pytest.mark.docker

PROJECT = "chat-test"
# seconds; a cold engine needs most of them
PATIENCE = 60.0
PAUSE = 0.5


@dataclass(frozen=True)
class Limits:
    """What a container may use; 0 means no limit."""

    memory: int = 0
    cpus: float = 0.0
    processes: int = 0


@dataclass(frozen=True)
class Expected:
    """What a service of the stack has to look like once it runs."""

    service: str
    user: str
    command: List[str]
    mounts: List[str] = field(default_factory=list)
    limits: Limits = Limits()
    restarts: str = "no"


EXPECTED = {
    "alpine-test-backend": Expected(
        service="alpine-test-backend",
        user="chat",
        command=["tini", "--", "python", "-m", "chat_backend"],
        mounts=["/app/data"],
    ),
    "alpine-test-auth": Expected(
        service="alpine-test-auth",
        user="chat",
        command=["python", "-m", "auth_service"],
    ),
    "alpine-test-postgres": Expected(
        service="alpine-test-postgres",
        user="",
        command=["docker-entrypoint.sh", "postgres"],
        mounts=["/var/lib/postgresql/data"],
    ),
    "alpine-test-redis": Expected(
        service="alpine-test-redis",
        user="",
        command=["docker-entrypoint.sh", "redis-server"],
        mounts=["/data"],
    ),
}


class Container:
    """One container, looked at anew on every question."""

    def __init__(self, container_id):
        self.id = container_id

    def __repr__(self):
        return f"Container({self.id[:12]})"

    @classmethod
    def of(cls, service):
        """The container of a service. Raises EngineError when there is not exactly one."""
        listed = docker(
            "container",
            "ls",
            "--all",
            "--quiet",
            "--no-trunc",
            "--filter",
            f"label=com.docker.compose.project={PROJECT}",
            "--filter",
            f"label=com.docker.compose.service={service}",
        ).split()
        if len(listed) != 1:
            raise EngineError(f"{len(listed)} containers of service {service}")
        return cls(listed[0])

    def inspect(self):
        """Everything the engine knows of it."""
        return json.loads(docker("container", "inspect", self.id))[0]

    @property
    def state(self):
        """`running`, `exited`, `created`, …"""
        return self.inspect()["State"]["Status"]

    @property
    def started_at(self):
        """When it was started last, as the engine writes it."""
        return self.inspect()["State"]["StartedAt"]

    @property
    def health(self):
        """`healthy`, `starting`, `unhealthy`; `none` where there is no health check."""
        return self.inspect()["State"].get("Health", {}).get("Status", "none")

    @property
    def exit_code(self):
        """How its last run ended."""
        return self.inspect()["State"]["ExitCode"]

    @property
    def killed_for_memory(self):
        """Whether the kernel ended it for want of memory."""
        return self.inspect()["State"]["OOMKilled"]

    @property
    def user(self):
        """The user that it runs as; empty for root."""
        return self.inspect()["Config"]["User"]

    @property
    def command(self):
        """Entry point and command as one list."""
        config = self.inspect()["Config"]
        return [*(config["Entrypoint"] or []), *(config["Cmd"] or [])]

    @property
    def image(self):
        """The image that it was made from."""
        return self.inspect()["Config"]["Image"]

    @property
    def networks(self):
        """Names of the networks that it is in, sorted."""
        return sorted(self.inspect()["NetworkSettings"]["Networks"])

    @property
    def mounts(self):
        """Paths inside it that outlive it, sorted."""
        return sorted(mount["Destination"] for mount in self.inspect()["Mounts"])

    @property
    def limits(self):
        """What it may use."""
        host = self.inspect()["HostConfig"]
        return Limits(
            memory=host["Memory"],
            cpus=host["NanoCpus"] / 1e9,
            processes=host["PidsLimit"] or 0,
        )

    def log(self):
        """What it printed so far."""
        return docker("container", "logs", self.id)

    def restart(self):
        """Stop it, and start it again."""
        docker("container", "restart", self.id)

    def kill(self):
        """End it at once."""
        docker("container", "kill", self.id)


def wait_for(question, what, patience=PATIENCE):
    """Ask until the answer is true. Fails with `what` when it never is."""
    end = time.monotonic() + patience
    while time.monotonic() < end:
        if question():
            return
        time.sleep(PAUSE)
    pytest.fail(f"waited {patience:.0f} s for {what}")


def wait_until_running(container):
    """Running, and healthy where it has a health check."""
    wait_for(
        lambda: container.state == "running" and container.health in ("healthy", "none"),
        f"{container} to run",
    )


def networks():
    """Names of the project's networks."""
    return docker(
        "network",
        "ls",
        "--format",
        "{{.Name}}",
        "--filter",
        f"label=com.docker.compose.project={PROJECT}",
    ).split()


def volumes():
    """Names of the project's volumes."""
    return docker(
        "volume",
        "ls",
        "--format",
        "{{.Name}}",
        "--filter",
        f"label=com.docker.compose.project={PROJECT}",
    ).split()


def leftovers():
    """Containers of the project that no longer run."""
    return docker(
        "container",
        "ls",
        "--all",
        "--quiet",
        "--filter",
        "status=exited",
        "--filter",
        f"label=com.docker.compose.project={PROJECT}",
    ).split()


@pytest.fixture
def backend(stack):
    """The backend's container, running."""
    container = Container.of("alpine-test-backend")
    wait_until_running(container)
    return container


@pytest.fixture
def database(stack):
    """The database's container, running."""
    container = Container.of("alpine-test-postgres")
    wait_until_running(container)
    return container


# ports that a container publishes; None where the engine has not chosen one yet
PublishedPorts = Dict[str, Optional[int]]


def published(container) -> PublishedPorts:
    """Port inside the container to port on this machine."""
    ports = container.inspect()["NetworkSettings"]["Ports"] or {}
    return {inside: int(bound[0]["HostPort"]) if bound else None for inside, bound in ports.items()}


def test_backend_publishes_nothing_by_accident(backend):
    assert set(published(backend)) <= {"8000/tcp"}


def test_database_listens_on_this_machine_only(database):
    assert published(database) == {"5432/tcp": 5432}


@pytest.mark.parametrize("name", ["alpine-test-backend", "alpine-test-auth"])
def test_service_is_as_expected(stack, name):
    container, expected = Container.of(name), EXPECTED[name]
    assert (container.user, container.command, container.mounts, container.limits) == (
        expected.user,
        expected.command,
        expected.mounts,
        expected.limits,
    )


def test_backend_comes_back_after_a_restart(backend):
    before = backend.started_at
    backend.restart()
    wait_until_running(backend)
    assert backend.started_at > before


def test_stack_leaves_no_dead_containers(stack):
    assert leftovers() == [], f"beside networks {networks()} and volumes {volumes()}"
