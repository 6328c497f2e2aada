"""Which tables a backup holds, as they really are, so that an older schema is read and filled as well."""

import sqlalchemy as sa

from curdbee_compat.extensions import db

PASSING = {"login_failures"}  # counts of the last minute
GIVEN = {"currencies", "payment_methods", "installation"}  # the migrations fill them; a backup brings its own rows


def present(connection: sa.Connection) -> dict[str, sa.Table]:
    """The tables to be kept, by name, those referred to first. Others that share the database are not ours."""
    kept = set(db.metadata.tables) - PASSING
    metadata = sa.MetaData()
    metadata.reflect(connection, only=lambda name, _metadata: name in kept)
    for table in metadata.tables.values():
        for column in table.c:
            if isinstance(column.type, sa.JSON):
                column.type.none_as_null = True  # no value is null in SQL, and not the text "null"
    return {str(table.name): table for table in metadata.sorted_tables}


def is_empty(connection: sa.Connection) -> bool:
    """Whether nothing is there but what the migrations put there."""
    names = present(connection).keys() - GIVEN
    queries = (sa.select(sa.exists().select_from(sa.table(name))) for name in sorted(names))
    return not any(connection.scalar(query) for query in queries)
