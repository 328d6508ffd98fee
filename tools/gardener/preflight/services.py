"""Whether the dependencies that a focus declares answer."""

import contextlib
import http.client
import shlex
import socket
import struct
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any, BinaryIO
from urllib.parse import unquote, urlsplit

from gardener.model.cause import Cause
from gardener.model.focus import Service
from gardener.model.run import Check, Status
from gardener.preflight.engine import PROJECT, SERVICE, EngineTrouble, connect
from gardener.preflight.question import Question
from gardener.preflight.stack import Stack

_SSL_REQUEST = struct.pack("!ii", 8, 80877103)  # what a PostgreSQL server answers before anything else
_PROTOCOL_3 = 196608


def check_services(question: Question, stack: Stack) -> tuple[Check, ...]:
    """Does every declared service answer? One answer for each that does not."""
    declared = question.focus.services
    if not declared:
        return (question.check("services", Status.OK, "none declared"),)
    limit = min(3.0, question.limits.timeout_s * 0.7)
    with ThreadPoolExecutor(max_workers=min(len(declared), 16)) as pool:
        silences = list(pool.map(lambda service: silence(service, limit), declared))
    silent = [(service, why) for service, why in zip(declared, silences, strict=True) if why]
    if not silent:
        return (question.check("services", Status.OK, f"{', '.join(one.name for one in declared)}: answer"),)
    fates = _fates(question, stack, [service.name for service, _ in silent])
    return tuple(_told(question, stack, service, why, fates.get(service.name, "")) for service, why in silent)


def _fates(question: Question, stack: Stack, names: list[str]) -> dict[str, str]:
    """What became of the containers of services that are silent, by what the engine says."""
    if not {service.name for service in stack.services} & set(names):
        return {}
    found = {}
    try:
        with connect(question) as client:
            for one in client.containers(all=True, filters={"label": f"{PROJECT}={stack.project}"}):
                state = client.inspect_container(one["Id"])["State"]
                found[one["Labels"].get(SERVICE, "")] = fate(state)
    except EngineTrouble:
        return {}
    return found


def fate(state: Mapping[str, Any]) -> str:
    """A container's state in words, where it explains why nobody answers; only inspect tells an out-of-memory kill."""
    if state.get("OOMKilled"):
        return f"its container ran out of memory and was killed (OOMKilled, exit code {state.get('ExitCode')})"
    if state.get("Status") in ("exited", "dead", "restarting"):
        return f"its container exited with code {state.get('ExitCode')} {state.get('Error', '')}".rstrip()
    if state.get("Health", {}).get("Status") == "unhealthy":
        return "its container is unhealthy"
    return ""


def silence(service: Service, limit_s: float) -> str:
    """Why a service does not answer; "" where it does."""
    try:
        if service.http:
            return _http(service.http, limit_s)
        if service.postgres:
            return _postgres(service.postgres, limit_s)
        host, port = _address(f"//{service.tcp}", 0)
        socket.create_connection((host, port), limit_s).close()
    except TimeoutError:
        return f"no answer within {limit_s:g} s"
    except (OSError, http.client.HTTPException, ValueError) as error:
        return str(error) or type(error).__name__
    return ""


def _address(url: str, port: int) -> tuple[str, int]:
    parts = urlsplit(url)
    found = parts.port or port
    if not parts.hostname or not found:
        raise ValueError(f"{url.removeprefix('//')} names no host and port")
    return parts.hostname, found


def _http(url: str, limit_s: float) -> str:
    parts = urlsplit(url)
    secure = parts.scheme == "https"
    host, port = _address(url, 443 if secure else 80)
    kind = http.client.HTTPSConnection if secure else http.client.HTTPConnection
    with contextlib.closing(kind(host, port, timeout=limit_s)) as connection:
        connection.request("GET", (parts.path or "/") + (f"?{parts.query}" if parts.query else ""))
        status = connection.getresponse().status
    return f"it answers with status {status}" if status >= 500 else ""


def _postgres(url: str, limit_s: float) -> str:
    """Far enough to know that it speaks, is up, and has the database where it says so before it asks for a password."""
    parts = urlsplit(url)
    user, database = unquote(parts.username or "postgres"), unquote(parts.path.lstrip("/"))
    with socket.create_connection(_address(url, 5432), limit_s) as wire:
        wire.sendall(_SSL_REQUEST)
        answer = wire.recv(1)
        if answer == b"S":
            return ""  # it speaks; the rest is behind TLS
        if answer != b"N":
            return "what listens there is not PostgreSQL"
        words = f"user\0{user}\0database\0{database or user}\0\0".encode()
        wire.sendall(struct.pack("!ii", len(words) + 8, _PROTOCOL_3) + words)
        with wire.makefile("rb") as stream:
            return _verdict(stream)


def _verdict(stream: BinaryIO) -> str:
    """What the server's messages come to, up to its question for a password or its readiness."""
    while len(header := stream.read(5)) == 5:
        kind, length = struct.unpack("!ci", header)
        body = stream.read(length - 4)
        if kind == b"E":
            fields = {part[:1]: part[1:].decode(errors="replace") for part in body.split(b"\0") if part}
            return f"{fields.get(b'M', 'refused')} ({fields.get(b'C', '')})"
        if kind == b"Z" or (kind == b"R" and body[:4] != bytes(4)):
            return ""
    return "it closed the connection"


def _told(question: Question, stack: Stack, service: Service, why: str, fate: str) -> Check:
    parts = urlsplit(service.http or service.postgres or f"//{service.tcp}")
    address = parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl().removeprefix("//")  # without a password
    remedy = (
        f"curl --silent --show-error {shlex.quote(address)}"
        if service.http
        else f"nc -vz {parts.hostname} {parts.port or 5432}"
    )
    if service.name in {one.name for one in stack.services}:
        remedy = question.compose(stack.files, f"up --detach --wait {service.name}")
    return question.check(
        "services",
        Status.BLOCK,
        f"{service.name} at {address} does not answer: {why}{f'; {fate}' if fate else ''}",
        needed=f"{service.name} that answers before the tests start",
        why=f"focus {question.focus.name} declares that its tests talk to {service.name}",
        remedy=remedy,
        service=service.name,
        cause=Cause.DOCKER_CONTAINER if fate else Cause.SERVICE_UNAVAILABLE,
        blocks=question.needing_docker() or question.everything(),
    )
