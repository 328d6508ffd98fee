"""What the backend looks at before it takes connections."""

import importlib
import inspect
import logging

SEARCHED = ("chat_backend.agents", "chat_backend.websocket.broadcast", "chat_backend.websocket.unified")

logger = logging.getLogger(__name__)


def other_managers():
    """Dotted paths of the classes that manage WebSockets beside the one that should, sorted."""
    found = []
    for name in SEARCHED:
        module = importlib.import_module(name)
        for _, kind in inspect.getmembers(module, inspect.isclass):
            if "WebSocketManager" in kind.__name__ and kind.__module__ == name:
                found.append(f"{name}.{kind.__name__}")
    return sorted(found)


def check_single_source():
    """Warn when there is more than one source of truth for open connections."""
    others = other_managers()
    if others:
        logger.warning("SSOT WARNING: Found other WebSocket Manager classes: %s", others)
