"""The container engine, as far as tests of the stack need it."""

import os
import shutil
import socket
import subprocess

DEFAULT = "npipe:////./pipe/docker_engine" if os.name == "nt" else "unix:///var/run/docker.sock"


class EngineError(RuntimeError):
    """The engine refused, or was not there."""


def docker(*arguments, timeout=600):
    """What the docker command prints. Raises EngineError with its words."""
    if shutil.which("docker") is None:
        return _knock()
    done = subprocess.run(["docker", *arguments], capture_output=True, text=True, timeout=timeout, check=False)
    if done.returncode:
        raise EngineError(done.stderr.strip())
    return done.stdout


def _knock():
    """Without the command: ask the engine itself whether it is there at all."""
    address = os.environ.get("DOCKER_HOST", DEFAULT)
    kind, _, place = address.partition("://")
    try:
        if kind == "npipe":
            open(place, "rb").close()
        elif kind == "unix":
            with socket.socket(socket.AF_UNIX) as knock:
                knock.connect(place)
        else:
            host, _, port = place.rpartition(":")
            socket.create_connection((host, int(port)), timeout=2).close()
    except OSError as error:
        raise EngineError(f"Cannot connect to the Docker daemon at {address}: {error}") from error
    raise EngineError("docker: command not found")
