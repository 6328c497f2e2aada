"""A POST with an Idempotency-Key that is sent again gets the first answer again, and does nothing twice."""

import datetime
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import sqlalchemy as sa
from databases import Database
from flask import Flask
from inprocess import Http
from tables import by_row
from werkzeug.test import TestResponse

from curdbee_compat import sqlite
from curdbee_compat.models.base import now
from curdbee_compat.models.idempotency_key import IdempotencyKey

GOOD = {"payment": {"date": "2010-09-30", "amount": "50.00", "payment_method": "cash"}}
XML = "<payment><date>2010-09-30</date><amount>50.00</amount></payment>"
Send = Callable[..., TestResponse]


@pytest.fixture
def send(http: Http, payments: str) -> Send:
    """Send a payment under a key."""

    def sent(
        key: str = "k1", path: str = payments, method: str = "POST", http: Http = http, **body: Any
    ) -> TestResponse:
        return http.raw(method, path, headers={"Idempotency-Key": key}, **(body or {"json": GOOD}))

    return sent


def same(first: TestResponse, second: TestResponse) -> bool:
    """Whether a client could tell these answers apart."""
    names = ("Content-Type", "Location", "Content-Length")
    told = [(one.status, one.get_data(), [one.headers.get(name) for name in names]) for one in (first, second)]
    return told[0] == told[1]


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


@by_row(
    "path, body",
    {
        "duplicate": ("/invoices/1/duplicate", {"body": b""}),
        "close": ("/invoices/1/close", {"body": b""}),
        "deliver": ("/deliver/invoice/1", {"json": {"delivery": {"recipients": "a@example.test"}}}),
    },
)
def test_every_post_can_have_one(http: Http, send: Send, invoice_id: int, path: str, body: Any) -> None:
    answers = [send("k1", path, **body) for _ in range(2)]
    assert answers[0].status_code < 300
    assert same(*answers)
    assert len(http.get("/invoices")) == (2 if "duplicate" in path else 1)


def test_admins_can_too(admin: Http, send: Send, invoice_id: int) -> None:
    sent = {"json": {"invoice_payment": {"date": "2010-09-30", "amount_cents": 5}}}
    path = "/admin/invoices/1/invoice_payments"
    assert same(*(send("k1", path, http=admin, **sent) for _ in range(2)))
    batch = {"json": {"batch_action": "destroy", "collection_selection": [1]}}
    assert same(*(send("k2", f"{path}/batch_action", http=admin, **batch) for _ in range(2)))


def test_at_once_one_pays_and_the_others_get_its_answer(app: Flask, http: Http, send: Send) -> None:
    with ThreadPoolExecutor(6) as threads:
        answers = list(threads.map(lambda _: send("k1"), range(6)))
    assert [answer.status_code for answer in answers] == [201] * 6
    assert all(same(answers[0], answer) for answer in answers)
    assert count(http) == 1


def test_while_the_first_is_running_the_second_is_told(
    http: Http, send: Send, payments: str, database: Database, backend: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqlite, "LOCK_DEADLINE", 0.1)
    send("k1")
    with database.engine.connect() as running:
        if backend == "sqlite":
            running.exec_driver_sql("BEGIN IMMEDIATE")
        running.execute(sa.update(IdempotencyKey).values(key="k2"))
        second = send("k2")
        running.rollback()
    assert (second.status_code, second.headers["Retry-After"]) == (409, "1")
    assert second.get_json() == {"status": 409, "error": "Conflict"}
    assert send("k2").status_code == 201
    assert count(http) == 2
