"""What the workers of one server share out: connections among them, and turns among those who write."""

import os
import socket
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

import pytest
from backends import ON_SQLITE
from databases import Database
from served import Server
from shops import Shop

BURST, BURSTS = 32, 6
# How to hold the lock that writers of a user wait for, and how many of them the worker lets wait there.
HELD = {"sqlite": ("BEGIN IMMEDIATE", 1), "postgres": ("SELECT id FROM users FOR UPDATE", 3)}
WAITING = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"


def opened(pid: int) -> list[str]:
    """What a process has open."""
    return [os.readlink(file) for file in Path(f"/proc/{pid}/fd").iterdir()]


def connections(pid: int) -> int:
    """How many sockets a process has."""
    return sum(name.startswith("socket:") for name in opened(pid))


def two_workers(server: Server) -> list[int]:
    """Their process ids, as soon as both are there; the first answers before the second is."""
    deadline = time.monotonic() + 10
    while len(found := server.processes[1:]) < 2:
        assert time.monotonic() < deadline
        time.sleep(0.1)
    return found


def burst(server: Server, workers: list[int]) -> list[int]:
    """How many of many connections, made at the same moment, each of the workers has."""
    before = [connections(pid) for pid in workers]
    with ExitStack() as stack:
        for client in [stack.enter_context(socket.socket()) for _ in range(BURST)]:
            client.setblocking(False)
            client.connect_ex(("127.0.0.1", server.port))
        shares, deadline = [0, 0], time.monotonic() + 3  # some time before a silent one is cut off
        while sum(shares) < BURST and time.monotonic() < deadline:
            time.sleep(0.1)
            shares = [connections(pid) - there for pid, there in zip(workers, before, strict=True)]
    time.sleep(0.3)
    return shares


@ON_SQLITE
def test_a_burst_of_connections_is_shared_by_the_workers(server: Server) -> None:
    workers = two_workers(server)
    time.sleep(0.5)  # for the second to listen
    shares = [burst(server, workers) for _ in range(BURSTS)]
    assert min(sum(each) for each in shares) > BURST - 4, shares  # one of before may end meanwhile
    assert sum(min(each) for each in shares) > BURSTS * BURST / 4, shares


@pytest.fixture
def lone(served_database: Database, instance: Path) -> Iterator[Server]:
    """A server with one worker."""
    server = Server(served_database.url, instance)
    yield server
    server.stop()


def test_as_many_write_at_once_as_the_database_lets(lone: Server, served_database: Database, backend: str) -> None:
    shop, (hold, allowed) = Shop(lone, served_database), HELD[backend]
    with ThreadPoolExecutor(8) as threads, served_database.engine.connect() as other:
        other.exec_driver_sql(hold)
        payments = [threads.submit(shop.pay, "1.00") for _ in range(8)]
        time.sleep(1)
        if backend == "sqlite":
            waiting = sum(name.endswith(".db") for name in opened(lone.processes[-1]))
        else:
            with served_database.engine.connect() as another:
                waiting = another.exec_driver_sql(WAITING).scalar_one()
        other.rollback()
        assert len({payment.result() for payment in payments}) == 8
    assert waiting == allowed
