"""How far each table's ids have come, deleted ones included, so that a restored database gives none of them again."""

from collections.abc import Mapping

import sqlalchemy as sa

LAST = {
    "sqlite": "SELECT seq FROM sqlite_sequence WHERE name = :table",
    "postgresql": "SELECT pg_sequence_last_value(pg_get_serial_sequence(:table, 'id')::regclass)",
}
RAISE = {
    "sqlite": (
        "INSERT INTO sqlite_sequence (name, seq) SELECT :table, 0 WHERE NOT EXISTS"
        " (SELECT 1 FROM sqlite_sequence WHERE name = :table)",
        "UPDATE sqlite_sequence SET seq = max(seq, :id) WHERE name = :table",
    ),
    "postgresql": (
        "SELECT setval(sequence, greatest(:id, pg_sequence_last_value(sequence)))"
        " FROM (SELECT pg_get_serial_sequence(:table, 'id')::regclass AS sequence) AS named",
    ),
}


def highest(connection: sa.Connection, tables: Mapping[str, sa.Table]) -> dict[str, int]:
    """By table: the highest id that was ever given; tables that gave none are left out."""
    found = {}
    for name, table in tables.items():
        if "id" in table.c:
            last = connection.scalar(sa.text(LAST[connection.dialect.name]), {"table": name})
            found[name] = max(last or 0, connection.scalar(sa.select(sa.func.max(table.c.id))) or 0)
    return {name: id for name, id in found.items() if id > 0}


def follow(connection: sa.Connection, highest: Mapping[str, int]) -> None:
    """Let the ids to come be above these. Nothing is ever set back."""
    for name, id in highest.items():
        for statement in RAISE[connection.dialect.name]:
            connection.execute(sa.text(statement), {"table": name, "id": id})
