"""What a backup holds, wherever it comes from: the live database, a copy of it by SQLite, or lines of JSON."""

import datetime
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from curdbee_compat import schema_state
from curdbee_compat.archive import checks, ids, tables
from curdbee_compat.release import RELEASE

AT_ONCE = 1000  # rows that are in memory together
Advance = Callable[[int], Any]  # told how many rows more are done


class Unfit(Exception):
    """A file or database that cannot be a source. The text says why and goes behind its name: "is damaged"."""


@dataclass(frozen=True)
class Contents:
    """What a backup says of itself: the schema's revision, when and by which release it was made (UTC, in ISO 8601),
    the figures of `checks`, and how far the ids have come."""

    schema: str
    release: str
    created_at: str
    figures: checks.Figures
    highest_ids: dict[str, int]

    @property
    def total(self) -> int:
        """Rows of all tables."""
        return sum(map(int, self.figures["rows"].values()))


class Source(Protocol):
    """Rows to be written somewhere else."""

    contents: Contents

    def rows(self) -> Iterator[tuple[str, dict[str, Any]]]:
        """Table and row, tables that are referred to first. Dates may be texts in ISO 8601."""

    def verify(self, advance: Advance) -> None:
        """Unfit where the file is damaged."""


class DatabaseSource:
    """A database, in a transaction that sees one moment of it (UTC, without its zone)."""

    def __init__(self, connection: sa.Connection, moment: datetime.datetime) -> None:
        self._connection = connection
        self._tables = tables.present(connection)
        self.contents = Contents(
            schema=_known_schema(connection),
            release=RELEASE,
            created_at=f"{moment.isoformat(timespec='seconds')}Z",
            figures=checks.measured(connection, self._tables),
            highest_ids=ids.highest(connection, self._tables),
        )

    def rows(self) -> Iterator[tuple[str, dict[str, Any]]]:
        """Each table by its keys."""
        for name, table in self._tables.items():
            columns = [str(column.name) for column in table.c]
            query = sa.select(table).order_by(*table.primary_key)
            for row in self._connection.execute(query, execution_options={"yield_per": AT_ONCE}):
                yield name, dict(zip(columns, row, strict=True))

    def verify(self, advance: Advance) -> None:
        """By SQLite's own check; a file can be nothing else."""
        found = self._connection.scalar(sa.text("PRAGMA quick_check(1)"))
        if found != "ok":
            raise Unfit(f"is damaged: {str(found).splitlines()[-1]}")
        advance(self.contents.total)


@contextmanager
def sqlite_file(path: Path) -> Iterator[DatabaseSource]:
    """A file that SQLite made. It is only read."""
    name = path.absolute().as_uri()
    engine = sa.create_engine(
        "sqlite://",
        creator=lambda: sqlite3.connect(f"{name}?mode=ro", uri=True, isolation_level=None),
        poolclass=sa.NullPool,
    )
    with engine.connect() as connection:
        try:
            connection.exec_driver_sql("BEGIN")
            written = datetime.datetime.fromtimestamp(path.stat().st_mtime, datetime.UTC)
            source = DatabaseSource(connection, written.replace(tzinfo=None))
        except DBAPIError as error:
            raise Unfit(f"cannot be read: {schema_state.first_line(error)}") from None
        yield source


def _known_schema(connection: sa.Connection) -> str:
    """The schema's revision, if this release knows it."""
    present = schema_state.revision_of(connection)
    if present is None:
        raise Unfit("has no schema of curdbee-compat")
    refuse_newer(present)
    return present


def refuse_newer(schema: str) -> None:
    """Unfit, if a newer release made this schema."""
    if schema not in schema_state.revisions():
        known = schema_state.newest()
        raise Unfit(f"is of schema {schema}, and this release knows those up to {known}; install a newer release")
