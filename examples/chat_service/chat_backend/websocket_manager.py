"""The old import path of WebSocketManager."""

import warnings

from chat_backend.websocket import manager


def __getattr__(name):
    if name != "WebSocketManager":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    warnings.warn(
        "Importing WebSocketManager from 'chat_backend.websocket_manager' is deprecated, "
        "import it from 'chat_backend.websocket.manager' instead",
        DeprecationWarning,
        stacklevel=2,
    )
    return manager.WebSocketManager
