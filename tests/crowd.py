"""Many requests at once to a served app, over connections that are kept. Knows no resource."""

import json
import time
from collections.abc import Collection, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Any

from backends import Backend
from inprocess import basic
from served import Reply, Server, read_reply, request

IDLE = 4  # seconds; the server closes a connection that was idle for 5


class FourWorkers:
    """The app in four processes, on a migrated database of its own."""

    def __init__(self, backend: Backend, name: str, instance: Path) -> None:
        self.database = backend.database.sibling(name)
        self.server = Server(self.database.url, instance, workers=4)

    def stop(self) -> None:
        """End it."""
        self.server.stop()
        self.database.engine.dispose()


def stop(servers: Collection[FourWorkers]) -> None:
    """End them all; each takes its time."""
    with ThreadPoolExecutor() as threads:
        list(threads.map(FourWorkers.stop, servers))


@dataclass(frozen=True)
class Job:
    """One request to be sent: `auth` is a name and a password, `value` becomes a JSON body."""

    method: str
    path: str
    auth: tuple[str, str] | None = None
    value: Any = None


class Connection:
    """A kept connection, on which jobs follow each other."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._open()

    def do(self, job: Job) -> Reply:
        """Send the job and read its answer."""
        if time.monotonic() - self._used > IDLE:
            self.close()
            self._open()
        body = b"" if job.value is None else json.dumps(job.value).encode()
        headers = [f"Host: {self._server.host}", "Content-Type: application/json", f"Content-Length: {len(body)}"]
        if job.auth:
            headers.append(f"Authorization: {basic(*job.auth)}")
        self._socket.sendall(request(f"{job.method} {job.path}", *headers, body=body))
        reply = read_reply(self._stream)
        self._used = time.monotonic()
        return reply

    def close(self) -> None:
        """Hang up."""
        self._stream.close()
        self._socket.close()

    def _open(self) -> None:
        self._socket = self._server.connect()
        self._stream = self._socket.makefile("rb")
        self._used = time.monotonic()


@contextmanager
def connections(server: Server, count: int) -> Iterator[list[Connection]]:
    """That many at a time; enough of them reach every worker."""
    with ExitStack() as stack:
        made = [Connection(server) for _ in range(count)]
        for connection in made:
            stack.callback(connection.close)
        yield made


def at_once(server: Server, jobs: Sequence[Job], count: int = 16) -> list[Reply]:
    """Do all jobs, as many at a time as there are connections. Answers in the order of the jobs."""
    waiting: SimpleQueue[tuple[int, Job]] = SimpleQueue()
    for numbered in enumerate(jobs):
        waiting.put(numbered)
    answers: dict[int, Reply] = {}

    def work(connection: Connection) -> None:
        while True:
            try:
                number, job = waiting.get_nowait()
            except Empty:
                return
            answers[number] = connection.do(job)

    with connections(server, count) as made, ThreadPoolExecutor(count) as threads:
        list(threads.map(work, made))
    return [answers[number] for number in range(len(jobs))]


def done(replies: Sequence[Reply], *statuses: int) -> list[Any]:
    """The parsed bodies of answers that all have one of these statuses."""
    wrong = [(reply.status, reply.body[:300]) for reply in replies if reply.status not in statuses]
    assert not wrong, wrong
    return [json.loads(reply.body) if reply.body else None for reply in replies]
