"""The one place that knows every open connection."""

import uuid

from chat_backend.websocket.connection import ConnectionInfo


class WebSocketManager:
    """Open connections by their id."""

    def __init__(self):
        self._connections = {}

    def connect(self, websocket, user_id):
        """Remember a new connection."""
        info = ConnectionInfo(connection_id=uuid.uuid4().hex, user_id=user_id, websocket=websocket)
        self._connections[info.connection_id] = info
        return info

    def disconnect(self, info):
        """Forget a connection; one that is gone already is no error."""
        self._connections.pop(info.connection_id, None)

    def count(self):
        """How many connections are open."""
        return len(self._connections)

    def health(self):
        """What the health page shows."""
        return {"healthy": True, "connections": self.count()}
