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


# On Postgres, what a transaction may see and write is what one of these settings of it names; without any, nothing.
# Each in a SELECT of its own: read once a statement, not once a row.
OWN = "user_id = (SELECT nullif(current_setting('curdbee.user_id', true), '')::bigint)"
EVERYBODY = "(SELECT current_setting('curdbee.role', true)) IN ('admin', 'command')"
PAGE_KEY = "(SELECT nullif(current_setting('curdbee.hash_key', true), ''))"


def row_level_security(table: str, page: str | None = None) -> None:
    """Let a user see and write his rows alone, admins and commands all. `page`: which rows may be read by whoever
    knows the key of a public page. FORCE, since the role that owns the tables is the one that serves."""
    if op.get_bind().dialect.name == "sqlite":
        return
    op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY")
    op.execute(f"CREATE POLICY own ON {table} USING ({OWN})")
    op.execute(f"CREATE POLICY everybody ON {table} USING ({EVERYBODY})")
    if page:
        op.execute(f"CREATE POLICY page ON {table} FOR SELECT USING ({page})")


def no_row_level_security(table: str) -> None:
    """Undo `row_level_security`."""
    if op.get_bind().dialect.name == "sqlite":
        return
    for policy in ("page", "everybody", "own"):
        op.execute(f"DROP POLICY IF EXISTS {policy} ON {table}")
    op.execute(f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY, DISABLE ROW LEVEL SECURITY")


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
