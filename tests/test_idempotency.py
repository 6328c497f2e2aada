"""A POST with an Idempotency-Key that is sent again gets the first answer again, and does nothing twice."""

import datetime
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from time import monotonic
from typing import Any

import counting
import pytest
import sqlalchemy as sa
from actions import Asked, route, writes
from databases import Database
from flask import Flask
from inprocess import Http
from ledgers import ledger
from retries import GOOD, keyed, same
from tables import by_row
from werkzeug.test import TestResponse

from curdbee_compat import sqlite
from curdbee_compat.extensions import db
from curdbee_compat.models.base import now
from curdbee_compat.models.idempotency_key import IdempotencyKey
from curdbee_compat.waits import LOCK_DEADLINE

XML = "<payment><date>2010-09-30</date><amount>50.00</amount></payment>"
RECORDS = 3  # of each kind, where every action is asked for
Send = Callable[..., TestResponse]


@pytest.fixture
def send(http: Http, payments: str) -> Send:
    """Send a payment under a key."""

    def sent(
        key: str = "k1", path: str = payments, method: str = "POST", http: Http = http, **body: Any
    ) -> TestResponse:
        return keyed(http, path, key, method, **body)

    return sent


def count(http: Http, path: str = "/invoices/1/payments") -> int:
    return len(http.get(path))


@by_row(
    "suffix, body",
    {
        "json": (".json", {"json": GOOD}),
        "xml": (".xml", {"xml": XML}),
        "form": ("", {"form": {"payment[date]": "2010-09-30", "payment[amount]": "5"}}),
    },
)
def test_the_second_gets_the_first_answer(http: Http, send: Send, payments: str, suffix: str, body: Any) -> None:
    first, second = (send(path=f"{payments}{suffix}", **body) for _ in range(2))
    assert first.status_code == 201
    assert first.headers["Location"].endswith("/payments/1")
    assert same(first, second)
    assert count(http) == 1
    assert http.get("/payments/1")["payment"]["balance"] == http.get("/invoices/1")["invoice"]["total_due"].strip("$")


@pytest.mark.parametrize("host", ["SHOP.test", "shop.test:080", "a..b"])
def test_the_location_is_the_first_ones_letter_by_letter(http: Http, payments: str, host: str) -> None:
    first, second = (
        http.raw("POST", payments, json=GOOD, headers={"Idempotency-Key": "k1", "Host": host}) for _ in range(2)
    )
    assert first.headers["Location"] == f"http://{host}/payments/1"
    assert same(first, second)


def test_another_key_or_none_pays_again(http: Http, send: Send, payments: str) -> None:
    send("k1")
    send("k2")
    http.post(payments, json=GOOD)
    http.post(payments, json=GOOD)
    assert count(http) == 4


def test_the_same_key_for_another_body_is_refused(http: Http, send: Send) -> None:
    send()
    refused = send(json={"payment": GOOD["payment"] | {"amount": "51.00"}})
    assert (refused.status_code, refused.get_json()) == (422, [["base", "Idempotency-Key was used for another body"]])
    assert send(xml=XML, path="/invoices/1/payments").status_code == 422
    assert count(http) == 1


def test_a_key_belongs_to_a_user_and_a_path(http: Http, stranger: Http, send: Send, payments: str) -> None:
    item = {"json": {"item": {"name": "A", "price": "1.00"}}}
    assert send("k1", "/items", **item).status_code == 201
    assert send("k1", "/items", http=stranger, **item).get_json()["item"]["id"] == 2
    assert send("k1", "/clients", json={"client": {"name": "A"}}).status_code == 201
    assert send("k1", "/items.xml", **item).mimetype == "application/xml"
    assert len(stranger.get("/items")) == 1


def test_only_successes_are_kept(http: Http, send: Send) -> None:
    assert send(json={"payment": {"amount": "1"}}).status_code == 422
    assert send(path="/invoices/99/payments").status_code == 404
    assert send().status_code == 201
    assert count(http) == 1


def test_it_is_nothing_to_other_methods(http: Http, send: Send) -> None:
    send("k1")
    for amount in ("1.00", "2.00"):
        changed = send("k1", "/invoices/1/payments/1", "PUT", json={"payment": {"amount": amount}})
        assert changed.get_json()["payment"]["amount"] == amount
    assert [send("k1", "/invoices/1/payments/1", "DELETE").status_code for _ in range(2)] == [200, 404]


@pytest.mark.parametrize("key", ["", "x" * 256, "a\tb"])
def test_a_key_that_is_none_is_refused(http: Http, send: Send, key: str) -> None:
    assert send(key).status_code == 400
    assert count(http) == 0


def test_after_a_day_the_key_is_free_again(http: Http, send: Send, database: Database) -> None:
    for age, payments in ((datetime.timedelta(hours=23), 1), (datetime.timedelta(hours=25), 2)):
        send()
        with database.engine.begin() as connection:
            connection.execute(sa.update(IdempotencyKey).values(created_at=now() - age))
        assert send().status_code == 201
        assert count(http) == payments


def posts() -> Iterator[tuple[str, Asked]]:
    """Every POST of both APIs, under a key of its own."""
    for action, asked in writes(RECORDS).items():
        yield from ((f"{action} {number}", one) for number, one in enumerate(asked) if one.method == "POST")


def everything(database: Database) -> dict[str, list[str]]:
    """All rows of each table."""
    with database.engine.connect() as connection:
        rows = {table.name: connection.execute(sa.select(table)).all() for table in db.metadata.sorted_tables}
    return {name: sorted(map(repr, found)) for name, found in rows.items()}


def test_every_post_can_have_one(http: Http, admin: Http, database: Database) -> None:
    ledger(http, database, RECORDS)
    for key, asked in posts():
        who = admin if asked.path.startswith("/admin") else http
        body = {"body": b""} if asked.sent is None else {"json": asked.sent}
        first, done = keyed(who, asked.path, key, **body), everything(database)
        again = keyed(who, asked.path, key, **body)
        assert (first.status_code < 300, same(first, again)) == (True, True), (key, first.text, again.text)
        assert everything(database) == done, key
    with database.engine.connect() as connection:
        kept = connection.scalars(sa.select(IdempotencyKey.key).where(IdempotencyKey.status < 300)).all()
    assert sorted(kept) == sorted(key for key, _ in posts())


def test_no_post_is_left_out(app: Flask) -> None:
    routed = {rule.endpoint for rule in app.url_map.iter_rules() if "POST" in rule.methods}
    assert {route(key.partition(" ")[0]) for key, _ in posts()} == routed


def test_at_once_one_pays_and_the_others_get_its_answer(app: Flask, http: Http, send: Send) -> None:
    with ThreadPoolExecutor(6) as threads:
        answers = list(threads.map(lambda _: send("k1"), range(6)))
    assert [answer.status_code for answer in answers] == [201] * 6
    assert all(same(answers[0], answer) for answer in answers)
    assert count(http) == 1


def test_while_the_first_is_running_the_second_is_told(
    http: Http, send: Send, payments: str, database: Database, backend: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    patience = {"sqlite": 0.1, "postgres": LOCK_DEADLINE}[backend]
    monkeypatch.setattr(sqlite, "LOCK_DEADLINE", patience)
    paths = [f"{payments}.json", f"{payments}.xml"]
    for path in paths:
        send("k1", path)
    with database.engine.connect() as running, ThreadPoolExecutor(2) as threads:
        if backend == "sqlite":
            running.exec_driver_sql("BEGIN IMMEDIATE")
        running.execute(sa.update(IdempotencyKey).values(key="k2"))
        began = monotonic()
        told = list(threads.map(lambda path: send("k2", path), paths))
        assert monotonic() - began < patience + 2
        running.rollback()
    assert [(answer.status_code, answer.headers["Retry-After"]) for answer in told] == [(409, "1")] * 2
    assert told[0].get_json() == {"status": 409, "error": "Conflict"}
    assert told[1].mimetype == "application/xml"
    assert b'<status type="integer">409</status>\n  <error>Conflict</error>\n' in told[1].data
    assert count(http) == 2
    assert [send("k2", path).status_code for path in paths] == [201] * 2
    assert count(http) == 4


def test_the_keys_row_is_the_first_that_is_inserted(app: Flask, http: Http, payments: str) -> None:
    http.get(payments)
    with counting.statements(app) as sent:
        assert http.raw("POST", payments, json=GOOD, headers={"Idempotency-Key": "k"}).status_code == 201
    inserts = [sql.split()[2] for sql in sent if sql.startswith("INSERT")]
    assert inserts[0] == "idempotency_keys"
    assert "payments" in inserts
