"""Services of the test stack are found by what the launcher wrote down."""

import json
import socket

import pytest

from chat_backend import discovery
from chat_backend.startup import other_managers


@pytest.fixture
def listening():
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


@pytest.fixture
def ports(tmp_path):
    return tmp_path / "ports.json"


def test_no_ports_are_known_before_the_launcher_ran(ports):
    assert discovery.known_ports(ports) == {}


def test_known_ports_are_read(ports):
    ports.write_text('{"redis": 1}')
    assert discovery.known_ports(ports) == {"redis": 1}


def test_port_with_a_listener_answers(listening):
    assert discovery.answers(listening)


def test_service_is_found_where_it_listens(ports, listening):
    ports.write_text(json.dumps({"redis": listening}))
    assert discovery.find_service("redis", ports) == listening


def test_service_that_stopped_is_not_found(ports, listening):
    ports.write_text("{}")
    with pytest.warns(discovery.DiscoveryWarning):
        assert discovery.find_service("redis", ports) is None


def test_environment_can_be_read(monkeypatch):
    monkeypatch.setenv("CHAT_COLOUR", "blue")
    from chat_backend import settings

    with pytest.warns(settings.EnvironmentWarning):
        assert settings.environment()["CHAT_COLOUR"] == "blue"


def test_every_manager_is_known_by_its_module():
    assert all(path.startswith("chat_backend.") for path in other_managers())


def test_managers_are_found_in_a_fixed_order():
    assert other_managers() == sorted(other_managers())


def test_ports_file_lies_in_the_run_folder():
    assert discovery.PORTS.parts == ("run", "ports.json")
