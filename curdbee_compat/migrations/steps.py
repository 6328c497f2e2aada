"""What several migrations do. Released ones rely on it: add to it, do not change it."""

import sqlalchemy as sa
from alembic import op

Id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def insert(name: str, rows: list[dict]) -> None:
    """Rows with ids of their own; the ids that the database gives later follow them."""
    columns = [sa.column(key, sa.DateTime() if key.endswith("_at") else None) for key in rows[0]]
    op.bulk_insert(sa.table(name, *columns), rows)
    if op.get_bind().dialect.name == "postgresql":
        op.execute(f"SELECT setval(pg_get_serial_sequence('{name}', 'id'), (SELECT max(id) FROM {name}))")


def version_triggers(table: str) -> None:
    """Every write raises its owner's version: per row on SQLite; per statement on Postgres, or it is quadratic."""
    if op.get_bind().dialect.name == "sqlite":
        for event, rows in (
            ("INSERT", "NEW.user_id"),
            ("UPDATE", "OLD.user_id, NEW.user_id"),
            ("DELETE", "OLD.user_id"),
        ):
            op.execute(
                f"CREATE TRIGGER version_{table}_{event.lower()} AFTER {event} ON {table} BEGIN "
                f"UPDATE users SET version = version + 1 WHERE id IN ({rows}); END"
            )
        return
    written, both = "SELECT user_id FROM written", "SELECT user_id FROM written UNION SELECT user_id FROM replaced"
    for function, owners in (("raise_version", written), ("raise_versions", both)):
        op.execute(
            f"CREATE OR REPLACE FUNCTION {function}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
            f"UPDATE users SET version = version + 1 WHERE id IN ({owners}); RETURN NULL; END $$"
        )
    for event, rows, function in (
        ("INSERT", "NEW TABLE AS written", "raise_version"),
        ("UPDATE", "OLD TABLE AS replaced NEW TABLE AS written", "raise_versions"),
        ("DELETE", "OLD TABLE AS written", "raise_version"),
    ):
        op.execute(
            f"CREATE TRIGGER version_{table}_{event.lower()} AFTER {event} ON {table} "
            f"REFERENCING {rows} FOR EACH STATEMENT EXECUTE FUNCTION {function}()"
        )
