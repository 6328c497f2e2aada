"""The app's databases under test: migrated once, then set back to that state before every test."""

import contextlib
import secrets
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

import sqlalchemy as sa
from postgres import Postgres

from curdbee_compat import create_app, migrating

# Tests that look or write by themselves see everybody's rows, as commands do.
EVERYBODY = {"options": "-c curdbee.role=command"}


class Database(Protocol):
    """A migrated database: `url` for the app, `engine` for a test that looks or writes by itself."""

    url: str
    engine: sa.Engine

    def reset(self) -> None:
        """Back to how the migrations left it, ids included. Nobody may hold a connection that is in use."""

    def sibling(self, name: str) -> "Database":
        """Another one, just migrated, that no `reset` touches."""


class SqliteDatabase:
    """A file; its migrated state is kept beside it as a copy."""

    def __init__(self, path: Path, template: Path | None = None) -> None:
        self._path = path
        self._template = template or path.with_suffix(".template")
        self.url = f"sqlite:///{path}"
        if template is None:
            migrate(self.url, path.parent)
            path.rename(self._template)
        self.engine = sa.create_engine(self.url)
        sa.event.listen(self.engine, "connect", _enforce_foreign_keys)
        self.reset()

    def reset(self) -> None:
        self.engine.dispose()
        for suffix in ("-wal", "-shm"):
            Path(f"{self._path}{suffix}").unlink(missing_ok=True)
        shutil.copyfile(self._template, self._path)
        _renew_epoch(self.engine)

    def sibling(self, name: str) -> "SqliteDatabase":
        return SqliteDatabase(self._path.with_name(f"{name}.db"), self._template)


class PostgresDatabase:
    """A database of the suite's own server. Its migrated state is kept in a second schema, `pristine`."""

    def __init__(self, server: Postgres, name: str, instance: Path) -> None:
        self._server = server
        self._instance = instance
        self.url = server.database(name)
        migrate(self.url, instance)
        self.engine = sa.create_engine(self.url, connect_args=EVERYBODY)
        with self.engine.begin() as connection:
            _keep_pristine(connection)

    def reset(self) -> None:
        with self.engine.begin() as connection:
            connection.exec_driver_sql("SELECT pristine.put_back()")
        _renew_epoch(self.engine)

    def sibling(self, name: str) -> "PostgresDatabase":
        return PostgresDatabase(self._server, name, self._instance)


@contextlib.contextmanager
def changed(database: Database, there: list[str], back: list[str]) -> Iterator[None]:
    """The schema as these statements make it; then as it was."""
    with database.engine.begin() as connection:
        for statement in there:
            connection.exec_driver_sql(statement)
    try:
        yield
    finally:
        with database.engine.begin() as connection:
            for statement in back:
                connection.exec_driver_sql(statement)


def migrate(url: str, instance: Path) -> None:
    """Bring an empty database to the newest revision, as `curdbee-compat db upgrade` does."""
    app = create_app({"CURDBEE_DATABASE_URL": url, "CURDBEE_INSTANCE": str(instance)})
    with app.app_context():
        migrating.upgrade(app)
        app.extensions["sqlalchemy"].engine.dispose()


def _enforce_foreign_keys(connection: object, _record: object) -> None:
    connection.execute("PRAGMA foreign_keys=ON")


def _keep_pristine(connection: sa.Connection) -> None:
    """Copy the rows that the migrations made, and make the function that brings back exactly these.

    It leaves alone what is as it was, and its statements are planned once; done plainly, with TRUNCATE above all, the
    same takes up to a hundred times as long."""
    inspector = sa.inspect(connection)
    ordered = [name for name, _ in inspector.get_sorted_table_and_fkc_names() if name]
    connection.exec_driver_sql("CREATE SCHEMA pristine")
    empty, put_back = [], []
    for name in ordered:
        public, pristine = f'public."{name}"', f'pristine."{name}"'
        connection.exec_driver_sql(f"CREATE TABLE {pristine} AS TABLE {public}")
        kept = connection.exec_driver_sql(f"SELECT EXISTS (SELECT 1 FROM {pristine})").scalar()
        changed = f"t::text NOT IN (SELECT p::text FROM {pristine} p)" if kept else "true"
        emptied = f"DELETE FROM {public} t WHERE {changed}"
        if name == "audit_entries":  # which nobody may delete
            guard = f"ALTER TABLE {public} {{}} TRIGGER audit_no_delete"
            emptied = f"{guard.format('DISABLE')}; {emptied}; {guard.format('ENABLE')}"
        empty.append(f"IF EXISTS (SELECT 1 FROM {public} t WHERE {changed}) THEN {emptied}; END IF")
        if kept:
            put_back.append(f"INSERT INTO {public} SELECT * FROM {pristine} EXCEPT SELECT * FROM {public}")
    sequences = connection.exec_driver_sql(
        "SELECT sequencename, coalesce(last_value, 1), last_value IS NOT NULL FROM pg_sequences"
        " WHERE schemaname = 'public'"
    ).all()
    restart = [f"PERFORM setval('public.\"{name}\"', {value}, {called})" for name, value, called in sequences]
    statements = "; ".join([*reversed(empty), *put_back, *restart])
    connection.exec_driver_sql(
        f"CREATE FUNCTION pristine.put_back() RETURNS void LANGUAGE plpgsql AS $$ BEGIN {statements}; END $$"
    )


def _renew_epoch(engine: sa.Engine) -> None:
    """As a restored database has: else the app may take an answer kept from the test before for a present one."""
    with contextlib.closing(engine.connect()) as connection, connection.begin():
        connection.execute(sa.text("UPDATE installation SET epoch = :epoch"), {"epoch": secrets.token_hex(16)})
