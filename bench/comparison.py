"""The application beside the limit, in process and over HTTP; and one HTTP server beside another."""

import contextlib
from argparse import Namespace
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from bench import figures, inprocess, loads, overhttp, report, servers, soundness, targets, wrk
from bench.figures import APPLICATION, LIMIT
from bench.scenarios import SCENARIOS

# What servers are compared by: one of each kind.
TELLING = ("first: list of 20 json", "again: list of 20 json", "again: list of 200 json", "create json")


def run(options: Namespace) -> None:
    """Both ways, unless one is left out."""
    found: dict[str, Any] = {"size": options.size}
    with working(options.folder) as work:
        if options.only != "http":
            found["in process"] = in_process(options, work)
        if options.only != "inprocess":
            try:
                wrk.program()
                found["over http"] = over_http(options, work)
            except wrk.Missing as missing:
                print(f"\n{missing}")
    report.write(options.folder / f"result-{options.size}.json", found)


def in_process(options: Namespace, work: Path) -> list[dict[str, Any]]:
    """The figures to gate on."""
    where = (options.size, work, options.folder)
    with targets.application(*where) as ours, targets.limit(*where) as limit:
        soundness.check(SCENARIOS, ours, limit)
        lines = figures.lines(SCENARIOS, inprocess.measure(SCENARIOS, [ours, limit], options.rounds))
    what = f"CPU microseconds a request, best tenth of {options.rounds} rounds"
    report.show(f"In process, {options.size} data: {what}", figures.table(lines))
    return [line.as_json() for line in lines]


def over_http(options: Namespace, work: Path) -> list[dict[str, Any]]:
    """What a client gets, on the server that `serve` is."""
    with contextlib.ExitStack() as stack:
        running = [
            stack.enter_context(overhttp.started(servers.SERVED, who, options.size, work, options.folder))
            for who in (APPLICATION, LIMIT)
        ]
        whole = [scenario for scenario in SCENARIOS if not scenario.unaudited]
        found = loads.lines(overhttp.measure(whole, running, options.http_rounds, options.seconds))
    report.show(title(options, f"{servers.SERVED}, {options.size} data"), loads.table(found, "who"))
    return found


def compare_servers(options: Namespace) -> None:
    """Every server that is installed, the same way."""
    wrk.program()
    there = [server for server in servers.COMMANDS if servers.is_installed(server)]
    missing = [server for server in servers.COMMANDS if server not in there]
    chosen = [scenario for scenario in SCENARIOS if scenario.name in TELLING]
    with working(options.folder) as work, contextlib.ExitStack() as stack:
        running = [
            stack.enter_context(overhttp.started(server, who, options.size, work, options.folder))
            for server in there
            for who in (APPLICATION, LIMIT)
        ]
        found = loads.lines(overhttp.measure(chosen, running, options.http_rounds, options.seconds))
    for who in (APPLICATION, LIMIT):
        lines = [line for line in found if line["who"] == who]
        ordered = sorted(lines, key=lambda line: TELLING.index(line["scenario"]))
        report.show(title(options, f"the {who}, {options.size} data"), loads.table(ordered, "server"))
    for server in missing:
        print(f"\nnot installed, so not measured: {server}")
    report.write(options.folder / "servers.json", {"size": options.size, "missing": missing, "servers": found})


def title(options: Namespace, what: str) -> str:
    """The heading of a table of loads."""
    rounds = f"medians of {options.http_rounds} rounds of {options.seconds} s"
    return f"Over HTTP, {what}: {overhttp.WORKERS} workers, {overhttp.CONNECTIONS} connections, {rounds}"


@contextlib.contextmanager
def working(folder: Path) -> Iterator[Path]:
    """A folder for copies of the data, on the same disk, and gone afterwards."""
    folder.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(prefix="run-", dir=folder) as work:
        yield Path(work)
