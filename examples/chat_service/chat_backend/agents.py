"""The agent: it takes a message, uses a tool, and tells of each step."""

import uuid

from chat_backend.events import WebSocketEvent, WebSocketEventType
from chat_backend.websocket.manager import WebSocketManager


class AgentWebSocketManager(WebSocketManager):
    """Connections over which agents, not browsers, are attached."""


class Agent:
    """Answers a message and publishes the five events while it does."""

    def __init__(self, publish):
        self._publish = publish

    def run(self, text):
        """One run from start to end; gives its answer."""
        run_id = uuid.uuid4().hex
        self._tell(run_id, WebSocketEventType.AGENT_STARTED, agent="assistant")
        self._tell(run_id, WebSocketEventType.AGENT_THINKING, thought=f"about {text!r}")
        results = self.use_tool(run_id, "search", text)
        answer = f"{text}: {len(results)} results"
        self._tell(run_id, WebSocketEventType.AGENT_COMPLETED, answer=answer)
        return answer

    def use_tool(self, run_id, name, text):
        """Tell of the tool, use it, tell what it found."""
        self._tell(run_id, WebSocketEventType.TOOL_EXECUTING, tool_name=name)
        return self.finish_tool(run_id, name, sorted(set(text.split())))

    def finish_tool(self, run_id, name, results):
        """Tell what a tool found."""
        self._tell(run_id, WebSocketEventType.TOOL_COMPLETED, tool_name=name, results=results)
        return results

    def _tell(self, run_id, kind, **payload):
        self._publish(WebSocketEvent(kind, run_id, payload))
