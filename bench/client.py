"""A client over one kept connection that takes little CPU itself: requests are bytes made once, answers are counted."""

import socket
import time
from collections.abc import Callable
from contextlib import closing
from itertools import count
from typing import NamedTuple

from bench.scenarios import Request

TIMEOUT = 30  # seconds
BROKEN = 0  # the status of a request that got no answer


class Sent(NamedTuple):
    """A request: when it was sent and answered, in seconds of the machine's own clock, and the status."""

    began: float
    answered: float
    status: int


class Client:
    """A connection to 127.0.0.1, made anew where the server closes it. `source` is the address it comes from."""

    def __init__(self, port: int, source: str = "127.0.0.1") -> None:
        self._where, self._source = ("127.0.0.1", port), (source, 0)
        self._open()

    def send(self, request: bytes) -> Sent:
        """Send it and read the answer."""
        began = time.monotonic()
        try:
            self._socket.sendall(request)
            status = self._status()
        except (OSError, ValueError):
            status = BROKEN
            self.close()
            self._open()
        return Sent(began, time.monotonic(), status)

    def close(self) -> None:
        """Hang up."""
        self._stream.close()
        self._socket.close()

    def _open(self) -> None:
        self._socket = socket.create_connection(self._where, TIMEOUT, self._source)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._stream = self._socket.makefile("rb")

    def _status(self) -> int:
        status, length = int(self._stream.readline()[9:12]), 0
        for line in iter(self._stream.readline, b"\r\n"):
            if not line:
                raise OSError("closed")
            name, _, value = line.partition(b":")
            if name.lower() == b"content-length" and status != 304:
                length = int(value)
        self._stream.read(length)
        return status


def encoded(request: Request) -> bytes:
    """The request as it is sent."""
    headers = {"Host": "127.0.0.1", "Content-Length": str(len(request.body)), **request.all_headers}
    head = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    return f"{request.method} {request.path} HTTP/1.1\r\n{head}\r\n".encode() + request.body


def keep_sending(port: int, make: Callable[[int], bytes], enough: Callable[[int], bool]) -> list[Sent]:
    """Send what `make` gives for 0, 1, 2, …, each when the last is answered, until `enough` of the next number."""
    done: list[Sent] = []
    with closing(Client(port)) as client:
        for number in count():
            if enough(number):
                break
            done.append(client.send(make(number)))
    return done
