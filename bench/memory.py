"""How long `serve` takes to its first answer, and how much memory a process has after many requests, and many more."""

import json
import statistics
import time
from argparse import Namespace
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from bench import data, processes, report, rows
from bench.client import Sent, encoded, keep_sending
from bench.comparison import working
from bench.scenarios import READS, SENT, Request, create, xml

REQUESTS, CONNECTIONS, STARTS = 100_000, 4, 5
USERS = range(3, 23)  # who list their invoices, so that more than one user's answers may be kept


def run(options: Namespace) -> None:
    """Start time of `serve`, and the memory of its one worker after many mixed requests, and after as many again."""
    with working(options.folder) as work:
        path = data.copy(options.size, work / "memory.db", options.folder)
        starts = [start(path, work, 0)["start"] for _ in range(STARTS - 1)]
        found = start(path, work, options.requests)
    found["start"] = statistics.median([*starts, found["start"]])
    title = f"`serve` with one worker; {options.requests:,} mixed requests, twice"
    first, second = found["after"]
    figures = {
        "start to first answer, ms": found["start"] * 1000,
        "MiB at first": found["fresh"],
        "MiB after them": first,
        "MiB after as many again": second,
        "growth by these": second - first,
        "MiB then, shared pages counted by half": found["proportional"][-1],
    }
    report.show(title, [["", "median"], *([name, f"{value:,.1f}"] for name, value in figures.items())])
    print("statuses: " + ", ".join(f"{status}: {number:,}" for status, number in found["statuses"].items()))
    report.write(options.folder / "memory.json", {"requests": options.requests, **found})


def start(path: Path, work: Path, requests: int) -> dict[str, Any]:
    """Seconds to the first answer, MiB of the worker then and after each lot of requests."""
    port, began = processes.free_port(), time.monotonic()
    environment = data.environment(data.url(path), work)
    with processes.Running(processes.serve(port, 1), environment, port, work / "serve.log") as running:
        running.wait()
        found: dict[str, Any] = {"start": time.monotonic() - began, "fresh": running.memory(1)[0]}
        lots = [
            (send(port, requests), running.memory(1)[0], running.proportional()) for _ in range(2 if requests else 0)
        ]
    statuses = [sent.status for lot, *_ in lots for sent in lot]
    found["after"] = [memory for _, memory, _ in lots]
    found["proportional"] = [memory for *_, memory in lots]
    found["statuses"] = {str(status): statuses.count(status) for status in sorted(set(statuses))}
    return found


def send(port: int, requests: int) -> list[Sent]:
    """The mixture, over and over."""
    mixed, each = [encoded(request) for request in mixture()], requests // CONNECTIONS

    def work(offset: int) -> list[Sent]:
        return keep_sending(port, lambda n: mixed[(n + offset) % len(mixed)], lambda n: n == each)

    with ThreadPoolExecutor(CONNECTIONS) as threads:
        lots = threads.map(work, [len(mixed) * place // CONNECTIONS for place in range(CONNECTIONS)])
        return [sent for lot in lots for sent in lot]


def mixture() -> list[Request]:
    """Reads of all kinds, writes, and what is refused; some two hundred, no two the same."""
    pages = [
        Request(f"/invoices/{invoice}/payments.{suffix}?per_page=7&page={page}")
        for page in range(1, 30)
        for invoice in (rows.LIST_200, rows.LIST_1000)
        for suffix in ("json", "xml")
    ]
    others = [Request("/invoices.json", rows.token(user_id), "x") for user_id in USERS]
    writes = [
        create("json", json.dumps({"payment": SENT}).encode(), rows.WRITTEN_JSON).request,
        create("xml", xml(SENT), rows.WRITTEN_XML).request,
        create("json", b'{"payment": {"amount": "none"}}', rows.WRITTEN_JSON).request,
        create("json", b"{", rows.WRITTEN_JSON).request,
    ]
    refused = [Request("/invoices/999999999/payments.json"), Request("/nothing.xml"), Request("/admin/users.json")]
    mixed: list[Request] = []
    for place, request in enumerate([*pages, *others]):
        mixed.append(request)
        if place % 10 == 0:
            mixed += [*READS.values(), *writes, *refused]
    return mixed
