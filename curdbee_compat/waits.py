"""How long a request waits: in all, for a lock, for a connection. What it computes is no waiting. Knows no database."""

import time
from typing import Any

from flask import Flask, has_app_context

from curdbee_compat import current

REQUEST = 8.0  # seconds in all, for its turn and for the database; past them it is refused
STATEMENT = 7.0  # for one statement: Postgres gives up by itself before the request does
LOCK_DEADLINE = 5.0  # a writer for another one: SQLite's one write lock, Postgres' locks of rows
CONNECT = 2  # for a new connection to each address of the server; libpq knows nothing shorter
POOL = 5.0  # for a connection that another request has
IDLE_IN_TRANSACTION = 30  # until Postgres ends a transaction, and its locks, that nobody carries on
# A machine that is gone says nothing: it is asked after 10 seconds of silence, three times.
TCP = {
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": int(REQUEST * 1000),
}
KEY = "curdbee_compat.deadline"


def init_app(app: Flask) -> None:
    """Count for every request."""
    app.before_request(_begin)


def started(environ: dict[str, Any], since: float | None = None) -> float:
    """When the request's waiting ends, by `time.monotonic`. It begins when the server says, or now."""
    return environ.setdefault(KEY, (time.monotonic() if since is None else since) + REQUEST)


def deadline() -> float | None:
    """When the waiting of the present request ends, unless it computes meanwhile, which thousands of lines take seconds
    of. None outside of requests: a command takes as long as it needs."""
    end = current.g().get("idle_until") if has_app_context() else None
    return None if end is None else end + time.thread_time()


def within(seconds: float) -> float:
    """The end of a wait of so many seconds, or of the request's."""
    end = time.monotonic() + seconds
    return min(end, deadline() or end)


def _begin() -> None:
    current.g().idle_until = started(current.request().environ) - time.thread_time()
