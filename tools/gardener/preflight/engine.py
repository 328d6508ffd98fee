"""Whether the Docker engine answers, and why not."""

import hashlib
import json
import socket
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from gardener.model.cause import Cause
from gardener.model.run import Check, Status
from gardener.preflight.question import Question
from gardener.preflight.stack import Stack

if TYPE_CHECKING:
    from docker import APIClient
    from docker.tls import TLSConfig

# the commands that start the engine, and that end a hung one and start it again
_ON_LINUX = ("sudo systemctl start docker", "sudo systemctl restart docker")
COMMANDS = {
    "win32": ("docker desktop start", "docker desktop restart"),
    "darwin": ("open -a Docker", "osascript -e 'quit app \"Docker\"'; open -a Docker"),
}
PROJECT, SERVICE = "com.docker.compose.project", "com.docker.compose.service"  # labels that compose puts on containers
EXTRA = "pip install 'failing-test-gardener[docker]'"


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """Where the engine is looked for, and who said so."""

    host: str
    said_by: str  # "DOCKER_HOST", "context desktop-linux", "the platform's default"

    @property
    def local(self) -> bool:
        """Whether the engine works on this machine's own disk and ports."""
        return self.host.startswith(("unix://", "npipe://")) or "://localhost" in self.host or "://127." in self.host


class EngineTrouble(Exception):
    """The engine cannot be asked: what is wrong in words, and the one command to mend it."""

    def __init__(self, found: str, remedy: str, *, status: Status = Status.BLOCK) -> None:
        super().__init__(found)
        self.found = found
        self.remedy = remedy
        self.status = status  # UNKNOWN where the means to ask are missing


def endpoint(environ: Mapping[str, str]) -> Endpoint:
    """The engine that the docker command line would use: DOCKER_HOST, then the context, then the default."""
    if environ.get("DOCKER_HOST"):
        return Endpoint(host=environ["DOCKER_HOST"], said_by="DOCKER_HOST")
    folder = Path(environ.get("DOCKER_CONFIG") or Path(environ.get("HOME") or Path.home()) / ".docker")
    name = environ.get("DOCKER_CONTEXT") or str(_json(folder / "config.json").get("currentContext", ""))
    if name and name != "default":
        digest = hashlib.sha256(name.encode()).hexdigest()
        meta = _json(folder / "contexts" / "meta" / digest / "meta.json")
        host = meta.get("Endpoints", {}).get("docker", {}).get("Host")
        if not host:
            raise EngineTrouble(f"the docker context {name} does not exist", "docker context use default")
        return Endpoint(host=host, said_by=f"context {name}")
    default = "npipe:////./pipe/docker_engine" if sys.platform == "win32" else "unix:///var/run/docker.sock"
    return Endpoint(host=default, said_by="the platform's default")


def _json(path: Path) -> dict:  # type: ignore[type-arg]
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


@contextmanager
def connect(question: Question, timeout_s: float | None = None) -> "Iterator[APIClient]":
    """A client of the engine that has answered once. Raises EngineTrouble, also for what fails while it is used."""
    where = endpoint(question.environ)
    limit = timeout_s or max(question.limits.timeout_s * 0.7, 0.5)
    try:
        _knock(where, limit)
    except OSError as error:
        raise diagnose(repr(error), where, limit) from error
    try:
        from docker import APIClient
        from docker.errors import DockerException
    except ImportError:
        raise EngineTrouble("the docker package is not installed", EXTRA, status=Status.UNKNOWN) from None
    try:
        client = APIClient(
            base_url=where.host,
            version="auto",
            timeout=limit,  # type: ignore[arg-type]  # requests takes fractions
            tls=_tls(question.environ, where),
            use_ssh_client=True,
        )
    except DockerException as error:
        raise diagnose(str(error), where, limit) from error
    try:
        _agree(question.environ, client.version(api_version=False))
        yield client
    except (DockerException, OSError) as error:
        raise diagnose(str(error), where, limit) from error
    finally:
        client.close()


def _knock(where: Endpoint, limit_s: float) -> None:
    """Connect and hang up: quicker than the SDK, and it says what is wrong. Raises OSError."""
    scheme, _, rest = where.host.partition("://")
    if scheme == "unix" and hasattr(socket, "AF_UNIX"):
        with socket.socket(socket.AF_UNIX) as probe:
            probe.settimeout(limit_s)
            probe.connect(rest)
    elif scheme in ("tcp", "http", "https"):
        parts = urlsplit(where.host)
        socket.create_connection((parts.hostname or "localhost", parts.port or 2375), limit_s).close()


def _tls(environ: Mapping[str, str], where: Endpoint) -> "TLSConfig | bool":
    if not environ.get("DOCKER_TLS_VERIFY") or not where.host.startswith("tcp://"):
        return False
    from docker.tls import TLSConfig

    folder = Path(environ.get("DOCKER_CERT_PATH") or Path.home() / ".docker")
    pair = (str(folder / "cert.pem"), str(folder / "key.pem"))
    return TLSConfig(client_cert=pair, ca_cert=str(folder / "ca.pem"), verify=True)


def _agree(environ: Mapping[str, str], server: Mapping[str, str]) -> None:
    """The version of the API that the environment insists on must be one that the engine speaks."""
    lowest, highest = server.get("MinAPIVersion", "1.12"), server["ApiVersion"]
    wanted = environ.get("DOCKER_API_VERSION") or highest
    if _number(lowest) <= _number(wanted) <= _number(highest):
        return
    bound = f"too new, maximum {highest}" if _number(wanted) > _number(highest) else f"too old, minimum {lowest}"
    raise EngineTrouble(
        f"wrong API version: DOCKER_API_VERSION={wanted} is {bound}", f"export DOCKER_API_VERSION={highest}"
    )


def _number(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split(".") if part.isdigit())


def diagnose(text: str, where: Endpoint, limit_s: float) -> EngineTrouble:
    """Which of the known faults a client's words tell of; the Linux and the Windows wordings."""
    low, place = text.lower(), f"{where.host} ({where.said_by})"
    start, restart = COMMANDS.get(sys.platform, _ON_LINUX)
    if any(words in low for words in ("permission denied", "permissionerror", "access is denied")):
        return EngineTrouble(f"permission denied on {place}", 'sudo usermod -aG docker "$USER" && newgrp docker')
    if "timed out" in low or "timeout" in low:
        return EngineTrouble(f"the engine at {place} is hung: no answer within {limit_s:g} s", restart)
    if "client version" in low or "api versions below" in low:
        return EngineTrouble(f"wrong API version: {text}", "unset DOCKER_API_VERSION")
    remedy = start if where.local or where.said_by != "DOCKER_HOST" else "unset DOCKER_HOST"
    if any(words in low for words in ("no such file", "cannot find the file", "filenotfound")):
        return EngineTrouble(f"the engine is not running: {place} does not exist", remedy)
    if "refused" in low and where.host.startswith("unix://"):
        return EngineTrouble(f"the engine is not running: nothing listens on {place}, its socket is stale", remedy)
    if "refused" in low:
        return EngineTrouble(f"the engine is not running: {place} refuses the connection", remedy)
    return EngineTrouble(f"the engine at {place} cannot be reached: {text}", remedy)


def check_engine(question: Question, stack: Stack) -> tuple[Check, ...]:  # noqa: ARG001 - every check is asked alike
    """Is the engine reachable? Where nobody asks for Docker the probe is short and a fault only warns."""
    needed = "a Docker engine that answers"
    advise = question.focus.docker is None and "engine" not in question.named
    try:
        with connect(question, 2.0 if advise else None) as client:
            server = client.version(api_version=False)
            where = endpoint(question.environ)
    except EngineTrouble as trouble:
        status = Status.WARN if advise and trouble.status is Status.BLOCK else trouble.status
        why = "compose files lie here: what the tests expect of their services may not be running" if advise else ""
        answer = question.check(
            "engine", status, trouble.found, needed=needed, why=why, remedy=trouble.remedy, cause=Cause.DOCKER_DAEMON
        )
        return (answer,)
    found = f"engine {server['Version']} (API {server['ApiVersion']}) at {where.host} ({where.said_by})"
    return (question.check("engine", Status.OK, found, needed=needed),)
