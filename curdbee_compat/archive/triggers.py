"""Triggers off while rows are loaded: a version would be raised for every row."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

import sqlalchemy as sa


@contextmanager
def off(connection: sa.Connection, tables: Iterable[str]) -> Iterator[None]:
    """Within a transaction, which is rolled back if anything is raised. On Postgres it keeps others from writing.

    Foreign keys are checked all the same."""
    if connection.dialect.name == "sqlite":
        kept = connection.execute(sa.text("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")).all()
        before, after = [f'DROP TRIGGER "{name}"' for name, _ in kept], [made for _, made in kept]
    else:
        before, after = (
            [f'ALTER TABLE "{table}" {change} TRIGGER USER' for table in tables] for change in ("DISABLE", "ENABLE")
        )
    for statement in before:
        connection.exec_driver_sql(statement)
    yield
    for statement in after:
        connection.exec_driver_sql(statement)
