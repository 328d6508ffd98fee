"""Whether the host ports that services publish are free, and who has them."""

import errno
import socket
import sys
from collections.abc import Mapping

import psutil

from gardener.model.cause import Cause
from gardener.model.run import Check, Status
from gardener.preflight.compose import Port, Stack
from gardener.preflight.engine import EngineTrouble, connect, endpoint
from gardener.preflight.question import Question

_TAKEN = {errno.EADDRINUSE, errno.EADDRNOTAVAIL, 10048, 10049}


def check_ports(question: Question, stack: Stack) -> tuple[Check, ...]:
    """Is every published port free, or held by this very service? One answer for each that is not."""
    needed = "host ports that are free"
    wanted = [(service.name, port) for service in stack.services for port in service.ports]
    if not wanted:
        return (question.check("ports", Status.OK, "no host port is published", needed=needed),)
    if not endpoint(question.environ).local:
        return (question.check("ports", Status.UNKNOWN, "the engine publishes on another machine", needed=needed),)
    taken = [(service, port) for service, port in wanted if _is_taken(port)]
    containers = _containers(question) if taken else {}
    problems = []
    for service, port in taken:
        holder = containers.get((port.number, port.protocol))
        if holder and holder.get("com.docker.compose.project") == stack.project:
            continue  # compose finds its own container there and keeps it
        problems.append(_told(question, stack, service, port, holder))
    if problems:
        return tuple(problems)
    numbers = ", ".join(str(port.number) for _, port in wanted)
    return (question.check("ports", Status.OK, f"free or ours: {numbers}", needed=needed),)


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
            return error.errno in _TAKEN
    return False


def _containers(question: Question) -> Mapping[tuple[int, str], Mapping[str, str]]:
    """Who holds which port, by what the engine says: the container's labels and name."""
    try:
        with connect(question) as client:
            return {
                (port["PublicPort"], port["Type"]): {**container["Labels"], "name": container["Names"][0].lstrip("/")}
                for container in client.containers()
                for port in container["Ports"]
                if port.get("PublicPort")
            }
    except EngineTrouble:
        return {}


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


def _told(question: Question, stack: Stack, service: str, port: Port, holder: Mapping[str, str] | None) -> Check:
    process = None if holder else _process(port)
    remedy = f"lsof -nP -i :{port.number}" if sys.platform != "win32" else f"netstat -ano | findstr :{port.number}"
    by = "by a process that does not show itself"
    if holder:
        by, remedy = f"by the container {holder['name']}", f"docker stop {holder['name']}"
    elif process:
        by, remedy = f"by the process {process.name()} ({process.pid})", f"kill {process.pid}"
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
