"""A client that does not give up at once."""

import time

from websockets.sync.client import connect as open_websocket

ATTEMPTS = 3


def connect(url, pause=0.05):
    """An open connection. Raises ConnectionError when nothing answers at `url`."""
    for attempt in range(1, ATTEMPTS + 1):
        try:
            return open_websocket(url, open_timeout=2)
        except OSError as error:
            if attempt == ATTEMPTS:
                raise ConnectionError(
                    f"Failed to create WebSocket connection after {ATTEMPTS} attempts: {error}"
                ) from error
            time.sleep(pause)
    return None
