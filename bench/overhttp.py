"""The same requests over HTTP: rounds of wrk against each server in turn, on one machine."""

import contextlib
import http.client
import sqlite3
import statistics
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from bench import data, processes, servers, wrk
from bench.figures import LIMIT
from bench.loads import Round, Rounds
from bench.scenarios import READS, Request, Scenario
from bench.targets import Answer, prepared

WORKERS, CONNECTIONS, ROUNDS, SECONDS = 2, 32, 5, 1
OFTEN = 0.001  # seconds between two changes by somebody else: nearly every read is a first one
SELDOM = 0.1  # the same, where each request writes, for which it needs the lock that a change takes
SETTLING = 0.5  # seconds to answer the guesses that were sent when wrk hung up; once forgiven they would be hashed


@dataclass
class Served:
    """A server in its processes, and the database it answers from. Its `name` is that of what it serves."""

    name: str
    server: str
    running: processes.Running
    database: sqlite3.Connection

    def ask(self, request: Request) -> Answer:
        connection = http.client.HTTPConnection("127.0.0.1", self.running.port, timeout=30)
        with contextlib.closing(connection):
            connection.request(request.method, request.path, request.body or None, request.all_headers)
            got = connection.getresponse()
            return Answer(got.status, {name.lower(): value for name, value in got.getheaders()}, got.read())


@contextlib.contextmanager
def started(server: str, who: str, size: str, work: Path, kept: Path) -> Iterator[Served]:
    """A server that serves the application or the limit on a copy of the data, warm: everybody's hash is computed."""
    path, port = data.copy(size, work / f"{server} {who}.db".replace(" ", "-"), kept), processes.free_port()
    environment = {**data.environment(data.url(path), work), "BENCH_DATABASE": str(path)}
    command = servers.command(server, who, port, WORKERS)
    with processes.Running(command, environment, port, path.with_suffix(".log")) as running:
        served = Served(who, server, running, data.connect(path))
        running.wait(READS["list of 20 json"].path)
        for request in {request.user: request for request in READS.values()}.values():
            wrk.run(port, request, CONNECTIONS, 1)
        yield served


def measure(scenarios: Sequence[Scenario], running: Sequence[Served], rounds: int, seconds: int) -> Rounds:
    """Each round sends every scenario to every server, one after the other."""
    found: Rounds = {}
    for _ in range(rounds):
        for scenario in scenarios:
            for served in running:
                if served.name != LIMIT or scenario.limit is not None:
                    key = (scenario.name, served.server, served.name)
                    found.setdefault(key, []).append(one(scenario, served, seconds))
    return found


def one(scenario: Scenario, served: Served, seconds: int) -> Round:
    """One run of wrk. RuntimeError where the answers are not what the scenario says."""
    request = prepared(scenario, served)
    with changing(served.database, scenario.between, SELDOM if scenario.hashes else OFTEN):
        before = served.running.cpu()
        load = wrk.run(served.running.port, request, WORKERS if scenario.hashes else CONNECTIONS, seconds)
        cpu = served.running.cpu() - before
    if scenario.status >= 400:
        time.sleep(SETTLING)
    if not load.requests or load.failed or load.refused != (load.requests if scenario.status >= 400 else 0):
        raise RuntimeError(f"{scenario.name}, {served.name} on {served.server}: {load}")
    memory = statistics.mean(served.running.memory(WORKERS))
    return Round(load, cpu * 1e6 / max(load.requests, 1), memory)


@contextlib.contextmanager
def changing(database: sqlite3.Connection, statement: str, pause: float) -> Iterator[None]:
    """Meanwhile somebody else does this, every so many seconds."""
    done = threading.Event()

    def work() -> None:
        while not done.wait(pause):
            database.execute(statement)

    thread = threading.Thread(target=work)
    if statement:
        thread.start()
    try:
        yield
    finally:
        done.set()
        if statement:
            thread.join()
