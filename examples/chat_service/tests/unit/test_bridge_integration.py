"""What an agent tells arrives at the other end of the bridge."""

import pytest

from chat_backend.agents import Agent
from chat_backend.logging_factory import get_logger
from chat_backend.websocket.bridge import EventBridge
from chat_backend.websocket_manager import WebSocketManager


@pytest.fixture
def events():
    get_logger("bridge").debug("listening")
    return []


@pytest.mark.golden_path
def test_all_five_events_cross_the_bridge(events):
    bridge = EventBridge(events.append)
    Agent(bridge.publish).run("hello world")
    assert len(events) == 5, f"Expected 5 bridge events, got {len(events)}"


def test_opened_bridge_hands_events_on(events):
    bridge = EventBridge(events.append)
    bridge.open()
    Agent(bridge.publish).use_tool("run-1", "search", "hello")
    assert [event["tool_name"] for event in events] == ["search", "search"]


def test_agent_answers_without_a_connection(events):
    assert WebSocketManager().count() == 0
    assert Agent(events.append).run("hello world") == "hello world: 2 results"
