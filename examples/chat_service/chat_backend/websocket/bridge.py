"""Carries the events of an agent's run to whoever listens."""

from chat_backend.events import serialize


class EventBridge:
    """Between the agent, which knows nothing of connections, and the connections."""

    def __init__(self, listener):
        self._listener = listener
        self._waiting = []
        self._opened = False

    def open(self):
        """From now on events go out; first those that waited."""
        self._opened = True
        waiting, self._waiting = self._waiting, []
        for event in waiting:
            self.publish(event)

    def publish(self, event):
        """Hand one event on, in order."""
        if not self._opened:
            self._waiting.append(event)
            return
        self._listener(serialize(event))
