"""Ledgers of any length, for any number of users: straight into the database but for the first record of each kind."""

from collections.abc import Iterable
from typing import Any

import sqlalchemy as sa
from databases import Database
from inprocess import Http
from kinds import KINDS, make

from curdbee_compat.extensions import db
from curdbee_compat.models.user import User

LINES = {
    "invoices": ("invoice_line_items", "invoice_id"),
    "estimates": ("estimate_line_items", "estimate_id"),
    "recurring_profiles": ("profile_line_items", "recurring_profile_id"),
}


def ledger(http: Http, database: Database, count: int) -> None:
    """So many records of each kind, of client 1, and so many payments of invoice 1, in a database that has neither.

    The ids of each begin with 1; the newest client has no statement."""
    for name in ("clients", *(name for name in KINDS if name not in ("clients", "payments")), "payments"):
        make(http, KINDS[name])
    with database.engine.begin() as connection:
        for name in KINDS:
            multiply(connection, name, count)
        for name, key in LINES.values():
            multiply(connection, name, count, **{key: range(2, count + 1)})


def multiply(connection: sa.Connection, name: str, count: int, **changes: Iterable[Any]) -> None:
    """Copy a table's one row until there are so many, with these values in columns that tell the copies apart."""
    table = db.metadata.tables[name]
    for number in ("invoice_no", "estimate_no"):
        if number in table.c:
            changes.setdefault(number, (f"Copy {copy}" for copy in range(2, count + 1)))
    row = dict(connection.execute(sa.select(table)).mappings().one())
    del row["id"]
    columns = {key: list(values) for key, values in changes.items()}
    copies = [row | {key: values[copy] for key, values in columns.items()} for copy in range(count - 1)]
    if copies:
        connection.execute(table.insert().values(copies))


def strangers(database: Database, count: int) -> None:
    """So many other users, each with a copy of all that the one user has.

    Their ids are below 0, so that those of new records stay what they would be."""
    away = [-1000 * number for number in range(1, count + 1)]
    with database.engine.begin() as connection:
        for id in away:
            names = dict.fromkeys(("name", "login", "token_digest"), f"stranger {id}")
            connection.execute(sa.insert(User).values(id=id, password_hash="", **names))
        for table in db.metadata.sorted_tables:
            if "user_id" not in table.c:
                continue
            rows = connection.execute(sa.select(table)).mappings().all()
            keys = {"id"} | {key.parent.name for key in table.foreign_keys if "user_id" in key.column.table.c}
            copies = [{**row, **{key: row[key] + id for key in keys}, "user_id": id} for id in away for row in rows]
            if copies:
                connection.execute(table.insert().values(copies))
