"""Applications behind the gate of `serve`, for its server; BENCH_DATABASE names the limit's SQLite file."""

import os

from bench.limit import Limit
from curdbee_compat import create_app
from curdbee_compat.server import Gate

LARGEST = 4 * 1024 * 1024  # bytes of a body, as by default


def application() -> Gate:
    """This one."""
    return Gate(create_app(), LARGEST)


def limit() -> Gate:
    """The limit."""
    return Gate(Limit(os.environ["BENCH_DATABASE"]), LARGEST)
