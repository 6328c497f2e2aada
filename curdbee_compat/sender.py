"""The process beside `serve` that sends what lies in the outbox."""

import logging
import os
import signal
import socket
import threading
import time
from contextlib import suppress

from flask import Flask

from curdbee_compat import outbox

log = logging.getLogger(__name__)
STOP_WITHIN = 35  # seconds for the mail that is being sent


def start(app: Flask, listener: socket.socket) -> int:
    """A fork that sends until it is told to stop, or until this process is gone; its id. It does not listen."""
    parent = os.getpid()
    if pid := os.fork():
        return pid
    try:
        listener.close()
        send(app, parent)
    except BaseException:
        log.exception("The sender of mail has ended")
    finally:
        os._exit(0)  # whatever this process was about to do is done by its parent


def stop(pid: int) -> None:
    """Have it finish the mail that it is sending, and wait for it. Nothing, if it ended by itself; nor in a worker that
    ends, whose child it is not."""
    end = time.monotonic() + STOP_WITHIN
    with suppress(ChildProcessError):
        while os.waitpid(pid, os.WNOHANG) == (0, 0) and time.monotonic() < end:
            os.kill(pid, signal.SIGTERM)
            time.sleep(0.05)


def send(app: Flask, parent: int) -> None:
    """What the sender does."""
    told = threading.Event()
    signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGTERM])  # for the thread that waits for it
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=stop_when_told, args=(parent, told), daemon=True).start()
    outbox.run_sender(app, told)


def stop_when_told(parent: int, told: threading.Event) -> None:
    """By SIGTERM; or by being orphaned, since a server that was killed cannot tell its sender."""
    while os.getppid() == parent and not signal.sigtimedwait([signal.SIGTERM], 1):
        pass
    told.set()
