"""Finds the services of the test stack by the ports that the launcher wrote down."""

import json
import socket
import warnings
from pathlib import Path

PORTS = Path("run/ports.json")


class DiscoveryWarning(UserWarning):
    """A service that should be there was not found."""


def known_ports(path=PORTS):
    """Service name to port, as the launcher wrote it; empty where it never ran."""
    return json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}


def answers(port, host="127.0.0.1"):
    """Whether something listens."""
    try:
        with socket.create_connection((host, port), timeout=1):
            return True
    except OSError:
        return False


def find_service(name, path=PORTS):
    """The port of a service that answers; None, with a warning, where there is none."""
    port = known_ports(path).get(name)
    if port is not None and answers(port):
        return port
    warnings.warn(f"{name} service not found via port discovery", DiscoveryWarning, stacklevel=2)
    return None
