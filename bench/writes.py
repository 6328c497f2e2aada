"""Many writers at once on the product's own server: how many payments, how long the longest waits, how fair it is."""

import collections
import json
import threading
import time
from argparse import Namespace
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from bench import data, processes, report, rows
from bench.client import Sent, encoded, keep_sending
from bench.comparison import working
from bench.scenarios import SENT, Request, create

SERVERS, WRITERS, SECONDS, WARMING = 4, 32, 5.0, 1.0
LENT = "CURDBEE_TEST_POSTGRES_URL"  # a role that may create databases, as the tests take it


def run(options: Namespace) -> None:
    """32 writers against 4 processes of `serve`, on SQLite, and on Postgres where one is named."""
    found = {}
    with working(options.folder) as work:
        path = data.copy(options.size, work / "writes.db", options.folder)
        found["SQLite"] = measure(data.url(path), work, options.seconds)
        if options.postgres:
            with data.on_postgres(options.postgres) as url:
                data.make(url, options.size, work)
                found["Postgres"] = measure(url, work, options.seconds)
    header = ["database", "created", "a second", "others", "p50 ms", "p99 ms", "longest ms", "fairness"]
    title = f"{WRITERS} writers, {SERVERS} processes of `serve`, {options.seconds} s"
    report.show(title, [header, *([name, *_cells(each)] for name, each in found.items())])
    if not options.postgres:
        print(f"\nPostgres was not measured; name a role that may create databases by --postgres or {LENT}")
    report.write(options.folder / "writes.json", {"writers": WRITERS, "processes": SERVERS, "databases": found})


def measure(url: str, work: Path, seconds: float) -> dict[str, Any]:
    """Every writer pays another user's invoice. RuntimeError where another number of payments is there afterwards."""
    port, environment = processes.free_port(), data.environment(url, work)
    with processes.Running(processes.serve(port, SERVERS), environment, port, work / "serve.log") as running:
        running.wait()
        write(port, WARMING)  # the first of its kind in a process is slow
        before = _payments(url)
        answers = write(port, seconds)
    made = sum(sent.status == 201 for each in answers for sent in each)
    if (there := _payments(url) - before) != made:
        raise RuntimeError(f"{made} payments were answered with 201, but {there} are there")
    return summary(answers, seconds)


def write(port: int, seconds: float) -> list[list[Sent]]:
    """What each writer was answered."""
    together = threading.Barrier(WRITERS)

    def work(user_id: int) -> list[Sent]:
        request = encoded(payment(user_id))
        together.wait()
        end = time.monotonic() + seconds
        return keep_sending(port, lambda _: request, lambda _: time.monotonic() > end)

    with ThreadPoolExecutor(WRITERS) as threads:
        return list(threads.map(work, range(1, WRITERS + 1)))


def payment(user_id: int) -> Request:
    """A payment on the first of the user's invoices that all sizes have, by token: no password is hashed."""
    scenario = create("json", json.dumps({"payment": SENT}).encode(), rows.OWN_INVOICES + user_id)
    return Request(**vars(scenario.request) | {"user": rows.token(user_id), "password": "x"})


def summary(answers: Sequence[Sequence[Sent]], seconds: float) -> dict[str, Any]:
    """The figures; times in milliseconds."""
    waits = sorted((sent.answered - sent.began) * 1000 for each in answers for sent in each)
    statuses = collections.Counter(sent.status for each in answers for sent in each)
    counts = [len(each) for each in answers]
    created = statuses.pop(201, 0)
    return {
        "created": created,
        "a second": created / seconds,
        "others": {str(status or "no answer"): number for status, number in sorted(statuses.items())},
        "p50": waits[len(waits) // 2],
        "p99": waits[len(waits) * 99 // 100],
        "longest": waits[-1],
        "fairness": min(counts) / max(counts),
    }


def _cells(found: dict[str, Any]) -> list[str]:
    others = ", ".join(f"{status}: {number}" for status, number in found["others"].items()) or "none"
    times = [f"{found[name]:,.0f}" for name in ("p50", "p99", "longest")]
    return [f"{found['created']:,}", f"{found['a second']:,.0f}", others, *times, f"{found['fairness']:.2f}"]


def _payments(url: str) -> int:
    engine = sa.create_engine(url)
    with engine.connect() as connection:
        if engine.dialect.name == "postgresql":
            connection.execute(sa.text(data.EVERYBODY))
        number = connection.scalar(sa.text("SELECT count(*) FROM payments"))
    engine.dispose()
    return number
