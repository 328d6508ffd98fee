"""A second manager, from the time when agents had connections of their own."""

from chat_backend.websocket.manager import WebSocketManager


class UnifiedWebSocketManager(WebSocketManager):
    """Connections of browsers and of agents together."""

    def __init__(self):
        super().__init__()
        self.agents = set()


class WebSocketManagerFactory:
    """Makes one manager per user."""

    def __init__(self):
        self._managers = {}

    def manager_for(self, user_id):
        """The user's own manager."""
        return self._managers.setdefault(user_id, UnifiedWebSocketManager())
