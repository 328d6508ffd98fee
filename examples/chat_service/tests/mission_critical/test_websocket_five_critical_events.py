"""The five events that a user sees while an agent works: this is what people pay for."""

import asyncio
import json
import unittest

from websockets.asyncio.client import connect

from chat_backend.websocket.server import ChatServer
from chat_backend.websocket_manager import WebSocketManager

FIVE = ["agent_started", "agent_thinking", "tool_executing", "tool_completed", "agent_completed"]


class EventTester:
    """Sends a message to a real server and collects the events that come back."""

    def __init__(self, url):
        self._url = url

    async def events(self, text="hello world"):
        async with connect(self._url) as websocket:
            await websocket.send(json.dumps({"kind": "user_message", "user_id": "ada", "text": text}))
            collected = []
            while len(collected) < len(FIVE):
                event = json.loads(await asyncio.wait_for(websocket.recv(), 5))
                if "run_id" in event:
                    collected.append(event)
            return collected


class TestWebSocketFiveCriticalEventsBusinessValue(unittest.IsolatedAsyncioTestCase):
    """Each of the five, their order, and what they carry."""

    async def setUp(self):
        self.server = ChatServer()
        url = await self.enterAsyncContext(self.server.running())
        self.event_tester = EventTester(url)

    async def test_agent_started_comes_first(self):
        events = await self.event_tester.events()
        self.assertIn("agent", events[0])

    async def test_agent_thinking_tells_the_thought(self):
        events = await self.event_tester.events("rain")
        self.assertIn("rain", events[1]["thought"])

    async def test_tool_executing_names_the_tool(self):
        events = await self.event_tester.events()
        self.assertEqual(events[2]["tool_name"], "search")

    async def test_tool_completed_brings_results(self):
        events = await self.event_tester.events("sun and rain")
        self.assertEqual(events[3]["results"], ["and", "rain", "sun"])

    async def test_agent_completed_brings_the_answer(self):
        events = await self.event_tester.events("hello")
        self.assertEqual(events[4]["answer"], "hello: 1 results")

    async def test_all_five_belong_to_one_run(self):
        events = await self.event_tester.events()
        self.assertEqual(len({event["run_id"] for event in events}), 1)

    async def test_events_come_in_order_of_time(self):
        events = await self.event_tester.events()
        times = [event["at"] for event in events]
        self.assertEqual(times, sorted(times))

    async def test_manager_knows_the_connection_while_it_is_open(self):
        await self.event_tester.events()
        self.assertIsInstance(self.server.manager, WebSocketManager)
