"""A server as a tree of processes: started, awaited, watched through /proc, stopped."""

import contextlib
import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK")
PAGE_MIB = os.sysconf("SC_PAGE_SIZE") / 2**20
PATIENCE = 30  # seconds to start or to stop


class Running:
    """A server on 127.0.0.1. Use as a context manager, so that it ends whatever happens."""

    def __init__(self, command: Sequence[str], environment: dict[str, str], port: int, log: Path) -> None:
        self.port, self._log = port, log
        with open(log, "wb") as output:
            self._process = subprocess.Popen(
                command,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,  # Ctrl-C reaches the benchmark alone, which then stops its servers
            )

    def __enter__(self) -> "Running":
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def wait(self, path: str = "/healthz") -> None:
        """Return as soon as anything is answered."""
        deadline = time.monotonic() + PATIENCE
        while True:
            connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
            with contextlib.closing(connection), contextlib.suppress(OSError, http.client.HTTPException):
                connection.request("GET", path)
                connection.getresponse().read()
                return
            if self._process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"the server did not start:\n{self._log.read_text()[-2000:]}")
            time.sleep(0.005)

    def stop(self) -> None:
        """End it, with all its workers."""
        self._process.terminate()
        try:
            self._process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()

    def cpu(self) -> float:
        """Seconds of CPU, user and system, of all its processes up to now."""
        return sum(_cpu(pid) for pid in self._tree())

    def memory(self, workers: int) -> list[float]:
        """MiB resident of each worker, pages shared with others counted in full."""
        # Whatever else a server keeps beside its master is smaller.
        return sorted(_resident(pid) for pid in self._tree()[1:])[-workers:]

    def proportional(self) -> float:
        """MiB of the largest worker, of pages shared with others its part."""
        return max(_proportional(pid) for pid in self._tree()[1:])

    def _tree(self) -> list[int]:
        """The process and all below it."""
        children: dict[int, list[int]] = {}
        for pid in (int(entry) for entry in os.listdir("/proc") if entry.isdigit()):
            if fields := _stat(pid):
                children.setdefault(int(fields[1]), []).append(pid)
        found = [self._process.pid]
        for pid in found:
            found += children.get(pid, [])
        return found


def serve(port: int, workers: int) -> list[str]:
    """The product's own command."""
    return [sys.executable, "-m", "curdbee_compat.cli", "serve", "--port", str(port), "--workers", str(workers)]


def free_port() -> int:
    """A port of the loopback interface that nobody listens on now."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]


def _stat(pid: int) -> list[str]:
    """The fields of /proc/PID/stat from the state on, which stands behind the name; none for a process that is gone."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return []


def _cpu(pid: int) -> float:
    fields = _stat(pid)
    return (int(fields[11]) + int(fields[12])) / TICKS if fields else 0.0


def _resident(pid: int) -> float:
    try:
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * PAGE_MIB
    except OSError:
        return 0.0


def _proportional(pid: int) -> float:
    try:
        rolled_up = Path(f"/proc/{pid}/smaps_rollup").read_text()
    except OSError:
        return 0.0
    return next(int(line.split()[1]) for line in rolled_up.splitlines() if line.startswith("Pss:")) / 1024
