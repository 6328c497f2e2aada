"""CPU time a request, without a socket: rounds in which everybody answers every scenario in turn."""

import contextlib
import os
from collections.abc import Iterator, Sequence
from io import BytesIO
from time import thread_time_ns
from typing import Any

from bench.scenarios import Scenario
from bench.targets import InProcess, environ, prepared
from curdbee_compat import audit

ROUNDS = 30
BATCH = 100_000_000  # nanoseconds of requests that follow each other before it is the next one's turn
MOST = 50  # requests of such a batch
Measured = dict[str, dict[str, list[float]]]  # microseconds a request in each round, by scenario and target


def measure(scenarios: Sequence[Scenario], targets: Sequence[InProcess], rounds: int = ROUNDS) -> Measured:
    """Microseconds a request. A target called limit is left out of what it does not know."""
    turns = [
        (scenario, target)
        for scenario in scenarios
        for target in targets
        if target.name != "limit" or scenario.limit is not None
    ]
    measured: Measured = {scenario.name: {} for scenario in scenarios}
    with quiet():
        counts = [_count(scenario, target) for scenario, target in turns]
        for _ in range(rounds):
            for (scenario, target), count in zip(turns, counts, strict=True):
                took = batch(scenario, target, count) / count / 1000
                measured[scenario.name].setdefault(target.name, []).append(took)
    return measured


def batch(scenario: Scenario, target: InProcess, count: int) -> int:
    """Nanoseconds of CPU that this thread needs for that many requests. What lies between them is not counted."""
    request = prepared(scenario, target)
    template = environ(request)
    with no_trail() if scenario.unaudited else contextlib.nullcontext():
        return sum(_once(scenario, target, {**template, "wsgi.input": BytesIO(request.body)}) for _ in range(count))


def _once(scenario: Scenario, target: InProcess, sent: dict[str, Any]) -> int:
    expected = 200 if target.name == "limit" and scenario.revalidates else scenario.status
    if scenario.between:
        target.database.execute(scenario.between)
    began = thread_time_ns()
    target.answer(sent)
    took = thread_time_ns() - began
    if target.status[:3] != str(expected):
        raise RuntimeError(f"{target.name} answers {target.status}, not {expected}: {scenario.name}")
    return took


@contextlib.contextmanager
def no_trail() -> Iterator[None]:
    """The application without its audit trail of payments created."""
    tell = audit.tell_stored
    audit.tell_stored = lambda *_: None
    try:
        yield
    finally:
        audit.tell_stored = tell


def _count(scenario: Scenario, target: InProcess) -> int:
    batch(scenario, target, 1)  # the first of a process does what none does after it
    return max(1, min(MOST, BATCH // batch(scenario, target, 1)))


@contextlib.contextmanager
def quiet() -> Iterator[None]:
    """The log lines are written, since that is work too, but to nowhere."""
    kept, nowhere = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 2)
    try:
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nowhere)
