"""The golden path runs against the stack that the developers have up."""

import pytest

from chat_backend.client import connect
from chat_backend.stack import RunningStack


@pytest.fixture
def stack():
    stack = RunningStack()
    yield stack
    stack.containers()  # what a test left running shows here


@pytest.fixture
def chat(stack):
    """A browser that is connected."""
    with connect(stack.url) as websocket:
        yield websocket
