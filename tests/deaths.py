"""Connections to Postgres that a test ends, and what the server still has of them."""

from collections.abc import Iterator
from contextlib import contextmanager
from time import monotonic, sleep

import sqlalchemy as sa
from databases import Database

# Clients alone: an autovacuum worker may be there as well, and nobody may end that.
CLIENTS = "FROM pg_stat_activity WHERE backend_type = 'client backend'"
OTHERS = f"{CLIENTS} AND datname = current_database() AND pid <> pg_backend_pid()"


@contextmanager
def onlooker(database: Database) -> Iterator[sa.Connection]:
    """A connection that is not the app's, and the only one."""
    database.engine.dispose()
    with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        yield connection


def present(database: Database) -> set[int]:
    """The connections that the app has, as the server numbers them."""
    with onlooker(database) as connection:
        return set(connection.exec_driver_sql(f"SELECT pid {OTHERS}").scalars())


def kill(database: Database, count: int | None = None) -> int:
    """End so many of the app's connections, or all, and wait until they are gone. How many it were."""
    with onlooker(database) as connection:
        ids = connection.exec_driver_sql(f"SELECT pid {OTHERS} ORDER BY pid").scalars().all()[:count]
        for id in ids:
            connection.exec_driver_sql(f"SELECT pg_terminate_backend({id})")
        deadline = monotonic() + 10
        while set(connection.exec_driver_sql(f"SELECT pid {OTHERS}").scalars()) & set(ids):
            assert monotonic() < deadline, "they live on"
            sleep(0.01)
    return len(ids)
