"""gunicorn's threaded worker, with the waiting for clients taken out of its threads. Knows sockets, and no application.

A thread gets a connection once a whole request is there, and leaves what the client does not take at once. Who says
nothing, sends slowly or stops reading holds a file and some memory, and no thread."""

import errno
import selectors
import socket
import time
from collections import deque
from collections.abc import Callable
from functools import partial
from typing import Any

from gunicorn.workers.gthread import ThreadWorker

from curdbee_compat.conversation import Conversation

HEAD_WITHIN = 20  # seconds for a whole head, from its first byte
STALLED_WITHIN = 20  # seconds in which a body must grow, or an answer be taken, by a byte at least
CLOSED_WITHIN = 2  # seconds for a client to close, too: else the end of an answer may be lost on the way
MOST_HELD = 128 * 1024 * 1024  # bytes of requests and answers that wait; past them whoever holds most is cut off
PIECE = 64 * 1024
LEFT_FOR, LEFT_AT_MOST = 10e-6, 200e-6  # seconds for each connection that one has, and for however many
NO_MORE_FILES = (errno.EMFILE, errno.ENFILE)


class PatientWorker(ThreadWorker):
    """All that waits for a client waits in the one poller of the main thread: `waiting`, longest first.

    `limit` is the largest body, in bytes, that is gathered before a thread sees the request; `writers`, fewer than
    there are threads, how many of those may have requests that do not only read."""

    limit = 4 * 1024 * 1024
    writers = 1

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.waiting: dict[Conversation, None] = {}
        self._writing: set[Conversation] = set()
        self._to_write: deque[Conversation] = deque()
        self._held, self._looked = 0, 0.0

    def accept(self, listener: socket.socket) -> None:
        """Take a new connection, unless another worker does; past the most that may be open, cut off who has waited
        longest. Whoever has more leaves it to the others for longer: else the first to wake takes all of a burst."""
        if self.cfg.workers > 1:
            time.sleep(min(self.nr_conns * LEFT_FOR, LEFT_AT_MOST))
        while self.nr_conns >= self.worker_connections - 1 and self.waiting:
            self._drop(next(iter(self.waiting)))
        try:
            taken, address = listener.accept()
        except OSError as error:
            if error.errno in NO_MORE_FILES and self.waiting:
                self._drop(next(iter(self.waiting)))
            return
        self.nr_conns += 1
        self._listen(Conversation(self.cfg, taken, address, listener.getsockname()), self.cfg.keepalive)

    def finish_request(self, conn: Conversation, fs: Any) -> None:
        """A thread is done with it: send what is left of the answer, then wait for the next request, or for the end."""
        self._end_turn(conn)
        conn.kept = bool(not fs.cancelled() and not fs.exception() and fs.result())
        if conn.unsent:
            self._wait(conn, selectors.EVENT_WRITE, self._flush, STALLED_WITHIN)
            self._hold(len(conn.unsent))
        else:
            self._settle(conn)

    def murder_pending(self) -> None:
        """Once a second, cut off whoever is past his time."""
        now = time.monotonic()
        if now - self._looked < 1:
            return
        self._looked = now
        for conn in [conn for conn in self.waiting if conn.deadline < now]:
            self._drop(conn)

    def _cap_keepalive(self, deadline: float) -> None:
        """The worker stops: who has said nothing is waited for no longer than this."""
        for conn in self.waiting:
            if not conn.received and not conn.unsent:
                conn.deadline = min(conn.deadline, deadline)

    def _keepalive_after(self, conn: Conversation, keepalive: bool) -> bool:
        """Where gunicorn wanted more than had come, nobody knows where the next request begins."""
        return super()._keepalive_after(conn, keepalive) and not conn.sock.missed

    def _settle(self, conn: Conversation) -> None:
        if not conn.kept:
            conn.sock.shutdown_quietly()
            self._wait(conn, selectors.EVENT_READ, self._linger, CLOSED_WITHIN)
            return
        conn.begin_again()
        if conn.received:
            self._hold(len(conn.received))
        if conn.received and conn.is_ready(self.limit):
            self._start(conn)
        else:
            self._listen(conn, self.cfg.keepalive if self.alive else CLOSED_WITHIN)

    def _listen(self, conn: Conversation, within: float) -> None:
        if conn.has_head:  # one that came together with the request before
            self._held -= conn.encourage()
        self._wait(conn, selectors.EVENT_READ, self._gather, HEAD_WITHIN if conn.received else within)

    def _gather(self, conn: Conversation) -> None:
        """Some bytes of a request have come, or the end."""
        data = conn.sock.recv_now(PIECE)
        if data == b"":
            self._drop(conn)
            return
        had_head, began = conn.has_head, not conn.received
        conn.received += data
        self._hold(len(data))
        if conn not in self.waiting:  # cut off, to keep what is held in bounds
            return
        if conn.is_ready(self.limit):
            self._leave(conn)
            self._start(conn)
        elif conn.has_head:
            self._stay(conn, STALLED_WITHIN)
            if not had_head:
                self._held -= conn.encourage()
        elif began:
            conn.deadline = time.monotonic() + HEAD_WITHIN

    def _start(self, conn: Conversation) -> None:
        """A thread may have it; but only `writers` of them those who write, so that readers go on while those wait."""
        self._held -= len(conn.received)
        conn.data_ready, conn.sock.whole_at = True, time.monotonic()
        if conn.only_reads:
            self.enqueue_req(conn)
        elif len(self._writing) < self.writers:
            self._writing.add(conn)
            self.enqueue_req(conn)
        else:
            self._to_write.append(conn)

    def _end_turn(self, conn: Conversation) -> None:
        """The next one who writes may have the turn of one who wrote."""
        if conn not in self._writing:
            return
        self._writing.remove(conn)
        if self._to_write:
            following = self._to_write.popleft()
            self._writing.add(following)
            self.enqueue_req(following)

    def _flush(self, conn: Conversation) -> None:
        """The client has taken some of its answer."""
        sent = conn.sock.send(memoryview(conn.unsent)[:PIECE])
        del conn.unsent[:sent]
        self._held -= sent
        self._stay(conn, STALLED_WITHIN)
        if not conn.unsent:
            self._leave(conn)
            self._settle(conn)

    def _linger(self, conn: Conversation) -> None:
        """The answer is sent and nothing more is wanted, but what comes must be read: else the answer may be lost."""
        if not conn.sock.recv_now(PIECE):
            self._drop(conn)

    def _wait(self, conn: Conversation, event: int, callback: Callable[[Conversation], None], within: float) -> None:
        conn.sock.setblocking(False)
        conn.deadline = time.monotonic() + within
        self.waiting[conn] = None
        self.poller.register(conn.sock, event, partial(self._go_on, conn, callback))

    def _go_on(self, conn: Conversation, callback: Callable[[Conversation], None], _sock: socket.socket) -> None:
        if conn not in self.waiting:  # cut off by what came before it in the same round of events
            return
        try:
            callback(conn)
        except BlockingIOError:
            return
        except OSError:
            self._drop(conn)

    def _stay(self, conn: Conversation, within: float) -> None:
        """It gets on: let it wait anew."""
        conn.deadline = time.monotonic() + within
        self.waiting[conn] = self.waiting.pop(conn)

    def _hold(self, more: int) -> None:
        self._held += more
        while self._held > MOST_HELD and self.waiting:
            self._drop(max(self.waiting, key=lambda conn: len(conn.received) + len(conn.unsent)))

    def _leave(self, conn: Conversation) -> None:
        del self.waiting[conn]
        self.poller.unregister(conn.sock)

    def _drop(self, conn: Conversation) -> None:
        if conn in self.waiting:
            self._leave(conn)
            self._held -= len(conn.received) + len(conn.unsent)
        self.nr_conns -= 1
        conn.close()
