"""The five events that a user sees while an agent works."""

import enum
import time
from dataclasses import dataclass, field


class WebSocketEventType(str, enum.Enum):
    """In the order in which a run sends them."""

    AGENT_STARTED = "agent_started"
    AGENT_THINKING = "agent_thinking"
    TOOL_EXECUTING = "tool_executing"
    TOOL_COMPLETED = "tool_completed"
    AGENT_COMPLETED = "agent_completed"


@dataclass(frozen=True)
class WebSocketEvent:
    """One event of one run."""

    type: WebSocketEventType
    run_id: str
    payload: dict = field(default_factory=dict)
    at: float = field(default_factory=time.time)


def serialize(event):
    """The event as it goes over the wire."""
    return {"type": str(event.type), "run_id": event.run_id, "at": event.at, **event.payload}


def parse(message):
    """The event in a message from the wire."""
    rest = {name: value for name, value in message.items() if name not in ("type", "run_id", "at")}
    return WebSocketEvent(WebSocketEventType(message["type"]), message["run_id"], rest, message["at"])
