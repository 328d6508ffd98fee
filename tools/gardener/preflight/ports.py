"""Whether the host ports that services publish are free, and who has them."""

import errno
import socket
import sys
from dataclasses import dataclass

import psutil

from gardener.model.cause import Cause
from gardener.model.run import Check, Status
from gardener.preflight.engine import PROJECT, EngineTrouble, connect, endpoint
from gardener.preflight.question import Question
from gardener.preflight.stack import Port, Stack

NEEDED = "host ports and container names that are free"
_TAKEN = {errno.EADDRINUSE, 10048, 10013}  # the last two: Windows, in use and reserved


@dataclass(frozen=True, slots=True, kw_only=True)
class Container:
    """What the engine holds: a container with its compose project and the host ports it has."""

    name: str
    project: str
    ports: frozenset[Port]


def check_ports(question: Question, stack: Stack) -> tuple[Check, ...]:
    """Are published ports and fixed container names free, or this project's own? One answer for each that is not."""
    wanted = [(service.name, port) for service in stack.services for port in service.ports]
    named = {service.container: service.name for service in stack.services if service.container}
    if not wanted and not named:
        return (question.check("ports", Status.OK, "no host port is published", needed=NEEDED),)
    if not endpoint(question.environ).local:
        return (question.check("ports", Status.UNKNOWN, "the engine publishes on another machine", needed=NEEDED),)
    taken = [(service, port) for service, port in wanted if _is_taken(port)]
    containers = _containers(question) if taken or named else []
    problems = []
    for service, port in taken:
        held = Port(number=port.number, protocol=port.protocol)
        holder = next((one for one in containers if held in one.ports), None)
        if holder is None or holder.project != stack.project:  # compose keeps its own container
            problems.append(_told(question, stack, service, port, holder))
    problems += [
        _name_taken(question, stack, named[one.name], one)
        for one in containers
        if one.name in named and one.project != stack.project
    ]
    free = question.check(
        "ports", Status.OK, f"free or ours: {', '.join(str(p.number) for _, p in wanted)}", needed=NEEDED
    )
    return tuple(problems) or (free,)


def _is_taken(port: Port) -> bool:
    """Whether the port cannot be bound, as the engine would bind it."""
    host = port.host or "0.0.0.0"  # noqa: S104 - where the engine publishes by default
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    kind = socket.SOCK_DGRAM if port.protocol == "udp" else socket.SOCK_STREAM
    with socket.socket(family, kind) as probe:
        if kind is socket.SOCK_STREAM and sys.platform != "win32":
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # a port in TIME_WAIT is free
        try:
            probe.bind((host, port.number))
        except OSError as error:
            return bool({error.errno, getattr(error, "winerror", None)} & _TAKEN)
    return False


def _containers(question: Question) -> list[Container]:
    """Every container of the engine; none where it cannot be asked."""
    try:
        with connect(question) as client:
            return [
                Container(
                    name=container["Names"][0].lstrip("/"),
                    project=container["Labels"].get(PROJECT, ""),
                    ports=frozenset(
                        Port(number=port["PublicPort"], protocol=port["Type"])
                        for port in container["Ports"]
                        if port.get("PublicPort")
                    ),
                )
                for container in client.containers(all=True)
            ]
    except EngineTrouble:
        return []


def _process(port: Port) -> psutil.Process | None:
    """The process that listens there; None where the system does not tell."""
    try:
        for connection in psutil.net_connections("udp" if port.protocol == "udp" else "tcp"):
            listens = connection.status in (psutil.CONN_LISTEN, psutil.CONN_NONE)
            if listens and connection.pid and connection.laddr and connection.laddr.port == port.number:
                return psutil.Process(connection.pid)
    except psutil.Error:
        pass
    return None


def _told(question: Question, stack: Stack, service: str, port: Port, holder: Container | None) -> Check:
    process = None if holder else _process(port)
    remedy = f"lsof -nP -i :{port.number}" if sys.platform != "win32" else f"netstat -ano | findstr :{port.number}"
    by = "by a process that does not show itself"
    if holder:
        by, remedy = f"by the container {holder.name}", f"docker stop {holder.name}"
    elif process:
        by, remedy = f"by the process {process.name()}", f"kill {process.pid}"  # its id stands in no title
    return question.check(
        "ports",
        Status.BLOCK,
        f"port {port.number}/{port.protocol} is already taken {by}",
        needed=f"port {port.number} for the service {service}",
        remedy=remedy,
        location=stack.place("services", service, "ports"),
        service=service,
        cause=Cause.DOCKER_PORT,
    )


def _name_taken(question: Question, stack: Stack, service: str, holder: Container) -> Check:
    return question.check(
        "ports",
        Status.BLOCK,
        f"the container name {holder.name} is already in use by {holder.project or 'a container outside compose'}",
        needed=f"the name {holder.name} for the service {service}",
        remedy=f"docker rename {holder.name} {holder.name}-before",
        location=stack.place("services", service, "container_name"),
        service=service,
        cause=Cause.DOCKER_CONTAINER,
    )
