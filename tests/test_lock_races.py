"""A lock of SQLite's that is let go at the moment at which a writer gives up waiting: no write is half done."""

import random
import sqlite3
import threading
import time
from collections import Counter

import pytest
import sqlalchemy as sa
from backends import ON_SQLITE
from databases import Database
from inprocess import Http

from curdbee_compat import sqlite
from curdbee_compat.models.invoice import Invoice
from curdbee_compat.models.payment import Payment

GOOD = {"payment": {"date": "2010-09-30", "amount": "1.00"}}
SECONDS = 5


def hold(path: str, over: threading.Event) -> None:
    """Take the lock again and again, for about as long as a writer waits."""
    connection = sqlite3.connect(path, isolation_level=None, timeout=5)
    while not over.is_set():
        connection.execute("BEGIN IMMEDIATE")
        time.sleep(random.uniform(0, 0.05))
        connection.execute("ROLLBACK")
        time.sleep(random.uniform(0, 0.03))
    connection.close()


@ON_SQLITE
def test_every_payment_is_counted_once_or_refused(
    http: Http, database: Database, payments: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqlite, "LOCK_DEADLINE", 0.02)
    over, statuses = threading.Event(), Counter[int]()

    def pay() -> None:
        while not over.is_set():
            statuses[http.raw("POST", payments, json=GOOD).status_code] += 1

    threads = [threading.Thread(target=pay) for _ in range(4)]
    threads.append(threading.Thread(target=hold, args=(database.engine.url.database, over)))
    for thread in threads:
        thread.start()
    time.sleep(SECONDS)
    over.set()
    for thread in threads:
        thread.join()
    with database.engine.connect() as connection:
        paid = connection.scalar(sa.select(Invoice.paid_cents))
        stored = connection.scalar(sa.select(sa.func.count()).select_from(Payment))
    assert statuses.keys() == {201, 503}
    assert (stored, paid) == (statuses[201], 100 * statuses[201])
