"""Events over the wire look as the browser expects them."""

import pytest

from chat_backend.events import WebSocketEvent, WebSocketEventType, parse, serialize
from chat_backend.history import History
from chat_backend.logging_factory import get_logger


@pytest.fixture
def history():
    get_logger("events").debug("a new history")
    return History()


def test_event_type_is_preserved():
    event = serialize(WebSocketEvent(WebSocketEventType.AGENT_THINKING, "run-1"))
    assert event["type"] == "agent_thinking", "Event type must be preserved"


def test_payload_stands_beside_the_type():
    event = serialize(WebSocketEvent(WebSocketEventType.TOOL_EXECUTING, "run-1", {"tool_name": "search"}))
    assert event["tool_name"] == "search"


def test_message_from_the_wire_becomes_an_event():
    event = parse({"type": "agent_started", "run_id": "run-1", "at": 1.0, "agent": "assistant"})
    assert event == WebSocketEvent(WebSocketEventType.AGENT_STARTED, "run-1", {"agent": "assistant"}, 1.0)


@pytest.mark.parametrize("kind", list(WebSocketEventType), ids=lambda kind: kind.name.lower())
def test_history_keeps_each_kind_of_event(history, kind):
    for number in range(5):
        history.add("agent", f"{kind.value} {number}")
    assert len(history.texts()) == 5


def test_history_keeps_the_order():
    history = History()
    for text in ("one", "two", "three"):
        history.add("ada", text)
    assert history.texts() == ["one", "two", "three"]
