"""What a request cost: password hashes computed, SQL statements sent. Everything counted still happens."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

import pytest
import sqlalchemy as sa
from flask import Flask

from curdbee_compat import auth, prepared
from curdbee_compat.extensions import db

TRANSACTION = ("BEGIN", "COMMIT", "ROLLBACK", "SAVEPOINT", "RELEASE", "PRAGMA")
Tell = Callable[[str, Any], None]


class Query(NamedTuple):
    """A statement as the driver gets it: `values` in the driver's own form, of the first row where it has several."""

    sql: str
    values: Any


def hashed_passwords(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """A list that grows by every password the slow hash is computed of."""
    computed: list[str] = []
    compute = auth.check_password_hash

    def counted(stored: str, password: str) -> bool:
        computed.append(password)
        return compute(stored, password)

    monkeypatch.setattr(auth, "check_password_hash", counted)
    return computed


@contextmanager
def statements(app: Flask) -> Iterator[list[str]]:
    """A list that grows by every statement sent to the app's database, but for those that bound transactions."""
    sent: list[str] = []
    with told(app, lambda sql, values: sent.append(sql)):
        yield sent


@contextmanager
def queries(app: Flask) -> Iterator[list[Query]]:
    """The same with what each was sent with, for whoever wants to send it again."""
    sent: list[Query] = []
    with told(app, lambda sql, values: sent.append(Query(sql, values))):
        yield sent


@contextmanager
def told(app: Flask, tell: Tell) -> Iterator[None]:
    """Tell of each statement, and of what it is sent with, before it is sent."""

    def heard(_connection: Any, _cursor: Any, sql: str, values: Any, *_rest: Any) -> None:
        if not sql.lstrip().upper().startswith(TRANSACTION):
            tell(sql, values[0] if isinstance(values, list) else values)

    with app.app_context():
        engine = db.engine
    sa.event.listen(engine, "before_cursor_execute", heard)
    try:
        with _fetching(before=tell):
            yield
    finally:
        sa.event.remove(engine, "before_cursor_execute", heard)


@contextmanager
def read(
    before: Callable[[str], None] = lambda sql: None, after: Callable[[str], None] = lambda sql: None
) -> Iterator[None]:
    """Call these around every prepared statement; SQLAlchemy, which tells of all others, does not see those."""
    with _fetching(lambda sql, values: before(sql), lambda sql, values: after(sql)):
        yield


@contextmanager
def _fetching(before: Tell, after: Tell = lambda sql, values: None) -> Iterator[None]:
    fetch = prepared.fetched

    def told(sql: str, values: Any) -> list[Any]:
        before(sql, values)
        rows = fetch(sql, values)
        after(sql, values)
        return rows

    prepared.fetched = told
    try:
        yield
    finally:
        prepared.fetched = fetch
