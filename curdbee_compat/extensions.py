"""The database handle: naming convention, SQLite's pragmas, and how a transaction begins."""

import random
import sqlite3
import time
from collections.abc import Callable
from contextlib import closing
from typing import Any, TypeVar

from flask import Flask
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import Connection, MetaData, PoolProxiedConnection, event
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import DeclarativeBase, Session

from curdbee_compat import current, tenancy, waits
from curdbee_compat.waits import LOCK_DEADLINE

T = TypeVar("T")
NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}
WRITE = {"sqlite_begin": "BEGIN IMMEDIATE"}


class Base(DeclarativeBase):
    """The declarative base; every constraint has a name, so that a migration can change it."""

    metadata = MetaData(naming_convention=NAMING)


# Flushes are explicit, and a committed entity is not read again to write the answer.
db = SQLAlchemy(model_class=Base, session_options={"autoflush": False, "expire_on_commit": False})


def init_app(app: Flask) -> None:
    """Bind the database to the application. Nothing connects yet."""
    db.init_app(app)
    waits.init_app(app)
    app.teardown_appcontext(done_reading)
    with app.app_context():
        if db.engine.dialect.name == "sqlite":
            event.listen(db.engine, "connect", _prepare_sqlite)
            event.listen(db.engine, "begin", _begin_sqlite)
        else:
            from curdbee_compat.postgres import init_engine  # its driver is not installed for SQLite alone

            init_engine(db.engine)


@event.listens_for(db.session, "loaded_as_persistent")
def _hold(session: Session, instance: object) -> None:
    """A session refers to its entities weakly; an owner that nobody names would be read again by the next relation."""
    session.info.setdefault("held", []).append(instance)


def reading() -> PoolProxiedConnection:
    """The driver's connection on which this request reads; its transaction is never committed."""
    here = current.g()
    if "reading" not in here:
        here.reading = db.engine.raw_connection()
        if db.engine.dialect.name != "sqlite":
            tenancy.begin(db.engine.dialect.loaded_dbapi, here.reading.dbapi_connection)
    return here.reading


def done_reading(_error: BaseException | None = None) -> None:
    """Give that connection back, rolled back."""
    if connection := current.g().pop("reading", None):
        connection.close()


def sent_again(read: Callable[[], T]) -> T:
    """What `read` reads by SQLAlchemy; once more, where that finds the connections of its pool dead."""
    try:
        return read()
    except DBAPIError as error:
        if not error.connection_invalidated:
            raise
        db.session.rollback()
        return read()


def begin_write() -> None:
    """Leave the reading transaction and begin one that may write.

    On SQLite it takes the write lock at once: a reader's snapshot cannot be upgraded later."""
    done_reading()
    db.session.rollback()
    db.session.connection(execution_options=WRITE)


def _prepare_sqlite(connection: sqlite3.Connection, _record: Any) -> None:
    connection.isolation_level = None  # the driver begins nothing by itself; _begin_sqlite does
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "busy_timeout=5000"):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Connection) -> None:
    statement = connection.get_execution_options().get("sqlite_begin", "BEGIN")
    if statement == "BEGIN":
        connection.exec_driver_sql(statement)
        return
    # Closed here: one that a traceback keeps is finalized by any thread, and then the driver takes the error of a
    # statement that this connection runs at that moment for none.
    with closing(connection.connection.cursor()) as cursor:
        cursor.execute("PRAGMA busy_timeout=0")
        try:
            if not _taken(cursor, statement):
                connection.exec_driver_sql(statement)  # fails again, as SQLAlchemy's errors do
        finally:
            cursor.execute("PRAGMA busy_timeout=5000")


def _taken(cursor: Any, statement: str) -> bool:
    """Whether the write lock was had in time: it is seen by the transaction, not by the absence of an error. SQLite's
    own waiting sleeps up to 100 ms and starves all writers but one; short random waits are fair. On the driver's
    cursor, since through SQLAlchemy a failure costs 100 us."""
    deadline = waits.within(LOCK_DEADLINE)
    while True:
        try:
            cursor.execute(statement)
            if cursor.connection.in_transaction:
                return True
        except sqlite3.OperationalError as error:
            if "locked" not in str(error):
                return False
        if time.monotonic() > deadline:
            return False
        time.sleep(random.uniform(0, 0.002))
