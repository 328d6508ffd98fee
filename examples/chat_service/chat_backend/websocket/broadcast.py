"""A third manager, for announcements to everybody."""

import enum

from chat_backend.websocket.manager import WebSocketManager


class WebSocketManagerMode(enum.Enum):
    """Who hears an announcement."""

    EVERYBODY = "everybody"
    OPERATORS = "operators"


class BroadcastWebSocketManager(WebSocketManager):
    """Remembers who shall hear announcements."""

    def __init__(self, mode=WebSocketManagerMode.EVERYBODY):
        super().__init__()
        self.mode = mode
