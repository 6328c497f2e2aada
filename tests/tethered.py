"""Server processes that end with the test process, however that ends, and whose output holds no secret."""

import os
import signal as signals
import subprocess
from collections.abc import Sequence
from typing import IO, Any

import secrecy

# The shell's standard input is a pipe that only the test process holds open. A watcher reads it: the end of the
# pipe, and so a killed test run too, ends the server, even a frozen one. A server that ends by itself ends the shell as
# well.
SCRIPT = """
exec 3<&0
"$@" 3<&- &
server=$!
(read -r _ <&3; kill -s {signal} $server; kill -s CONT $server) &
watcher=$!
exec 3<&-
wait $server
kill $watcher 2>/dev/null
{after}
"""


class Tethered:
    """A command that runs until `stop`, or until this process is gone."""

    def __init__(
        self, command: Sequence[str], log: IO[bytes], *, signal: str = "TERM", after: str = "", **options: Any
    ) -> None:
        """`signal` ends it; the shell runs `after` when it has ended."""
        script = SCRIPT.format(signal=signal, after=after)
        self._command = " ".join(command)
        self._log = log.name if isinstance(log.name, str) else os.dup(log.fileno())
        self._process = subprocess.Popen(
            ["/bin/sh", "-c", script, "sh", *command],
            stdin=subprocess.PIPE,
            stdout=log,
            stderr=log,
            start_new_session=True,  # Ctrl-C in the terminal reaches pytest alone, which then stops its servers
            **options,
        )

    @property
    def session(self) -> int:
        """The id that all of its processes share."""
        return self._process.pid

    @property
    def running(self) -> bool:
        """Whether it has not ended yet."""
        return self._process.poll() is None

    @property
    def pid(self) -> int:
        """The shell's, which leads the process group."""
        return self._process.pid

    def kill(self) -> None:
        """End the whole process group at once; nobody in it can do anything about it."""
        os.killpg(self.pid, signals.SIGKILL)
        self.stop()

    def stop(self, timeout: float = 20) -> None:
        """End it and wait until it has; then look through all that it printed. TimeoutExpired after so many seconds."""
        self._process.stdin.close()
        self._process.wait(timeout=timeout)
        with open(self._log, "rb") as output:
            output.seek(0)
            secrecy.check(output.read(), self._command)
