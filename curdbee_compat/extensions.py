"""The database handle: naming convention, and how a transaction begins and ends.

Prepared statements run on the request's own connection; where it writes, SQLAlchemy's session joins in."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

import flask_sqlalchemy.session
from flask import Flask
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import Connection, Dialect, Engine, MetaData, PoolProxiedConnection, event, orm
from sqlalchemy.exc import DBAPIError

from curdbee_compat import current, sqlite, tenancy, waits

T = TypeVar("T")
NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


class Base(orm.DeclarativeBase):
    """The declarative base; every constraint has a name, so that a migration can change it."""

    metadata = MetaData(naming_convention=NAMING)


class Session(flask_sqlalchemy.session.Session):
    """Flask-SQLAlchemy's; between `begin_write` and `commit` it joins the transaction that was begun."""

    def get_bind(self, *arguments: Any, **named: Any) -> Engine | Connection:
        """What its statements run on."""
        return current.g().get("writing") or super().get_bind(*arguments, **named)


# Flushes are explicit, and a committed entity is not read again to write the answer.
db = SQLAlchemy(model_class=Base, session_options={"class_": Session, "autoflush": False, "expire_on_commit": False})


def init_app(app: Flask) -> None:
    """Bind the database to the application. Nothing connects yet."""
    db.init_app(app)
    app.teardown_appcontext(give_back)  # called before the session is removed, which then has nothing to roll back
    waits.init_app(app)
    with app.app_context():
        if db.engine.dialect.name == "sqlite":
            sqlite.init_engine(db.engine)
        else:
            from curdbee_compat.postgres import init_engine  # its driver is not installed for SQLite alone

            init_engine(db.engine)


@event.listens_for(db.session, "loaded_as_persistent")
def _hold(session: orm.Session, instance: object) -> None:
    """A session refers to its entities weakly; an owner that nobody names would be read again by the next relation."""
    session.info.setdefault("held", []).append(instance)


def connected() -> PoolProxiedConnection:
    """The driver's connection of this request: to be read on, or in the transaction that `begin_write` began."""
    here = current.g()
    if "connection" not in here:
        engine = db.engine
        here.connection = engine.raw_connection()
        if engine.dialect.name != "sqlite":
            tenancy.begin(engine.dialect.loaded_dbapi, here.connection.dbapi_connection)
    return here.connection


def give_back(_error: BaseException | None = None) -> None:
    """Give that connection back, rolled back."""
    here = current.g()
    here.pop("writing", None)
    if connection := here.pop("connection", None):
        connection.close()


def sent_again(read: Callable[[], T]) -> T:
    """What `read` reads by SQLAlchemy; once more, where that finds the connections of its pool dead."""
    try:
        return read()
    except DBAPIError as error:
        if not error.connection_invalidated:
            raise
        db.session.rollback()
        return read()


def begin_write() -> None:
    """End the transaction that was read in and begin one that may write, on the same connection; the session joins it.

    On SQLite it takes the write lock at once: a reader's snapshot cannot be upgraded later."""
    here, engine = current.g(), db.engine
    if db.session.registry.has():
        db.session.rollback()
    with sqlalchemys_errors("BEGIN"):
        if "connection" in here:
            here.connection.rollback()
        else:
            here.connection = engine.raw_connection()
        if engine.dialect.name == "sqlite":
            sqlite.take_lock(here.connection)
        else:
            tenancy.begin(engine.dialect.loaded_dbapi, here.connection.dbapi_connection)
    here.writing = Connection(engine, here.connection).execution_options(begun=True)


def commit() -> None:
    """Commit what was written since `begin_write`, by the session or beside it, and give the connection back."""
    if db.session.registry.has():
        db.session.commit()
    with sqlalchemys_errors("COMMIT"):
        connected().commit()
    give_back()


def rollback() -> None:
    """Forget what was written since `begin_write`, and give the connection back."""
    if db.session.registry.has():
        db.session.rollback()
    give_back()


@contextmanager
def sqlalchemys_errors(sql: str) -> Iterator[None]:
    """Raise the driver's errors as SQLAlchemy's."""
    dialect = db.engine.dialect
    try:
        yield
    except dialect.loaded_dbapi.Error as error:
        has_died(error, dialect)
        raise as_sqlalchemys(error, sql, dialect) from error


def has_died(error: Any, dialect: Dialect) -> bool:
    """Whether the request's connection died with this error. Then nobody gets it any more, this request included."""
    here = current.g()
    connection = here.get("connection")
    if connection is None or not dialect.is_disconnect(error, connection.dbapi_connection, None):
        return False
    connection.invalidate()
    give_back()
    return True


def as_sqlalchemys(error: Exception, sql: str, dialect: Dialect) -> BaseException:
    """The driver's error as SQLAlchemy's of the same name, which the rest of the code knows. Without the values."""
    return DBAPIError.instance(sql, None, error, dialect.loaded_dbapi.Error, hide_parameters=True, dialect=dialect)
