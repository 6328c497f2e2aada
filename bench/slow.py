"""What an honest client gets beside crowds of clients that take their time."""

import statistics
import time
from argparse import Namespace
from typing import Any

from bench import crowds, data, processes, report
from bench.client import Sent, encoded, keep_sending
from bench.comparison import working
from bench.scenarios import READS

WORKERS, SECONDS = 2, 10.0
SIZES = {crowds.IDLE: 10_000, crowds.HEADS: 2000, crowds.BODIES: 2000, crowds.CHUNKS: 2000, crowds.DEAF: 100}
OTHERS = 500
SETTLING = {crowds.DEAF: 5}  # seconds until what the system's buffers take is written
READ = READS["list of 20 json"]


def run(options: Namespace) -> None:
    """Reads a second and how long they take, alone and beside each crowd."""
    port = processes.free_port()
    with working(options.folder) as work:
        path = data.copy(options.size, work / "slow.db", options.folder)
        command, environment = processes.serve(port, WORKERS), data.environment(data.url(path), work)
        with processes.Running(command, environment, port, work / "serve.log") as running:
            running.wait()
            found = measure(port, options.seconds)
            memory = running.memory(WORKERS)
    header = ["crowd", "of", "cut off", "reads/s", "p50 ms", "p99 ms", "longest ms", "failed"]
    title = f"One client that reads beside crowds; {WORKERS} processes of `serve`, {options.seconds:g} s each"
    report.show(title, [header, *(_cells(each) for each in found)])
    print(f"MiB a process afterwards: {', '.join(f'{mebibytes:.0f}' for mebibytes in memory)}")
    report.write(options.folder / "slow.json", {"crowds": found, "memory": memory})


def measure(port: int, seconds: float) -> list[dict[str, Any]]:
    """Alone first, then beside each."""
    honest(port, 2)  # every process knows the password then
    found = [{"crowd": "alone", "size": 0, "cut": 0, **honest(port, seconds)}]
    for kind in crowds.KINDS:
        size = min(SIZES.get(kind, OTHERS), crowds.most())
        with crowds.crowd(port, kind, size) as crowd:
            time.sleep(SETTLING.get(kind, 1))
            figures = honest(port, seconds)
        found.append({"crowd": kind.name, "size": size, "cut": crowd.cut, **figures})
    return found


def honest(port: int, seconds: float) -> dict[str, float]:
    """One who reads over a kept connection, as fast as he is answered."""
    until, read = time.monotonic() + seconds, encoded(READ)
    sent = keep_sending(port, lambda _: read, lambda _: time.monotonic() > until)
    took = sorted(1000 * (each.answered - each.began) for each in sent)
    return {
        "rate": len(sent) / seconds,
        "p50": statistics.median(took),
        "p99": took[int(len(took) * 0.99)],
        "longest": took[-1],
        "failed": sum(map(_failed, sent)),
    }


def _failed(sent: Sent) -> bool:
    return sent.status not in (200, 304)


def _cells(each: dict[str, Any]) -> list[str]:
    times = [f"{each[name]:,.1f}" for name in ("rate", "p50", "p99", "longest")]
    return [each["crowd"], f"{each['size']:,}", f"{each['cut']:,}", *times, f"{each['failed']}"]
