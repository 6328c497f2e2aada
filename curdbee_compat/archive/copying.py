"""A copy of a SQLite database as a file of its own, by SQLite's backup API."""

import sqlite3
from contextlib import closing
from pathlib import Path

import sqlalchemy as sa

from curdbee_compat.archive.source import Advance
from curdbee_compat.users import Refused

PAGES = 256  # copied in one step: a megabyte


def copy(connection: sa.Connection, path: Path, advance: Advance) -> None:
    """All pages, as this connection's transaction sees them; without one, every write would begin the copy anew."""
    source = connection.connection.driver_connection
    done = 0

    def told(_status: int, remaining: int, total: int) -> None:
        nonlocal done
        advance(total - remaining - done)
        done = total - remaining

    assert isinstance(source, sqlite3.Connection)
    try:
        with closing(sqlite3.connect(path)) as target:
            source.backup(target, pages=PAGES, progress=told)
            target.execute("PRAGMA journal_mode=DELETE")  # one file, which can be read where nothing can be written
    except sqlite3.Error as error:
        raise Refused(f"cannot write the copy: {error}") from None


def pages(connection: sa.Connection) -> int:
    """How many there are; what `advance` will come to."""
    return connection.scalar(sa.text("PRAGMA page_count")) or 0
