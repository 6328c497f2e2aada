"""Where the microseconds of one request go. The only module here that knows what stands inside the application."""

from argparse import Namespace
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from time import thread_time_ns
from typing import Any

from flask import Flask
from flask_httpauth import HTTPBasicAuth

from bench import inprocess, report, targets
from bench.comparison import working
from bench.scenarios import SCENARIOS, Scenario
from curdbee_compat import audit, auth, caching, idempotency, logs, prepared, storing, wire
from curdbee_compat.schemas.base import Schema
from curdbee_compat.wire import rails_json, rails_xml

TOLD = ("again: list of 20 json", "first: list of 20 json", "first: list of 200 json", "first: list of 200 xml")
TOLD += ("first: one payment json", "create json")
REST = "Flask and Werkzeug: context, routing, response"
STAGES: tuple[tuple[Any, str, str], ...] = (
    (Flask, "dispatch_request", "the view: pages, keys, ETag"),
    (Flask, "process_response", "the log line"),
    (logs.log, "handle", "the log line"),
    (auth, "authenticate", "who is asking, but for the statement"),
    (HTTPBasicAuth, "get_auth", "who is asking, but for the statement"),
    (prepared, "fetched", "prepared statements, with the pooled connection"),
    (idempotency, "begin_write", "to begin, with the write lock, and to commit"),
    (idempotency, "commit", "to begin, with the write lock, and to commit"),
    (Schema, "dump_rows", "rows to plain values"),
    (Schema, "load", "what was sent, checked"),
    (Schema, "dump", "rows to plain values"),
    (rails_json, "collection", "plain values to a body"),
    (rails_json, "record", "plain values to a body"),
    (rails_xml, "collection", "plain values to a body"),
    (wire, "body", "the response object"),
    (caching.Bodies, "get", "kept bodies"),
    (caching.Bodies, "keep", "kept bodies"),
    (storing, "loaded", "records of rows and rows of records"),
    (storing, "store", "records of rows and rows of records"),
    (storing, "store_changes", "records of rows and rows of records"),
    (audit, "tell_stored", "the audit trail, but for its statement"),
)


class Clock:
    """Nanoseconds by stage; what one stage calls another for counts for the other alone."""

    def __init__(self) -> None:
        self._spent: dict[str, int] = defaultdict(int)
        self._stack: list[str] = [REST]
        self._since = 0

    def start(self) -> None:
        """A request begins."""
        self._spent = defaultdict(int)
        self._since = thread_time_ns()

    def stop(self) -> dict[str, int]:
        """It ends; what was spent where."""
        self._turn()
        return self._spent

    def timed(self, stage: str, function: Callable[..., Any]) -> Callable[..., Any]:
        """The function, counted for that stage."""

        @wraps(function)
        def told(*arguments: Any, **named: Any) -> Any:
            self._turn()
            self._stack.append(stage)
            try:
                return function(*arguments, **named)
            finally:
                self._turn()
                self._stack.pop()

        return told

    def _turn(self) -> None:
        now = thread_time_ns()
        self._spent[self._stack[-1]] += now - self._since
        self._since = now


@contextmanager
def watched(clock: Clock) -> Iterator[None]:
    """The application with every stage under the clock."""
    plain = [(owner, name, getattr(owner, name)) for owner, name, _ in STAGES]
    for owner, name, stage in STAGES:
        setattr(owner, name, clock.timed(stage, getattr(owner, name)))
    try:
        yield
    finally:
        for owner, name, function in plain:
            setattr(owner, name, function)


def run(options: Namespace) -> None:
    """Median microseconds of each stage of a few requests; the clock itself adds about a tenth."""
    chosen = [scenario for scenario in SCENARIOS if scenario.name in TOLD]
    with working(options.folder) as work, targets.application(options.size, work, options.folder) as ours:
        found = {scenario.name: stages(scenario, ours, options.requests) for scenario in chosen}
    names = sorted({name for stages in found.values() for name in stages}, key=lambda name: name != REST)
    rows = [[name, *(f"{each.get(name, 0):,.0f}" for each in found.values())] for name in names]
    rows.append(["all", *(f"{sum(each.values()):,.0f}" for each in found.values())])
    report.show("CPU microseconds by stage", [["stage", *found], *rows])
    report.write(options.folder / "stages.json", {"size": options.size, "stages": found})


def stages(scenario: Scenario, target: targets.InProcess, requests: int) -> dict[str, float]:
    """The median of each stage over that many requests, in microseconds."""
    spent: list[dict[str, int]] = []
    clock = Clock()
    with inprocess.quiet(), watched(clock):
        request = targets.prepared(scenario, target)
        for _ in range(requests):
            if scenario.between:
                target.database.execute(scenario.between)
            sent = targets.environ(request)
            clock.start()
            target.answer(sent)
            spent.append(clock.stop())
    names = {name for one in spent for name in one}
    return {name: sorted(one.get(name, 0) for one in spent)[len(spent) // 2] / 1000 for name in names}
