"""What the critical tests stand on: settings, services, the test stack in containers."""

import pytest

from auth_service.service import AuthService
from chat_backend.discovery import find_service
from chat_backend.settings import environment
from chat_backend.stack import ComposeStack


@pytest.fixture(scope="session", autouse=True)
def surroundings():
    """Looked at once; tests that need a service ask for it themselves."""
    environment()
    find_service("PostgreSQL")


@pytest.fixture
def auth():
    with AuthService() as service:
        yield service


@pytest.fixture(scope="session")
def stack():
    """The test stack, up."""
    stack = ComposeStack("docker-compose.test.yml")
    stack.up()
    yield stack
    stack.down()
