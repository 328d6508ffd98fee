"""Runs the chat: `python -m chat_backend`."""

import asyncio

from chat_backend.websocket.server import ChatServer


async def main():
    """Until somebody stops it."""
    async with ChatServer().running() as url:
        print(f"the chat is at {url}")
        await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main())
