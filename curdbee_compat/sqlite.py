"""Connections to SQLite: their pragmas, and the one lock for writing, which is taken when a transaction begins."""

import random
import sqlite3
import time
from contextlib import closing
from typing import Any

from sqlalchemy import Connection, Engine, PoolProxiedConnection, event

from curdbee_compat import waits
from curdbee_compat.waits import LOCK_DEADLINE

IMMEDIATE = "BEGIN IMMEDIATE"


def init_engine(engine: Engine) -> None:
    """Have the engine connect and begin so."""
    event.listen(engine, "connect", _prepare)
    event.listen(engine, "begin", _begin)


def take_lock(connection: PoolProxiedConnection) -> None:
    """Begin a transaction that holds the lock. OperationalError, the driver's, where it was not had in time."""
    # Closed here: one that a traceback keeps is finalized by any thread, and then the driver takes the error of a
    # statement that this connection runs at that moment for none.
    with closing(connection.cursor()) as cursor:
        cursor.execute("PRAGMA busy_timeout=0")
        try:
            if not _taken(cursor):
                cursor.execute(IMMEDIATE)  # fails again
        finally:
            cursor.execute("PRAGMA busy_timeout=5000")


def _prepare(connection: sqlite3.Connection, _record: Any) -> None:
    connection.isolation_level = None  # the driver begins nothing by itself; `_begin` and `take_lock` do
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "busy_timeout=5000"):
        connection.execute(f"PRAGMA {pragma}")


def _begin(connection: Connection) -> None:
    options, driver = connection.get_execution_options(), connection.connection
    if "begun" in options and driver.dbapi_connection.in_transaction:  # type: ignore[union-attr]
        return
    statement = options.get("sqlite_begin", "BEGIN")
    if statement == IMMEDIATE:
        try:
            take_lock(driver)
            return
        except sqlite3.OperationalError:
            pass  # fails again, as SQLAlchemy's errors do
    connection.exec_driver_sql(statement)


def _taken(cursor: Any) -> bool:
    """Whether the lock was had in time: it is seen by the transaction, not by the absence of an error. SQLite's own
    waiting sleeps up to 100 ms and starves all writers but one; short random waits are fair."""
    deadline = waits.within(LOCK_DEADLINE)
    while True:
        try:
            cursor.execute(IMMEDIATE)
            if cursor.connection.in_transaction:
                return True
        except sqlite3.OperationalError as error:
            if "locked" not in str(error):
                return False
        if time.monotonic() > deadline:
            return False
        time.sleep(random.uniform(0, 0.001))
