"""A proxy before the stand-in GitHub that fails as the real one does: before or after a write was committed."""

import http.client
import json
import re
import socket
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

Change = Callable[[Any], Any]


@dataclass(kw_only=True)
class Fault:
    """What happens to the next `times` requests of a verb and path. With nothing but a change, answers are changed."""

    verb: str  # a regular expression
    path: str  # another one, searched in the path with its query
    times: int = 1
    spared: int = 0  # so many of these requests first go through
    committed: bool = True  # the request reaches GitHub before it fails
    status: int | None = None
    headers: dict[str, str] = field(default_factory=dict)
    body: Any = ""
    how: str = "answer"  # answer, reset, silence, truncate
    change: Change | None = None  # of the JSON that GitHub answered
    struck: Callable[[], None] = lambda: None  # called when it happens, after what was committed


@dataclass(frozen=True)
class Seen:
    """A request as it came in."""

    verb: str
    path: str
    headers: dict[str, str]
    body: bytes


class Proxy:
    """The running proxy: `faults` are used up in order, `seen` is every request that came in."""

    def __init__(self, upstream: str) -> None:
        self.upstream = urlsplit(upstream)
        self.faults: list[Fault] = []
        self.seen: list[Seen] = []
        self.lock = threading.Lock()
        self.end = threading.Event()
        self.url = ""
        self.prefix = ""  # of a GitHub Enterprise Server: /api/v3
        self.gate: Callable[[], None] = lambda: None  # every request waits here first

    def fault(self, verb: str, path: str, **rest: Any) -> None:
        self.faults.append(Fault(verb=verb, path=path, **rest))

    def sent(self, verb: str, path: str = "") -> list[Seen]:
        return [seen for seen in self.seen if seen.verb == verb and re.search(path, seen.path)]

    def next_fault(self, seen: Seen) -> Fault | None:
        with self.lock:
            self.seen.append(seen)
            for fault in self.faults:
                if fault.times <= 0 or not (re.fullmatch(fault.verb, seen.verb) and re.search(fault.path, seen.path)):
                    continue
                if fault.spared > 0:
                    fault.spared -= 1
                    continue
                fault.times -= 1
                return fault
        return None

    def forward(self, seen: Seen) -> tuple[int, dict[str, str], bytes]:
        line = http.client.HTTPConnection(str(self.upstream.hostname), self.upstream.port, timeout=30)
        try:
            kept = {name: value for name, value in seen.headers.items() if name.lower() not in {"host", "connection"}}
            line.request(seen.verb, seen.path.removeprefix(self.prefix), seen.body or None, kept)
            answer = line.getresponse()
            data = answer.read()
            dropped = {"transfer-encoding", "connection", "keep-alive", "content-length"}
            headers = {name: value for name, value in answer.getheaders() if name.lower() not in dropped}
            return answer.status, headers, data
        finally:
            line.close()


@contextmanager
def running(upstream: str) -> Iterator[Proxy]:
    proxy = Proxy(upstream)

    class Handler(_Handler):
        owner = proxy

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    proxy.url = f"http://127.0.0.1:{server.server_address[1]}"
    try:
        yield proxy
    finally:
        proxy.end.set()
        server.shutdown()
        thread.join()
        server.server_close()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # else every answer takes 40 ms
    owner: Proxy

    def _handle(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        seen = Seen(self.command, self.path, dict(self.headers.items()), self.rfile.read(length))
        self.owner.gate()
        fault = self.owner.next_fault(seen)
        status, headers, data = 200, {"Content-Type": "application/json"}, b""
        if fault is None or fault.committed or fault.change:
            status, headers, data = self.owner.forward(seen)
        if fault is not None:
            fault.struck()
            if fault.how in {"reset", "silence"}:
                self._vanish(fault)
                return
            status, headers, data = _spoilt(fault, status, headers, data)
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def _vanish(self, fault: Fault) -> None:
        if fault.how == "silence":
            self.owner.end.wait(5)
        # with linger 0 the close is a reset
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.close_connection = True
        self.connection.close()
        self.rfile, self.wfile = _Nowhere(), _Nowhere()  # type: ignore[assignment]

    do_GET = do_POST = do_PATCH = do_PUT = do_DELETE = _handle  # noqa: N815

    def log_message(self, *_: Any) -> None:
        pass


class _Nowhere:
    closed = False

    def flush(self) -> None:
        pass

    def close(self) -> None:
        pass


def _spoilt(fault: Fault, status: int, headers: dict[str, str], data: bytes) -> tuple[int, dict[str, str], bytes]:
    if fault.change is not None:
        data = json.dumps(fault.change(json.loads(data or b"null"))).encode()
    if fault.how == "truncate":
        data = data[: len(data) // 2]
    if fault.status is not None:
        status = fault.status
        text = fault.body if isinstance(fault.body, str) else json.dumps(fault.body)
        headers = {"Content-Type": "text/html" if text.startswith("<") else "application/json", **fault.headers}
        return status, headers, text.encode()
    return status, {**headers, **fault.headers}, data
