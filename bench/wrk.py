"""Load by wrk, a program of its own: it takes little of the CPU that the server needs."""

import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from bench.scenarios import Request

SCRIPT = Path(__file__).with_name("wrk.lua")
MISSING = "wrk is not installed, so nothing was measured over HTTP; on Debian and Ubuntu: apt-get install wrk"


class Missing(Exception):
    """There is no wrk; the text says what to do."""


@dataclass(frozen=True)
class Load:
    """What wrk saw. `refused` are answers of 400 and above, `failed` requests without any; milliseconds."""

    requests: int
    seconds: float
    refused: int
    failed: int
    mean: float
    p50: float
    p99: float


def program() -> str:
    """Where wrk is. May raise Missing."""
    found = shutil.which("wrk")
    if found is None:
        raise Missing(MISSING)
    return found


def run(port: int, request: Request, connections: int, seconds: int) -> Load:
    """Send the request over kept connections, each as soon as its last answer is there."""
    headers = [word for name, value in request.all_headers.items() for word in ("-H", f"{name}: {value}")]
    load = ["-t1", f"-c{connections}", f"-d{seconds}s", "--timeout", "30s", "-s", str(SCRIPT)]
    sent = {"BENCH_METHOD": request.method, "BENCH_BODY": request.body.decode()}
    done = subprocess.run(
        [program(), *load, *headers, f"http://127.0.0.1:{port}{request.path}"],
        env={**os.environ, **sent},
        capture_output=True,
        text=True,
        check=True,
    )
    line = next(line for line in done.stdout.splitlines() if line.startswith("bench: "))
    requests, took, refused, failed, mean, p50, p99 = map(int, line.split()[1:])
    return Load(requests, took / 1e6, refused, failed, mean / 1000, p50 / 1000, p99 / 1000)
