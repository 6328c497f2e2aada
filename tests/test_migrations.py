"""The schema that migrations make, from nothing and from every older revision, is the one that the models describe."""

import datetime
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Any

import flask_migrate
import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import Flask

import curdbee_compat
from curdbee_compat import create_app, migrating, schema_state, tenancy
from curdbee_compat.extensions import db

FOLDER = Path(curdbee_compat.__file__).parent / "migrations"
REVISIONS = ["base", *sorted(script.revision for script in ScriptDirectory(str(FOLDER)).walk_revisions())]
EVENTS = ("insert", "update", "delete")
TOLD = {"audit_entries", "idempotency_keys"}
AUDIT = {
    "sqlite": ["audit_head", "audit_no_delete", "audit_no_replace", "audit_no_update"],
    "postgres": ["audit_head", "audit_no_delete", "audit_no_truncate", "audit_no_update"],
}
THEN = datetime.datetime.fromisoformat("2010-09-30T01:47:50")
VALUES = {bool: False, int: 1, str: "x", datetime.date: datetime.date(2010, 9, 30), dict: {}, object: {}}
_databases = count(1)

FreshApp = Callable[[], Flask]


@pytest.fixture
def fresh_app(backend: str, tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> FreshApp:
    """Make the app on a database in which there is nothing."""

    def made() -> Flask:
        name, folder = f"empty{next(_databases)}", tmp_path_factory.mktemp("migrations")
        url = f"sqlite:///{folder}/{name}.db"
        if backend == "postgres":
            url = request.getfixturevalue("postgres_server").database(name)
        app = create_app({"CURDBEE_DATABASE_URL": url, "CURDBEE_INSTANCE": str(folder)})
        migrating.init_app(app)
        return app

    return made


@pytest.fixture(scope="module")
def kept() -> dict[tuple[str, str], Flask]:
    """What `upgraded` has made, by kind of database and revision."""
    return {}


@pytest.fixture(params=REVISIONS)
def upgraded(
    kept: dict[tuple[str, str], Flask], backend: str, fresh_app: FreshApp, request: pytest.FixtureRequest
) -> Flask:
    """The app on the newest schema, come from that revision with a row in each of its tables."""
    key = (backend, request.param)
    if key in kept:
        return kept[key]
    kept[key] = app = fresh_app()
    upgrade(app, request.param)
    with transaction(app) as connection:
        filled = fill(connection) if "users" in reflected(connection).tables else {}
        connection.commit()
    upgrade(app, "head")
    with transaction(app) as connection:
        tables = reflected(connection).tables
        assert all(connection.scalar(sa.select(sa.func.count()).select_from(tables[name])) for name in filled)
    return app


@pytest.fixture
def connection(upgraded: Flask) -> Iterator[sa.Connection]:
    """For plain SQL in that database; in the end all is as before."""
    with transaction(upgraded) as connection:
        yield connection


@contextmanager
def transaction(app: Flask) -> Iterator[sa.Connection]:
    """A transaction of plain SQL, undone unless it is committed."""
    with tenancy.command(app):
        with db.engine.connect() as connection:
            yield connection
        db.engine.dispose()


def upgrade(app: Flask, revision: str) -> None:
    """Bring the app's database forward to a revision."""
    with app.app_context():
        if revision != "base":
            flask_migrate.upgrade(revision=revision)


def reflected(connection: sa.Connection) -> sa.MetaData:
    """The tables as they really are."""
    metadata = sa.MetaData()
    metadata.reflect(connection)
    return metadata


def owned(metadata: sa.MetaData) -> list[sa.Table]:
    """Tables of users' data, those referred to first. What tells of changes is none of it."""
    return [table for table in metadata.sorted_tables if "user_id" in table.c and table.name not in TOLD]


def fill(connection: sa.Connection) -> dict[str, dict[str, Any]]:
    """Insert a row into each owned table, and the user who owns them; any column gets what it takes."""
    made: dict[str, dict[str, Any]] = {"currencies": {"id": 150}}
    metadata = reflected(connection)
    for table in [metadata.tables["users"], *owned(metadata)]:
        made[table.name] = insert(connection, table, made)
    return {name: row for name, row in made.items() if name != "currencies"}


def insert(connection: sa.Connection, table: sa.Table, made: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """One row; what it refers to is in `made`."""
    row = {column.name: value(column, made) for column in table.c if not (column.nullable or column.name == "id")}
    row["id"] = connection.execute(sa.insert(table).values(row).returning(table.c.id)).scalar_one()
    return row


def value(column: sa.Column[Any], made: dict[str, dict[str, Any]]) -> Any:
    """Something for a column that must not be null."""
    if column.foreign_keys:
        if column.name == "user_id":
            return made["users"]["id"]
        return made[next(iter(column.foreign_keys)).column.table.name]["id"]
    if isinstance(column.type, sa.DateTime):
        return THEN
    if column.name == "message_id":
        return secrets.token_hex(8)
    return VALUES[column.type.python_type]


def version(connection: sa.Connection, user_id: int) -> int:
    return connection.scalar(sa.text("SELECT version FROM users WHERE id = :id"), {"id": user_id})


def fill_twice(connection: sa.Connection) -> list[dict[str, dict[str, Any]]]:
    """The rows of two users in tables that hold no others."""
    metadata = reflected(connection)
    for table in reversed([metadata.tables["users"], *owned(metadata)]):
        connection.execute(sa.delete(table))
    first = fill(connection)
    unique = {"name": "y", "login": "y", "email_login": "y", "token_digest": "y"}
    connection.execute(sa.update(metadata.tables["users"]).values(unique))
    return [first, fill(connection)]


def test_the_schema_is_what_the_models_describe(upgraded: Flask, connection: sa.Connection) -> None:
    assert set(db.metadata.tables) <= set(sa.inspect(connection).get_table_names())
    context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
    assert compare_metadata(context, db.metadata) == []
    with upgraded.app_context():
        assert schema_state.problem() is None


def test_every_owned_table_has_its_three_version_triggers(connection: sa.Connection, backend: str) -> None:
    names = "SELECT name FROM sqlite_master WHERE type = 'trigger'"
    if backend == "postgres":
        names = "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal AND tgenabled = 'O'"
    tables = [table.name for table in owned(db.metadata)]
    assert {"clients", "invoices", "invoice_line_items", "payments"} <= set(tables)
    present = sorted(connection.scalars(sa.text(names)))
    assert present == sorted([*AUDIT[backend], *(f"version_{table}_{event}" for table in tables for event in EVENTS)])


def test_plain_sql_raises_the_version_of_the_owner_alone(connection: sa.Connection) -> None:
    rows, others = fill_twice(connection)
    ann, bob = rows["users"]["id"], others["users"]["id"]
    untouched = version(connection, bob)
    for table in reversed(owned(reflected(connection))):
        mine = table.c.id == rows[table.name]["id"]
        seen = [version(connection, ann)]
        connection.execute(sa.update(table).where(mine).values(created_at=THEN))
        seen.append(version(connection, ann))
        connection.execute(sa.delete(table).where(mine))
        seen.append(version(connection, ann))
        again = insert(connection, table, {**rows, "currencies": {"id": 150}})
        seen.append(version(connection, ann))
        connection.execute(sa.delete(table).where(table.c.id == again["id"]))
        assert seen == sorted(set(seen)), table.name
        assert version(connection, bob) == untouched, table.name


def test_one_statement_raises_the_version_of_every_owner(connection: sa.Connection) -> None:
    ids = [rows["users"]["id"] for rows in fill_twice(connection)]
    for table in reversed(owned(reflected(connection))):
        for statement in (sa.update(table).values(created_at=THEN), sa.delete(table)):
            before = [version(connection, id) for id in ids]
            connection.execute(statement)
            after = [version(connection, id) for id in ids]
            assert all(new > old for new, old in zip(after, before, strict=True)), statement


def test_a_row_given_to_another_user_raises_both_versions(connection: sa.Connection) -> None:
    ids = [rows["users"]["id"] for rows in fill_twice(connection)]
    clients, *dependent = owned(reflected(connection))
    assert clients.name == "clients"
    for table in reversed(dependent):
        connection.execute(sa.delete(table))
    before = [version(connection, id) for id in ids]
    connection.execute(sa.update(clients).where(clients.c.user_id == ids[0]).values(user_id=ids[1]))
    after = [version(connection, id) for id in ids]
    assert all(new > old for new, old in zip(after, before, strict=True)), (before, after)


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
def test_no_table_of_sqlite_gives_an_id_twice(connection: sa.Connection) -> None:
    made = dict(connection.execute(sa.text("SELECT name, sql FROM sqlite_master WHERE type = 'table'")).all())
    with_ids = [table.name for table in db.metadata.tables.values() if "id" in table.c]
    assert len(with_ids) > 5
    assert [name for name in with_ids if "AUTOINCREMENT" not in made[name]] == []


def test_the_first_rows_are_there(connection: sa.Connection) -> None:
    dollar = connection.execute(sa.text("SELECT code, name, symbol FROM currencies WHERE id = 150")).one()
    methods = connection.execute(sa.text("SELECT id, name FROM payment_methods ORDER BY id")).all()
    epochs = connection.scalars(sa.text("SELECT epoch FROM installation")).all()
    assert tuple(dollar) == ("USD", "United States of America, Dollars", "$")
    assert methods == list(enumerate(["cash", "check", "credit card", "bank transfer", "PayPal"], 1))
    assert [len(epoch) for epoch in epochs] == [32]


def test_ids_given_later_follow_those_of_the_first_rows(connection: sa.Connection) -> None:
    metadata = reflected(connection)
    for name in ("currencies", "payment_methods"):
        table = metadata.tables[name]
        highest = connection.scalar(sa.select(sa.func.max(table.c.id)))
        assert insert(connection, table, {})["id"] > highest


def test_two_installations_have_different_epochs(fresh_app: FreshApp) -> None:
    epochs = set()
    for _ in range(2):
        app = fresh_app()
        upgrade(app, "head")
        with transaction(app) as connection:
            epochs.add(connection.scalar(sa.text("SELECT epoch FROM installation")))
    assert len(epochs) == 2


def test_all_the_way_down_and_up_again(fresh_app: FreshApp, backend: str) -> None:
    app = fresh_app()
    upgrade(app, "head")
    with transaction(app) as connection:
        fill(connection)
        connection.commit()
    with app.app_context():
        flask_migrate.downgrade(revision="base")
    with transaction(app) as connection:
        assert sa.inspect(connection).get_table_names() == ["alembic_version"]
        if backend == "postgres":
            functions = "SELECT proname FROM pg_proc WHERE pronamespace = 'public'::regnamespace"
            assert connection.scalars(sa.text(functions)).all() == []
    upgrade(app, "head")
    with transaction(app) as connection:
        assert fill(connection)


def test_every_revision_can_be_taken_back_and_done_again(fresh_app: FreshApp) -> None:
    app = fresh_app()
    for target in REVISIONS:
        upgrade(app, "head")
        with app.app_context():
            flask_migrate.downgrade(revision=target)
    upgrade(app, "head")
    with app.app_context():
        assert schema_state.problem() is None
        db.engine.dispose()


def test_the_newest_revision_is_the_head_of_the_migrations() -> None:
    """It is read off the names of files, since Alembic is slow to load."""
    assert schema_state.newest() == ScriptDirectory(str(FOLDER)).get_current_head()


def test_upgrading_twice_changes_nothing(fresh_app: FreshApp) -> None:
    app = fresh_app()
    epochs = []
    for _ in range(2):
        upgrade(app, "head")
        with transaction(app) as connection:
            epochs.append(connection.scalar(sa.text("SELECT epoch FROM installation")))
    assert epochs[0] == epochs[1]
