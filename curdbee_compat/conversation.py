"""A connection of gunicorn's that never waits, and knows when a whole request has come. Knows HTTP's framing only."""

import re
import socket
from contextlib import suppress
from typing import Any

from gunicorn.workers.gthread import TConn

MOST_HEAD = 128 * 1024  # bytes; past them gunicorn says what is too long
MOST_CHUNK_HEAD = 1024
MANY_DIGITS = 18
HEAD_END = b"\r\n\r\n"
LENGTH = re.compile(rb"^content-length[ \t]*:[ \t]*([^\r\n]*?)[ \t]*\r?$", re.IGNORECASE | re.MULTILINE)
CHUNKED = re.compile(rb"^transfer-encoding[ \t]*:", re.IGNORECASE | re.MULTILINE)
EXPECTS = re.compile(rb"^expect[ \t]*:[ \t]*100-continue[ \t]*\r?\n", re.IGNORECASE | re.MULTILINE)
CHUNK = re.compile(rb"([0-9a-fA-F]{1,16})[^\r\n]*\r\n")
CHUNK_HEAD_BEGUN = re.compile(rb"(?:[0-9a-fA-F]{1,16}(?:[ \t;][^\r\n]*)?\r?)?")


class Unhurried(socket.socket):
    """What cannot be sent at once is kept in `unsent`; what has not come is not there, and `missed` says so."""

    def __init__(self, taken: socket.socket) -> None:
        super().__init__(fileno=taken.detach())
        self.unsent = bytearray()
        self.missed = False
        self.whole_at = 0.0  # when the last request was there, by `time.monotonic`

    def recv(self, size: int, flags: int = 0) -> bytes:
        """What has come, or nothing: to gunicorn that is the end, so no thread of its waits for a client."""
        try:
            return self.recv_now(size)
        except BlockingIOError:
            self.missed = True
            return b""

    def recv_now(self, size: int) -> bytes:
        """What has come. BlockingIOError where nothing has."""
        return super().recv(size, socket.MSG_DONTWAIT)

    def settimeout(self, value: float | None) -> None:
        """There is nothing to wait for; with a time set, Python would wait in `recv` all the same."""

    def sendall(self, data: Any, flags: int = 0) -> None:
        """Send as much as the client takes now."""
        sent = 0
        if not self.unsent:
            with suppress(BlockingIOError):
                sent = self.send(data, socket.MSG_DONTWAIT)
        self.unsent += data[sent:]

    def shutdown_quietly(self) -> None:
        """Say that nothing more will come."""
        with suppress(OSError):
            self.shutdown(socket.SHUT_WR)


class Conversation(TConn):
    """`received` are the bytes of a request that no thread has seen."""

    sock: Unhurried

    def __init__(self, cfg: Any, taken: socket.socket, client: Any, server: Any) -> None:
        super().__init__(cfg, Unhurried(taken), client, server)
        self.received = bytearray()
        self.deadline = 0.0
        self.kept = False
        self._head = self._length = 0  # how long they are
        self._chunked = False
        self._at = 0  # where the head ends, once it does; further on in a chunked body where its next chunk begins
        self._looked = 0  # as far as there is no end of the head

    @property
    def unsent(self) -> bytearray:
        """What the client has not taken yet."""
        return self.sock.unsent

    @property
    def has_head(self) -> bool:
        """Whether the head is whole."""
        return self._at > 0

    @property
    def only_reads(self) -> bool:
        """Whether the request that was received asks for nothing to be changed."""
        return self.received.startswith((b"GET ", b"HEAD "))

    def init(self) -> None:
        """For a thread: the parser is given what has come."""
        super().init()
        self.parser.unreader.unread(bytes(self.received))
        self.received = bytearray()

    def begin_again(self) -> None:
        """A next request may have come together with the last."""
        self.received = bytearray(self.parser.unreader.take_buffered())
        self._at = self._looked = 0

    def encourage(self) -> int:
        """Send the 100 that a client waits for before it sends a body, and take out the header that asked for it, since
        gunicorn would send another. How many bytes it had."""
        head = bytes(self.received[: self._head])
        asked = EXPECTS.search(head)
        if not asked or b" HTTP/1.1" not in head.partition(b"\r\n")[0]:
            return 0
        self.sock.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
        del self.received[asked.start() : asked.end()]
        length = asked.end() - asked.start()
        self._head, self._at = self._head - length, self._at - length
        return length

    def is_ready(self, limit: int) -> bool:
        """Whether a thread need wait for nothing: the request is whole, or so wrong or large that it is refused."""
        if not self._at and not self._find_head():
            return len(self.received) > MOST_HEAD
        body = len(self.received) - self._head
        return self._is_last_chunk_there() if self._chunked and body <= limit else not body < self._length <= limit

    def _find_head(self) -> bool:
        end = self.received.find(HEAD_END, max(0, self._looked - len(HEAD_END)))
        self._looked = len(self.received)
        if end < 0:
            return False
        self._at = self._head = end + len(HEAD_END)
        head = bytes(self.received[: self._head])
        length = LENGTH.search(head)
        self._chunked = CHUNKED.search(head) is not None
        self._length = _number(length[1]) if length and not self._chunked else 0
        return True

    def _is_last_chunk_there(self) -> bool:
        """Also for what is no chunk, which the parser refuses."""
        while head := CHUNK.match(self.received, self._at):
            size = int(head[1], 16)
            if not size:
                return self.received.find(b"\r\n\r\n", head.end() - 2) >= 0
            end = head.end() + size
            if end + 2 > len(self.received):
                return False
            if self.received[end : end + 2] != b"\r\n":
                return True
            self._at = end + 2
        rest = self.received[self._at :]
        return len(rest) > MOST_CHUNK_HEAD or not CHUNK_HEAD_BEGUN.fullmatch(rest)


def _number(text: bytes) -> int:
    """A length; larger than any limit where it is none, since gunicorn, who refuses it then, must not wait."""
    return int(text) if text.isdigit() and len(text) < MANY_DIGITS else 10**MANY_DIGITS
