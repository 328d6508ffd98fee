"""Handlers of our own on the server that the chat uses."""

import asyncio

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

from chat_backend.websocket.server import ChatServer, listen


async def event_handler(websocket, path):
    """Answers each message with the path that it came to."""
    async for message in websocket:
        await websocket.send(f"{path} {message}")


async def exchange(handler, message):
    async with listen(handler) as url, connect(url) as websocket:
        await websocket.send(message)
        return await asyncio.wait_for(websocket.recv(), 5)


def test_handler_knows_its_path():
    assert asyncio.run(exchange(event_handler, "hello")) == "/chat hello"


def test_server_answers_a_ping():
    async def ping():
        async with ChatServer().running() as url, connect(url) as websocket:
            await websocket.send('{"kind": "ping", "run_id": "run-1"}')
            async for message in websocket:
                if "receipt" in message:
                    return message

    assert "run-1" in asyncio.run(asyncio.wait_for(ping(), 5))


def test_unknown_kind_gets_no_answer():
    async def send():
        async with ChatServer().running() as url, connect(url) as websocket:
            await websocket.send('{"kind": "unknown"}')
            pong = await websocket.ping()
            await asyncio.wait_for(pong, 5)

    asyncio.run(send())


def test_message_that_is_no_json_closes_the_connection():
    async def send():
        async with ChatServer().running() as url, connect(url) as websocket:
            await websocket.send("hello")
            with pytest.raises(ConnectionClosed):
                while True:
                    await asyncio.wait_for(websocket.recv(), 5)

    with pytest.raises(ValueError, match="Expecting value"):
        asyncio.run(send())
