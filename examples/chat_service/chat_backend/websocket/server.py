"""Takes connections and lets an agent answer on each."""

import contextlib
import datetime
import json

from websockets.asyncio.server import serve
from websockets.exceptions import ConnectionClosed

from chat_backend.agents import Agent
from chat_backend.logging_factory import get_logger
from chat_backend.models import ToolResult, UserMessage
from chat_backend.payloads import Receipt
from chat_backend.startup import check_single_source
from chat_backend.websocket.bridge import EventBridge
from chat_backend.websocket.manager import WebSocketManager

logger = get_logger(__name__)


@contextlib.asynccontextmanager
async def listen(handler, host="127.0.0.1"):
    """A server on a free port, as its URL. A handler that died is raised here when the server stops."""
    check_single_source()
    died = []

    async def guarded(websocket):
        try:
            await handler(websocket)
        except ConnectionClosed:
            logger.debug("the browser went away")
        except Exception as error:
            died.append(error)
            await websocket.close(1011, "internal error")

    async with serve(guarded, host, 0) as server:
        port = server.sockets[0].getsockname()[1]
        try:
            yield f"ws://{host}:{port}/chat"
        finally:
            if died:
                raise died[0] from None  # the client only saw the connection close


class ChatServer:
    """The chat itself: messages in, events out."""

    def __init__(self):
        self.manager = WebSocketManager()

    def running(self):
        """The chat on a free port, as its URL."""
        return listen(self.handle)

    async def handle(self, websocket):
        """One browser, until it leaves."""
        info = self.manager.connect(websocket, user_id="anonymous")
        try:
            async for raw in websocket:
                info.seen()
                for answer in self.answers(json.loads(raw)):
                    await websocket.send(json.dumps(answer))
        finally:
            self.manager.disconnect(info)

    def answers(self, message):
        """What one message brings, in order."""
        sent = []
        bridge = EventBridge(sent.append)
        bridge.open()
        agent = Agent(bridge.publish)
        kind = message.pop("kind")
        if kind == "user_message":
            agent.run(UserMessage(**message).text)
        elif kind == "run_tool":
            agent.use_tool(message["run_id"], message["tool_name"], message["text"])
        elif kind == "tool_result":
            result = ToolResult(**message)
            agent.finish_tool(result.run_id, result.tool_name, result.results)
        elif kind == "ping":
            receipt = Receipt(run_id=message["run_id"], at=datetime.datetime.now(datetime.timezone.utc))
            sent.append({"type": "receipt", **json.loads(receipt.model_dump_json())})
        return sent
