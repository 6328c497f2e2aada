"""The faults, each as a function that does it once, under load, and says when its cause was gone."""

import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from random import Random
from typing import NamedTuple

import sqlalchemy as sa

from faults import processes
from faults.load import Load
from faults.stages import OnPostgres, OnSqlite, Stage

LOCKED = 5.5  # seconds; half a second more than writers wait
LOCK_SQLITE = """
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
connection.execute("BEGIN EXCLUSIVE")
print(flush=True)
sys.stdin.read()
"""
FULL = 64 * 1024, 1200 * 1024  # bytes: less than SQLite's log, and less than a table of bulky rows


class Scenario(NamedTuple):
    """`fault` begins within `calm` seconds, lasts for `seconds`, and comes so many `times` a round. One that is `felt`
    makes writes fail."""

    name: str
    places: tuple[type[OnSqlite] | type[OnPostgres], ...]
    fault: Callable[[Stage, Load, float], float]
    seconds: tuple[float, float]
    times: int = 3
    calm: float = 2.0
    felt: bool = True
    bulky: bool = False


def killed(stage: Stage, load: Load, seconds: float) -> float:
    """The whole process group by SIGKILL."""
    stage.server.kill()
    time.sleep(seconds)
    gone = time.monotonic()
    stage.serve_again()
    return gone


def stopped(stage: Stage, load: Load, seconds: float) -> float:
    """Postgres, in one of three ways."""
    stage.cluster.end(Random(seconds).choice([signal.SIGINT, signal.SIGQUIT, signal.SIGKILL]))
    time.sleep(seconds)
    gone = time.monotonic()
    stage.cluster.start()
    return gone


def frozen(stage: Stage, load: Load, seconds: float) -> float:
    """Postgres, by SIGSTOP: connections stay, and nobody answers."""
    pids = stage.cluster.pids
    processes.send(pids, signal.SIGSTOP)
    time.sleep(seconds)
    processes.send(pids, signal.SIGCONT)
    return time.monotonic()


def locked(stage: Stage, load: Load, seconds: float) -> float:
    """Another process writes and does not come to an end. Who reads must not notice."""
    longest, load.figures.longest_read = load.figures.longest_read, 0.0
    with held(stage):
        time.sleep(seconds)
    gone = time.monotonic()
    if load.figures.longest_read > seconds / 2:
        load.figures.violated("failed", f"a reader waited {load.figures.longest_read:.1f} s for writers")
    load.figures.longest_read = max(load.figures.longest_read, longest)
    return gone


def full(stage: Stage, load: Load, seconds: float) -> float:
    """No file can grow."""
    first, size = (stage.server.pid, FULL[0]) if isinstance(stage.place, OnSqlite) else (stage.cluster.pids[0], FULL[1])
    processes.limit_files(first, size)
    time.sleep(seconds)
    processes.limit_files(first, None)
    return time.monotonic()


@contextmanager
def held(stage: Stage) -> Iterator[None]:
    """The lock that writers need."""
    if isinstance(stage.place, OnPostgres):
        with stage.database.engine.begin() as connection:
            connection.execute(sa.text("SELECT id FROM users FOR UPDATE"))
            yield
        return
    holder = [sys.executable, "-c", LOCK_SQLITE, str(stage.database.engine.url.database)]
    with subprocess.Popen(holder, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        process.stdout.readline()
        yield
        process.stdin.close()


BOTH = (OnSqlite, OnPostgres)
SCENARIOS = (
    Scenario("server killed", BOTH, killed, (0.0, 0.5), felt=False),
    Scenario("Postgres stopped", (OnPostgres,), stopped, (0.3, 3.0)),
    Scenario("Postgres frozen", (OnPostgres,), frozen, (0.5, 12.0), times=1, felt=False),
    Scenario("locked by others", BOTH, locked, (LOCKED, LOCKED + 3), times=1),
    Scenario("disk full", BOTH, full, (2.0, 4.0), times=2, bulky=True),
)


def brief(place: OnSqlite | OnPostgres) -> list[Scenario]:
    """Each that there is on this database, for the shortest time."""
    return [
        scenario._replace(seconds=(scenario.seconds[0],) * 2, calm=0.2)
        for scenario in SCENARIOS
        if isinstance(place, scenario.places)
    ]
