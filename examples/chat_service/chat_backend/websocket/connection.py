"""What is known of one connected browser."""

import time
from dataclasses import dataclass, field


@dataclass
class ConnectionInfo:
    """One open connection and whose it is."""

    connection_id: str
    user_id: str
    websocket: object = None
    connected_at: float = field(default_factory=time.time)
    messages: int = 0

    def seen(self):
        """Count one message."""
        self.messages += 1
