"""The limit for WSGI servers; BENCH_DATABASE names its SQLite file."""

import os

from bench.limit import Limit

app = Limit(os.environ["BENCH_DATABASE"])
