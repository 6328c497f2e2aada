"""Backups are told apart by what is in them, whatever their names."""

import gzip
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from curdbee_compat.archive.lines import LinesSource
from curdbee_compat.archive.source import Source, sqlite_file

SQLITE = b"SQLite format 3\0"
GZIP = b"\x1f\x8b"


@contextmanager
def opened(path: Path) -> Iterator[Source]:
    """The backup in a file. Unfit where there is none in it."""
    with open(path, "rb") as file:
        start = file.read(len(SQLITE))
    if start == SQLITE:
        with sqlite_file(path) as source:
            yield source
        return
    with gzip.open(path) if start.startswith(GZIP) else open(path, "rb") as file:
        yield LinesSource(file)
