"""A Postgres for faults alone: it can be stopped, killed, frozen, and kept from writing."""

import shutil
import signal
import tempfile
from pathlib import Path

import postgres
import sqlalchemy as sa

from faults import processes

# What was acknowledged must survive the end of every process. That the machine ends as well is not tried here, so
# nothing need reach the disk.
SETTINGS = {**postgres.SETTINGS, "synchronous_commit": "on", "autovacuum_naptime": "1h", "max_connections": "40"}
SMALL_SEGMENTS = "--wal-segsize=1"  # MB; tables can so be kept from growing while the log of writes is not


class Cluster:
    """Files and the server on them, which answers whenever `start` has returned."""

    def __init__(self) -> None:
        self._bin = postgres.binaries()
        self._folder = postgres.initialised(self._bin, SMALL_SEGMENTS)
        self.url = postgres.superuser_url(self._folder)
        self.start()

    def start(self) -> None:
        """Start it, after whatever ended it."""
        with tempfile.TemporaryFile() as log:
            self._process = postgres.begun(self._bin, self._folder, SETTINGS, log)
            self.server = postgres.Postgres(self.url, self._process)
            postgres.wait(self.server, self._process, log)

    def end(self, sent: signal.Signals) -> None:
        """Stop it: INT is fast, QUIT immediate, KILL takes the first process alone, and the others follow."""
        pids = self.pids
        processes.send(pids[:1], sent)
        processes.await_end(pids)
        self._process.stop()

    @property
    def pids(self) -> list[int]:
        """Its processes; the first is the one that all others come from."""
        first = Path(self._folder, "data", "postmaster.pid").read_text().split()[0]
        return processes.family(int(first))

    def engine(self, name: str) -> sa.Engine:
        """One of its databases, as a superuser sees it."""
        return sa.create_engine(self.url.set(database=name))

    def close(self) -> None:
        """End it and remove its files."""
        self._process.stop()
        shutil.rmtree(self._folder, ignore_errors=True)
