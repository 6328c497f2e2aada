"""For whom a transaction works, told to Postgres, whose row-level security then shows and takes nobody else's rows.

The second wall behind `Selects.mine`. The policies are in the migrations; SQLite has none, and is told nothing."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

from flask import Flask, has_app_context
from sqlalchemy import ColumnElement, String, case, cast, literal_column
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement

from curdbee_compat import current

USER, PAGE, ROLE = "curdbee.user_id", "curdbee.hash_key", "curdbee.role"


class Scope(NamedTuple):
    """A setting of Postgres that the policies know, and its value."""

    setting: str
    value: str


ADMIN = Scope(ROLE, "admin")  # the admin API: everybody's rows
COMMAND = Scope(ROLE, "command")  # whoever runs the server: everybody's rows


def of_user(user_id: int) -> Scope:
    """His own rows."""
    return Scope(USER, str(user_id))


def of_page(hash_key: str) -> Scope:
    """The one statement with this key, its lines and its client, to be read."""
    return Scope(PAGE, hash_key)


def work_for(scope: Scope) -> None:
    """Every transaction that begins from now on in this request or command works for that; before, for nobody."""
    current.g().scope = scope


@contextmanager
def command(app: Flask) -> Iterator[None]:
    """A context of the app for what whoever runs the server does."""
    with app.app_context():
        work_for(COMMAND)
        yield


def begin(driver: Any, connection: Any, statement: str = "BEGIN") -> None:
    """Begin a transaction, and say for whom it works: one round trip, as BEGIN alone. `driver` is psycopg, which is not
    there where SQLite alone is used; its `connection` does not begin by itself. Its errors."""
    scope = current.g().get("scope") if has_app_context() else None
    if scope is None:
        connection.execute(statement, prepare=False)
    else:  # a cursor that puts the values in by itself: no statement with parameters may be two
        driver.ClientCursor(connection).execute(f"{statement}; SELECT set_config(%s, %s, true)", scope)


class Told(FunctionElement[str]):
    """Part of a select that finds out who is asking: gives a setting a value for the rest of the transaction."""

    type = String()
    inherit_cache = True


@compiles(Told)
def _told_nobody(_told: Told, _compiler: Any, **_options: Any) -> str:
    return "NULL"


@compiles(Told, "postgresql")
def _told(told: Told, compiler: Any, **options: Any) -> str:
    return f"set_config({compiler.process(told.clauses, **options)}, true)"


def told_user(user_id: Any) -> ColumnElement[str]:
    """Works for the user of this id from here on. Too late for rows that the same statement reads."""
    return Told(literal_column(f"'{USER}'"), cast(user_id, String))


def told_admin(admin: Any) -> ColumnElement[str]:
    """Works for the admin API from here on, where the user is an admin; else for nobody."""
    return Told(literal_column(f"'{ROLE}'"), case((admin, ADMIN.value), else_=""))
