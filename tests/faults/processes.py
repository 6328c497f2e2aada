"""Processes and their descendants on Linux: what they may write, and whether they run."""

import os
import signal
import subprocess
import time
from contextlib import suppress
from pathlib import Path


def family(pid: int) -> list[int]:
    """A process and all that came from it, parents first."""
    parents: dict[int, int] = {}
    for entry in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            text = entry.read_text()
            parents[int(entry.parent.name)] = int(text.rpartition(")")[2].split()[1])
    found = [pid]
    for one in found:
        found += [child for child, parent in parents.items() if parent == one]
    return found


def send(pids: list[int], sent: signal.Signals) -> None:
    """A signal to each that is still there."""
    for pid in pids:
        with suppress(ProcessLookupError):
            os.kill(pid, sent)


def limit_files(first: int, size: int | None) -> None:
    """From now on no file of a family grows past so many bytes, as on a full disk; None: it may again."""
    soft = "unlimited" if size is None else size
    for _ in range(2):  # a child may be born while the others are told
        for pid in family(first):
            # By the owner of the process: not even root may always do it to the processes of others.
            command = ["prlimit", f"--pid={pid}", f"--fsize={soft}:"]
            subprocess.run(command, user=os.stat(f"/proc/{pid}").st_uid, check=False, capture_output=True)


def await_end(pids: list[int]) -> None:
    """Until none of them is there any more."""
    deadline = time.monotonic() + 30
    while any(Path(f"/proc/{pid}").exists() for pid in pids):
        if time.monotonic() > deadline:
            raise RuntimeError(f"of the processes {pids} some live on")
        time.sleep(0.01)
