"""The two transactions in which everybody's rows are read and written, past the limits that requests have."""

from collections.abc import Iterator
from contextlib import contextmanager

import sqlalchemy as sa

from curdbee_compat.extensions import db
from curdbee_compat.sqlite import IMMEDIATE

ONE_MOMENT = {"postgres_begin": "BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY"}
# As pg_dump sets them: however large the database is, it is read and filled in one transaction.
PATIENT = ("statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout")


@contextmanager
def snapshot() -> Iterator[sa.Connection]:
    """For reading: one moment of the whole database, while others go on writing."""
    with db.engine.connect().execution_options(**ONE_MOMENT) as connection:
        _be_patient(connection)
        yield connection


@contextmanager
def filling() -> Iterator[sa.Connection]:
    """For writing: committed at the end, or nothing happened."""
    with db.engine.connect().execution_options(sqlite_begin=IMMEDIATE) as connection, connection.begin():
        _be_patient(connection)
        yield connection


def _be_patient(connection: sa.Connection) -> None:
    if connection.dialect.name == "postgresql":
        for setting in PATIENT:
            connection.execute(sa.text(f"SET LOCAL {setting} = 0"))
