"""What a request cost: password hashes computed, SQL statements sent. Everything counted still happens."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from curdbee_compat import auth, prepared
from curdbee_compat.extensions import db

TRANSACTION = ("BEGIN", "COMMIT", "ROLLBACK", "SAVEPOINT", "RELEASE", "PRAGMA")


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

    def count(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if not statement.lstrip().upper().startswith(TRANSACTION):
            sent.append(statement)

    with app.app_context():
        engine = db.engine
    sa.event.listen(engine, "before_cursor_execute", count)
    try:
        with read(lambda sql: sent.append(sql)):
            yield sent
    finally:
        sa.event.remove(engine, "before_cursor_execute", count)


@contextmanager
def read(
    before: Callable[[str], None] = lambda sql: None, after: Callable[[str], None] = lambda sql: None
) -> Iterator[None]:
    """Call these around every prepared select; SQLAlchemy, which tells of all others, does not see those."""
    fetch = prepared.fetched

    def told(sql: str, parameters: Any) -> list[Any]:
        before(sql)
        rows = fetch(sql, parameters)
        after(sql)
        return rows

    prepared.fetched = told
    try:
        yield
    finally:
        prepared.fetched = fetch
