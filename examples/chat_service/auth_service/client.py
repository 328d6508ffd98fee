"""What other services use to get tokens."""

import http.client
import json
import socket


class TokenError(RuntimeError):
    """No token could be had."""


class AuthClient:
    """Speaks to the auth service."""

    def __init__(self, host, port):
        self._host = host
        self._port = port

    def create_token(self, user_id):
        """A token for a user. Raises TokenError."""
        try:
            return self._post("/token", {"user_id": user_id})["token"]
        except OSError as error:
            raise TokenError(f"Token creation failed: {error}") from error

    def _post(self, path, payload):
        connection = http.client.HTTPConnection(self._host, self._port)
        connection.sock = self._reach()
        try:
            connection.request("POST", path, body=json.dumps(payload))
            return json.loads(connection.getresponse().read())
        finally:
            connection.close()

    def _reach(self):
        """A socket to the first of the host's addresses that answers."""
        last = None
        for *_, address in socket.getaddrinfo(self._host, self._port, type=socket.SOCK_STREAM):
            try:
                return socket.create_connection(address[:2], timeout=2)
            except OSError as error:
                last = error
        raise ConnectionError("All connection attempts failed") from last
