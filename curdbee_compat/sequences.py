"""Ids that the database gives stay above those it was given. Knows no table by name."""

from sqlalchemy import text

from curdbee_compat.extensions import db

# A sequence is never set back: an id that was deleted is not given again.
CATCH_UP = """
SELECT setval(sequence, highest) FROM (
    SELECT max(id) AS highest, pg_get_serial_sequence('{table}', 'id')::regclass AS sequence FROM {table}
) AS present
WHERE highest > coalesce(pg_sequence_last_value(sequence), 0)
"""


def catch_up() -> None:
    """Move each table's sequence past its highest id, after rows that came with ids of their own were flushed.

    SQLite's AUTOINCREMENT does so by itself."""
    if db.engine.dialect.name != "postgresql":
        return
    for table in db.metadata.tables.values():
        db.session.execute(text(CATCH_UP.format(table=table.name)))
