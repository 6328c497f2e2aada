"""What somebody who guesses passwords takes from somebody who reads."""

import multiprocessing
import threading
import time
from argparse import Namespace
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from itertools import count
from multiprocessing.connection import Connection
from typing import Any

from bench import data, processes, report, rows
from bench.client import Client, Sent, encoded, keep_sending
from bench.comparison import working
from bench.scenarios import READS, Request

WORKERS, READERS, SECONDS = 2, 4, 5.0
WARMING = 2  # seconds until every process knows the reader's password
FROM = "127.0.0.2"  # the guesser has an address of his own
PATIENCE = 60  # seconds until his guesses must be refused
READ = READS["list of 20 json"]


def run(options: Namespace) -> None:
    """Reads a second alone, beside somebody who begins to guess passwords, and once he is throttled."""
    port = processes.free_port()
    with working(options.folder) as work:
        path = data.copy(options.size, work / "guessers.db", options.folder)
        command, environment = processes.serve(port, WORKERS), data.environment(data.url(path), work)
        with processes.Running(command, environment, port, work / "serve.log") as running:
            running.wait()
            found = measure(port, options.seconds)
    header = ["phase", "seconds", "reads/s", "of alone", "guesses/s"]
    title = f"One who guesses beside {READERS} connections that read; {WORKERS} processes of `serve`"
    report.show(title, [header, *([name, *_cells(phase)] for name, phase in found.items())])
    report.write(options.folder / "guessers.json", {"phases": found})


def measure(port: int, seconds: float) -> dict[str, dict[str, float]]:
    """Each phase: how long it was, requests a second of both, and what part of their usual rate readers have."""
    done, read = threading.Event(), encoded(READ)
    with ThreadPoolExecutor(READERS) as threads:
        readers = [threads.submit(keep_sending, port, lambda _: read, lambda _: done.is_set()) for _ in range(READERS)]
        try:
            time.sleep(WARMING + seconds)
            alone = time.monotonic()
            guesses = beside_guesser(port, seconds)
        finally:
            done.set()
    reads = [each for reader in readers for each in reader.result()]
    bites = next(sent.answered for sent in guesses if sent.status == 429)
    bounds = {
        "alone": (alone - seconds, alone),
        "first guesses": (guesses[0].began, bites),
        "throttled": (bites, guesses[-1].answered),
    }
    usual = _rate(reads, *bounds["alone"])
    return {name: _phase(reads, guesses, usual, since, to) for name, (since, to) in bounds.items()}


def beside_guesser(port: int, seconds: float) -> list[Sent]:
    """Let somebody guess until he is throttled, and some seconds more. RuntimeError if he never is."""
    context = multiprocessing.get_context("spawn")  # not a thread: readers would wait for it
    here, there = context.Pipe()
    guesser = context.Process(target=guess, args=(port, there), daemon=True)
    guesser.start()
    if not here.poll(PATIENCE):
        raise RuntimeError(f"after {PATIENCE} seconds of guessing nobody is throttled")
    here.recv()
    time.sleep(seconds)
    here.send("enough")
    guesses = here.recv()
    guesser.join()
    return guesses


def guess(port: int, pipe: Connection) -> None:
    """Wrong passwords of one user after the other, at full speed until told to stop; tells when it is throttled."""
    done: list[Sent] = []
    told = False
    with closing(Client(port, FROM)) as client:
        for number in count():
            wrong = Request(READ.path, rows.name(3 + number % (rows.USERS - 2)), "wrong")
            done.append(client.send(encoded(wrong)))
            if done[-1].status == 429 and not told:
                pipe.send("throttled")
                told = True
            if pipe.poll():
                break
    pipe.send(done)


def _phase(reads: list[Sent], guesses: list[Sent], usual: float, since: float, to: float) -> dict[str, float]:
    read = _rate(reads, since, to)
    return {"seconds": to - since, "reads": read, "of alone": read / usual, "guesses": _rate(guesses, since, to)}


def _rate(sent: list[Sent], since: float, to: float) -> float:
    return sum(since < each.answered <= to for each in sent) / (to - since)


def _cells(phase: dict[str, Any]) -> list[str]:
    return [f"{phase['seconds']:.1f}", f"{phase['reads']:,.0f}", f"{phase['of alone']:.2f}", f"{phase['guesses']:,.0f}"]
