"""The engine's faults by their words, as Linux and Windows clients put them."""

import pytest

from gardener.preflight.engine import Endpoint, diagnose, endpoint
from gardener.preflight.images import reason
from gardener.preflight.services import fate

pytestmark = pytest.mark.unit
LOCAL = Endpoint(host="unix:///var/run/docker.sock", said_by="the platform's default")
PIPE = Endpoint(host="npipe:////./pipe/dockerDesktopLinuxEngine", said_by="context desktop-linux")


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("FileNotFoundError(2, 'No such file or directory')", "not running"),
        ("ConnectionRefusedError(111, 'Connection refused')", "stale"),
        ("PermissionError(13, 'Permission denied')", "permission denied"),
        ("Read timed out. (read timeout=7)", "hung"),
        ("client version 1.22 is too old. Minimum supported API version is 1.24", "wrong API version"),
        ("something new", "cannot be reached: something new"),
    ],
)
def test_linux_words_tell_the_faults_apart(words: str, found: str) -> None:
    trouble = diagnose(words, LOCAL, 7)
    assert found in trouble.found
    assert trouble.remedy


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("open //./pipe/dockerDesktopLinuxEngine: The system cannot find the file specified.", "not running"),
        ("(2, 'CreateFile', 'The system cannot find the file specified.')", "not running"),
        ("(5, 'CreateFile', 'Access is denied.')", "permission denied"),
    ],
)
def test_windows_words_about_the_pipe_are_understood(words: str, found: str) -> None:
    trouble = diagnose(f"error during connect: {words}", PIPE, 7)
    assert found in trouble.found
    assert "dockerDesktopLinuxEngine" in trouble.found
    assert "context desktop-linux" in trouble.found


def test_docker_host_wins_over_everything() -> None:
    assert endpoint({"DOCKER_HOST": "tcp://10.0.0.1:2375", "DOCKER_CONTEXT": "x"}).said_by == "DOCKER_HOST"


@pytest.mark.parametrize(
    ("host", "local"),
    [("unix:///x", True), ("npipe:////./pipe/x", True), ("tcp://127.0.0.1:2375", True), ("ssh://me@far", False)],
)
def test_an_engine_elsewhere_is_not_local(host: str, *, local: bool) -> None:
    assert Endpoint(host=host, said_by="DOCKER_HOST").local is local


@pytest.mark.parametrize(
    ("words", "short"),
    [
        ("manifest for x:9 not found: manifest unknown: manifest unknown", "manifest unknown"),
        ("pull access denied for shop-frontend, repository does not exist or may require 'docker login'", "denied"),
        (
            "errors:\ndenied: requested access is denied\nunauthorized: authentication required",
            "denied",
        ),
        ("toomanyrequests: You have reached your pull rate limit.", "rate limit"),
        ("Get https://registry.example/v2/: dial tcp: lookup registry.example: no such host", "no such host"),
    ],
)
def test_a_registrys_words_are_put_short(words: str, short: str) -> None:
    assert short in reason(words)


@pytest.mark.parametrize(
    ("state", "word"),
    [
        ({"Status": "exited", "OOMKilled": True, "ExitCode": 137}, "OOMKilled"),
        ({"Status": "exited", "OOMKilled": False, "ExitCode": 1, "Error": ""}, "exited with code 1"),
        ({"Status": "running", "Health": {"Status": "unhealthy"}}, "unhealthy"),
        ({"Status": "running"}, ""),
    ],
)
def test_a_containers_state_is_told_where_it_explains_a_silence(state: dict[str, object], word: str) -> None:
    assert (word in fate(state)) if word else fate(state) == ""
