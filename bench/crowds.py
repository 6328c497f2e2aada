"""Clients that take their time, many at once, from one thread: they say nothing, send slowly, or do not read."""

import contextlib
import itertools
import resource
import selectors
import socket
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass

OTHER_FILES = 200
EVERY = 1.0  # seconds between two bytes of one client
ADDRESSES = [f"127.0.1.{number}" for number in range(1, 101)]  # one has too few ports for those who come again


@dataclass(frozen=True)
class Kind:
    """What each says on coming, what it adds every second, and how many bytes its side of the connection takes."""

    name: str
    begins: bytes = b""
    adds: bytes = b""
    takes: int | None = None


IDLE = Kind("say nothing")
HEADS = Kind("send a head, a byte a second", b"GET /healthz HTTP/1.1\r\nHost: a\r\nX-Slow: ", b"x")
BODIES = Kind(
    "send a body, a byte a second", b"POST /invoices HTTP/1.1\r\nHost: a\r\nContent-Length: 90000\r\n\r\n", b"x"
)
CHUNKS = Kind(
    "send chunks, one a second",
    b"POST /invoices HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n",
    b"1\r\nx\r\n",
)
LARGE = Kind(
    "send a body past the limit",
    b"POST /invoices HTTP/1.1\r\nHost: a\r\nContent-Length: 999999999\r\n\r\n",
    b"x",
)
DEAF = Kind("ask much and read nothing", b"GET /openapi.json HTTP/1.1\r\nHost: a\r\n\r\n" * 50, takes=4096)
OPEN = Kind("do not close after HTTP/1.0", b"GET /healthz HTTP/1.0\r\n\r\n")
KINDS = (IDLE, HEADS, BODIES, CHUNKS, LARGE, DEAF, OPEN)


class Crowd:
    """So many of a kind. Whoever is cut off comes again at the next byte's time; `cut` counts that."""

    def __init__(self, port: int, kind: Kind, size: int) -> None:
        self.kind, self.cut, self._gone = kind, 0, 0
        self._port, self._done = port, threading.Event()
        self._sources = itertools.cycle(ADDRESSES)
        self._selector, self._here = selectors.DefaultSelector(), set[socket.socket]()
        for _ in range(size):
            self._come()
        self._thread = threading.Thread(target=self._go_on)
        self._thread.start()

    def stop(self) -> None:
        """All hang up."""
        self._done.set()
        self._thread.join()
        for each in self._here:
            each.close()
        self._selector.close()

    def _come(self) -> None:
        each = socket.socket()
        if self.kind.takes:
            each.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, self.kind.takes)
        each.settimeout(10)
        each.bind((next(self._sources), 0))
        each.connect(("127.0.0.1", self._port))
        each.setblocking(False)
        with contextlib.suppress(OSError):
            each.send(self.kind.begins)
        self._here.add(each)
        if self.kind is not DEAF:  # who does not read does not notice either that he was cut off
            self._selector.register(each, selectors.EVENT_READ)

    def _go_on(self) -> None:
        due = time.monotonic() + EVERY
        while not self._done.is_set():
            for key, _ in self._selector.select(max(0.0, min(0.1, due - time.monotonic()))):
                self._hear(key.fileobj)
            if time.monotonic() >= due:
                due = time.monotonic() + EVERY
                self._add()
                self._return()

    def _hear(self, each: socket.socket) -> None:
        try:
            gone = not each.recv(65536)
        except OSError:
            gone = True
        if gone and self.kind is OPEN:
            self._selector.unregister(each)
        elif gone:
            self._leave(each)

    def _add(self) -> None:
        for each in list(self._here) if self.kind.adds else ():
            try:
                each.send(self.kind.adds)
            except BlockingIOError:
                continue
            except OSError:
                self._leave(each)

    def _leave(self, each: socket.socket) -> None:
        self._gone += 1
        self._selector.unregister(each)
        self._here.remove(each)
        each.close()

    def _return(self) -> None:
        for _ in range(self._gone):
            with contextlib.suppress(OSError):
                self._come()
        self.cut, self._gone = self.cut + self._gone, 0


@contextlib.contextmanager
def crowd(port: int, kind: Kind, size: int) -> Iterator[Crowd]:
    """A crowd for as long as it is wanted."""
    found = Crowd(port, kind, size)
    try:
        yield found
    finally:
        found.stop()


def most() -> int:
    """How many connections this process may have open, after it has asked for as many as it may."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    return hard - OTHER_FILES
