"""Every event carries what the browser shows of it."""

import asyncio
import json
from pathlib import Path

from websockets.asyncio.client import connect

from chat_backend.websocket.server import ChatServer

SCHEMA = json.loads(Path(__file__).parents[2].joinpath("shared", "event_schema.json").read_text(encoding="utf-8"))


def answer_to(message):
    """The first thing that a real server answers."""

    async def exchange():
        async with ChatServer().running() as url, connect(url) as websocket:
            await websocket.send(json.dumps(message))
            return json.loads(await asyncio.wait_for(websocket.recv(), 5))

    return asyncio.run(exchange())


def has_structure(event, kind):
    return all(name in event for name in SCHEMA[kind])


def test_agent_started_has_its_structure():
    event = answer_to({"kind": "user_message", "user_id": "ada", "text": "hello"})
    assert has_structure(event, "agent_started"), "agent_started event structure validation failed"


def test_tool_executing_has_its_structure():
    event = answer_to({"kind": "run_tool", "run_id": "run-1", "tool_name": "search", "text": "hello"})
    assert "tool_name" in event, "tool_executing missing tool_name"


def test_tool_completed_has_its_structure():
    event = answer_to(
        {"kind": "tool_result", "user_id": "ada", "run_id": "run-1", "tool_name": "search", "results": ["hello"]}
    )
    assert "results" in event, "tool_completed missing results"
