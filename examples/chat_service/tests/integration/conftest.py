"""The test stack in containers, for the tests that need it."""

import pytest

from chat_backend.stack import ComposeStack


@pytest.fixture(scope="session")
def stack():
    stack = ComposeStack("docker-compose.alpine-test.yml")
    stack.up()
    yield stack
    stack.down()
