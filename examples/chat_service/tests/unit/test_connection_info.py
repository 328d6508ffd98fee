"""A connection is known from the moment it opens."""

from chat_backend.logging_factory import get_logger
from chat_backend.websocket.connection import ConnectionInfo
from chat_backend.websocket_manager import WebSocketManager


class Socket:
    """Stands for an open WebSocket."""


def test_new_connection_has_seen_no_message():
    info = ConnectionInfo(websocket=Socket())
    assert info.messages == 0


def test_messages_are_counted():
    info = ConnectionInfo(websocket=Socket())
    info.seen()
    assert info.messages == 1


def test_manager_forgets_a_closed_connection():
    get_logger("connections").debug("opening one")
    manager = WebSocketManager()
    manager.disconnect(manager.connect(Socket(), "ada"))
    assert manager.count() == 0
