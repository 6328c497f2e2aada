"""A key keeps answers of success alone: whatever was refused is tried anew, with the same key and the same body."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any

import pytest
import sqlalchemy as sa
from databases import Database
from flask import Flask
from inprocess import Http
from retries import GOOD, keyed, same
from tables import by_row

from curdbee_compat import audit, idempotency, postgres, sqlite
from curdbee_compat.extensions import db
from curdbee_compat.models.idempotency_key import IdempotencyKey

LINE = {"name_and_description": "Work", "price": "5.00", "quantity": 1}
INVOICE = {"invoice": {"client_id": 1, "line_items_attributes": [LINE]}}
BATCH = {"batch_action": "mark_accounted", "collection_selection": [1]}
Fault = Callable[[Flask, Database, pytest.MonkeyPatch], AbstractContextManager[Any]]


def kept(database: Database) -> list[Any]:
    """The keys that are taken, each with the status that it keeps."""
    with database.engine.connect() as connection:
        return connection.execute(sa.select(IdempotencyKey.key, IdempotencyKey.status)).all()


def refused(http: Http, database: Database, path: str, sent: Any) -> list[int]:
    """The statuses of two tries, after which no key is taken."""
    statuses = [keyed(http, path, json=sent).status_code for _ in range(2)]
    assert kept(database) == []
    return statuses


def done(http: Http, database: Database, path: str, sent: Any) -> bool:
    """Whether the next try does it, and the one after it is answered alike."""
    first, second = (keyed(http, path, json=sent) for _ in range(2))
    assert kept(database) == [("k1", first.status_code)]
    return first.status_code < 300 and same(first, second)


@by_row(
    "path, sent, status, missing",
    {
        "404": ("/invoices/2/duplicate", {}, 404, ("/invoices", INVOICE)),
        "422": ("/invoices", {"invoice": {"client_id": 2}}, 422, ("/clients", {"client": {"name": "Ada"}})),
        "404 of a batch": (
            "/admin/invoices/1/invoice_payments/batch_action",
            BATCH,
            404,
            ("/invoices/1/payments", GOOD),
        ),
    },
)
def test_what_is_not_there_yet_can_be_asked_for_again(
    http: Http,
    admin: Http,
    database: Database,
    payments: str,
    path: str,
    sent: Any,
    status: int,
    missing: tuple[str, Any],
) -> None:
    who = admin if path.startswith("/admin") else http
    assert refused(who, database, path, sent) == [status] * 2
    http.post(missing[0], json=missing[1])
    assert done(who, database, path, sent)


def failing(place: Any, name: str) -> Fault:
    """What is called there raises an error that nobody expects."""

    @contextmanager
    def broken(_app: Flask, _database: Database, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
        def fail(*_arguments: Any) -> None:
            raise RuntimeError("as told")

        with monkeypatch.context() as patched:
            patched.setattr(place, name, fail)
            yield

    return broken


@contextmanager
def without_payments(_app: Flask, database: Database, _monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The database lacks their table."""
    with database.engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE payments RENAME TO elsewhere")
    try:
        yield
    finally:
        with database.engine.begin() as connection:
            connection.exec_driver_sql("ALTER TABLE elsewhere RENAME TO payments")


@contextmanager
def locked(app: Flask, database: Database, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Somebody else writes, for longer than anybody waits."""
    lock = "SELECT id FROM users FOR NO KEY UPDATE"
    with app.app_context():
        engine = db.engine
    with monkeypatch.context() as patched, database.engine.connect() as other:
        patched.setattr(sqlite, "LOCK_DEADLINE", 0.1)
        patched.setattr(postgres, "OPTIONS", "-c lock_timeout=100")
        engine.dispose()
        other.exec_driver_sql("BEGIN IMMEDIATE" if engine.dialect.name == "sqlite" else lock)
        try:
            yield
        finally:
            other.rollback()
            engine.dispose()


@by_row(
    "fault, statuses",
    {
        "a fault of ours": (failing(audit, "tell_stored"), (500, 500)),
        "a fault of ours at the end": (failing(idempotency, "commit"), (500, 500)),
        "a fault of the database": (without_payments, (503, 503)),
        # SQLite has one lock, and who waits for it cannot tell for whom.
        "a lock": (locked, (409, 503)),
    },
)
def test_after_a_fault_the_same_again_is_done_once(
    app: Flask,
    http: Http,
    database: Database,
    payments: str,
    backend: str,
    monkeypatch: pytest.MonkeyPatch,
    fault: Fault,
    statuses: tuple[int, int],
) -> None:
    with fault(app, database, monkeypatch):
        assert refused(http, database, payments, GOOD) == [statuses[backend == "postgres"]] * 2
    assert http.get(payments) == []
    assert done(http, database, payments, GOOD)
    assert len(http.get(payments)) == 1
