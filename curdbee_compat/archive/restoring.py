"""A backup into an empty database, in one transaction, and the checks that it arrived."""

import datetime
import secrets
from collections.abc import Callable, Iterator, Mapping
from itertools import groupby, islice
from typing import Any

import sqlalchemy as sa
from flask import current_app
from sqlalchemy.exc import DBAPIError, StatementError

from curdbee_compat import migrating, schema_state
from curdbee_compat.archive import checks, ids, tables, triggers
from curdbee_compat.archive.source import AT_ONCE, Advance, Source
from curdbee_compat.archive.transactions import filling, snapshot
from curdbee_compat.users import Refused

NOT_EMPTY = "the database is not empty, and nothing was changed; a backup is restored into an empty one"
READERS: dict[type, Callable[[str], Any]] = {
    datetime.date: datetime.date.fromisoformat,
    datetime.datetime: datetime.datetime.fromisoformat,
}


def restore(source: Source, advance: Advance) -> None:
    """Load it at the schema it was made of, forward or back from that of the empty database; then bring that to the
    newest. Refused where the database has data."""
    refuse_full()
    migrating.move(current_app, source.contents.schema)
    try:
        with filling() as connection:
            _fill(connection, source, advance)
    finally:  # also an empty database is one that can be used
        migrating.upgrade(current_app)


def refuse_full() -> None:
    """Refused where the database has data, or a schema of a newer release."""
    with snapshot() as connection:
        schema = schema_state.revision_of(connection)
        if schema not in {None, *schema_state.revisions()}:
            raise Refused(f"the database is of schema {schema}, which a newer release made; install that")
        if not tables.is_empty(connection):
            raise Refused(NOT_EMPTY)


def _fill(connection: sa.Connection, source: Source, advance: Advance) -> None:
    present = tables.present(connection)
    with triggers.off(connection, present):
        if not tables.is_empty(connection):  # now that nobody else writes
            raise Refused(NOT_EMPTY)
        for name in tables.GIVEN:
            connection.execute(present[name].delete())
        for name, rows in _batches(source.rows()):
            _insert(connection, present[name], rows)
            advance(len(rows))
        ids.follow(connection, source.contents.highest_ids)
        _renew(connection, present)
    if found := checks.differences(source.contents.figures, checks.measured(connection, present)):
        raise Refused(f"the database is not what the backup holds, and was left empty: {'; '.join(found)}")


def _renew(connection: sa.Connection, present: Mapping[str, sa.Table]) -> None:
    """So that no answer made before is taken for a present one."""
    users = present["users"]
    connection.execute(present["installation"].update().values(epoch=secrets.token_hex(16)))
    connection.execute(users.update().values(version=users.c.version + 1))


def _batches(rows: Iterator[tuple[str, dict[str, Any]]]) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    for name, group in groupby(rows, key=lambda pair: pair[0]):
        while batch := [row for _, row in islice(group, AT_ONCE)]:
            yield name, batch


def _insert(connection: sa.Connection, table: sa.Table, rows: list[dict[str, Any]]) -> None:
    try:
        _read_dates(table, rows)
        connection.execute(table.insert(), rows)
    except (ValueError, StatementError) as error:
        if isinstance(error, DBAPIError) and error.connection_invalidated:
            raise
        reason = schema_state.first_line(error)
        raise Refused(f"the database takes no rows of {table.name}: {reason}") from None


def _read_dates(table: sa.Table, rows: list[dict[str, Any]]) -> None:
    """Where they are texts. ValueError for a day that is none."""
    dates = {column.name: READERS[kind] for column in table.c if (kind := column.type.python_type) in READERS}
    for row in rows:
        for name, read in dates.items():
            if isinstance(row[name], str):
                row[name] = read(row[name])
