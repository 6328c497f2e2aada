"""Connections to Postgres that hold a request up no longer than it may wait. Needs psycopg, so it is imported late."""

import os
import time
from typing import Any

import psycopg
from psycopg.abc import PQGen
from sqlalchemy import Connection, Dialect, Engine, event

from curdbee_compat import tenancy, waits

# The server's own limits. They end what waits in order, and the connection lives on.
LIMITS = {
    "statement_timeout": int(waits.STATEMENT * 1000),
    "lock_timeout": int(waits.LOCK_DEADLINE * 1000),
    "idle_in_transaction_session_timeout": waits.IDLE_IN_TRANSACTION * 1000,
}
OPTIONS = " ".join(f"-c {name}={milliseconds}" for name, milliseconds in LIMITS.items())


class Impatient(psycopg.Connection[Any]):
    """Closes itself where the server does not answer until the request's deadline: it was stopped, or is out of reach.

    What was sent may still be carried out, as with any answer that is lost."""

    def wait(self, gen: PQGen[Any], *args: Any, **named: Any) -> Any:
        """The end of what the driver waits for. OperationalError past the deadline."""
        deadline = waits.deadline()
        if deadline is None:
            return super().wait(gen, *args, **named)
        try:
            return super().wait(gen, timeout=max(0.1, deadline - time.monotonic()))
        except psycopg.OperationalError as error:
            if time.monotonic() < deadline or self.closed:
                raise
            self.close()
            raise psycopg.OperationalError("the server did not answer in time") from error


def init_engine(engine: Engine) -> None:
    """Have the engine connect so, and each transaction say for whom it works."""
    event.listen(engine, "do_connect", _connect)
    event.listen(engine, "begin", _begin)


def _connect(_dialect: Dialect, _record: Any, arguments: list[Any], options: dict[str, Any]) -> psycopg.Connection[Any]:
    """A connection with limits. What the database's URL says goes before them."""
    options = {"connect_timeout": waits.CONNECT, **waits.TCP, **options}
    deadline = waits.deadline()
    if deadline is not None:
        if time.monotonic() > deadline - waits.CONNECT:
            raise psycopg.OperationalError("no time left to connect")
        options["options"] = f"{OPTIONS} {options.get('options') or os.environ.get('PGOPTIONS', '')}"
    # Autocommit: the driver begins nothing by itself; `_begin` and `extensions` do. It gives names to no statements:
    # behind PgBouncer another client would find them on the server's connection that both have in turn.
    return Impatient.connect(*arguments, **options, autocommit=True, prepare_threshold=None)


def _begin(connection: Connection) -> None:
    options = connection.get_execution_options()
    driver: Any = connection.connection.dbapi_connection
    if "begun" in options and driver.info.transaction_status != psycopg.pq.TransactionStatus.IDLE:
        return
    try:
        tenancy.begin(psycopg, driver, options.get("postgres_begin", "BEGIN"))
    except psycopg.Error:
        connection.exec_driver_sql("SELECT 1")  # fails again, as SQLAlchemy's errors do
        raise
