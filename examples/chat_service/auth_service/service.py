"""The service itself: POST /token gives a token for a user."""

import http.server
import json
import socket
import threading

from auth_service import tokens


class _Handler(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        length = int(self.headers["Content-Length"])
        user_id = json.loads(self.rfile.read(length))["user_id"]
        body = json.dumps({"token": tokens.make(user_id)}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        """Tests want a quiet service."""


def free_port():
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class AuthService:
    """The service on a port of its own."""

    def __init__(self):
        self.address = ("127.0.0.1", free_port())
        self._server = None

    def start(self):
        """Answer from now on."""
        self._server = http.server.ThreadingHTTPServer(self.address, _Handler)
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def stop(self):
        """Answer no more."""
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()
