"""How many statements each action sends, whose credentials were verified before: on Postgres each is a round trip.

The numbers are written down here, so that whoever changes one sees it. They count the one that authenticates, and not
those that bound a transaction."""

from collections.abc import Iterator
from typing import Any

import pytest
from actions import STATEMENTS, Actions, Asked, gets, reads, route, routes, writes
from counting import statements
from databases import Database
from flask import Flask
from inprocess import Http
from ledgers import ledger

# The same on SQLite and Postgres. Of each write, one locks the user and one appends to the audit trail.
COUNTS: dict[str, int] = {
    "api.clients_index": 2,
    "api.clients_show": 2,
    "api.clients_create": 5,
    "api.clients_update": 6,
    "api.clients_destroy": 8,
    "api.items_index": 2,
    "api.items_show": 2,
    "api.items_create": 5,
    "api.items_update": 6,
    "api.items_destroy": 5,
    "api.currencies_index": 2,
    # Statements and their lines are two selects.
    "api.invoices_index": 3,
    "api.invoices_show": 3,
    "api.invoices_create": 9,
    "api.invoices_update": 8,
    "api.invoices_update: nothing": 6,
    "api.invoices_update: another client": 8,
    "api.invoices_update: lines": 10,
    "api.invoices_destroy": 9,
    "api.invoices_duplicate": 11,
    "api.invoices_close": 5,
    "api.invoices_reopen": 5,
    "api.invoice_deliver": 8,
    "api.estimates_index": 3,
    "api.estimates_show": 3,
    "api.estimates_create": 9,
    "api.estimates_update": 8,
    "api.estimates_update: nothing": 6,
    "api.estimates_update: another client": 8,
    "api.estimates_update: lines": 10,
    "api.estimates_destroy": 7,
    "api.estimates_duplicate": 11,
    "api.estimates_close": 5,
    "api.estimates_reopen": 5,
    "api.estimate_deliver": 8,
    "api.convert": 12,
    "api.recurring_profiles_index": 3,
    "api.recurring_profiles_show": 3,
    "api.recurring_profiles_create": 7,
    "api.recurring_profiles_update": 8,
    "api.recurring_profiles_update: nothing": 6,
    "api.recurring_profiles_update: another client": 8,
    "api.recurring_profiles_update: lines": 10,
    "api.recurring_profiles_destroy": 7,
    "api.invoices_payments_index": 2,
    "api.invoices_payments_show": 2,
    "api.payments_show": 2,
    "api.invoices_payments_create": 5,
    "api.invoices_payments_create: a new method": 8,
    "api.invoices_payments_update": 7,
    "api.invoices_payments_destroy": 6,
    # Below an invoice, whose it is comes first.
    "admin.invoices_invoice_payments_index": 3,
    "admin.invoices_invoice_payments_show": 3,
    "admin.invoices_invoice_payments_create": 6,
    "admin.invoices_invoice_payments_create: a method": 7,
    "admin.invoices_invoice_payments_update": 7,
    "admin.invoices_invoice_payments_destroy": 7,
    "admin.batch_action: mark_accounted": 6,
    "admin.batch_action: mark_unaccounted": 6,
    "admin.batch_action: update": 8,
    "admin.batch_action: destroy": 7,
    "admin.invoices_index": 2,
    "admin.invoices_show": 2,
    "admin.payment_methods_index": 2,
    "admin.payment_methods_show": 2,
    "admin.payment_methods_create": 3,
    "admin.payment_methods_update": 6,
    "admin.payment_methods_destroy": 5,
    "admin.users_index": 2,
    "admin.users_show": 2,
}
LINE = {"name_and_description": "Line", "price": "1.00", "quantity": 1}


def written(asked: Actions) -> dict[str, set[int]]:
    """What these actions shall cost."""
    return {name: {COUNTS[name]} for name in asked}


@pytest.fixture
def sent(app: Flask, http: Http, admin: Http) -> Iterator[list[str]]:
    """The statements sent meanwhile, by users whose passwords were verified before."""
    for user in (http, admin):
        user.get("/default_settings/currencies")
    with statements(app) as seen:
        yield seen


def costs(sent: list[str], asked: Actions, http: Http, admin: Http) -> dict[str, set[int]]:
    """How many statements the requests of each action sent."""
    return {name: {cost(sent, one, http, admin) for one in requests} for name, requests in asked.items()}


def cost(sent: list[str], asked: Asked, http: Http, admin: Http) -> int:
    """How many statements one request sent."""
    sent.clear()
    asked.of(http, admin)
    return len(sent)


def test_every_action_of_every_route_is_counted(app: Flask) -> None:
    assert COUNTS.keys() ^ (reads() | writes(1)).keys() == set()
    assert routes(app) ^ {route(name) for name in COUNTS} == set()


@pytest.mark.parametrize("count", [1, 30, 200])
def test_a_read_sends_as_many_however_many_records_there_are(
    sent: list[str], http: Http, admin: Http, database: Database, count: int
) -> None:
    ledger(http, database, count)
    assert costs(sent, reads(), http, admin) == written(reads())


@pytest.mark.parametrize("count", [1, 200])
def test_a_write_sends_as_many_however_many_records_there_are(
    sent: list[str], http: Http, admin: Http, database: Database, count: int
) -> None:
    ledger(http, database, count)
    assert costs(sent, writes(count), http, admin) == written(writes(count))


def test_an_empty_list_sends_as_many(sent: list[str], http: Http, stranger: Http, admin: Http, payments: str) -> None:
    stranger.get("/default_settings/currencies")
    shapes = ("", ".xml", "?page=1")
    lists = {f"api.{name}_index": gets(f"/{name}", shapes) for name in ("clients", "items", *STATEMENTS)}
    assert costs(sent, lists, stranger, admin) == written(lists)
    below = {"api.invoices_payments_index": gets(payments, shapes)}
    assert costs(sent, below, http, admin) == written(below)


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_what_the_client_has_already_sends_the_one_that_authenticates(
    sent: list[str], http: Http, payment: str, invoice_id: int, method: str
) -> None:
    for path in (payment, payment.rpartition("/")[0], "/invoices", f"/invoices/{invoice_id}", "/clients.xml"):
        tag = http.raw("GET", path).headers["ETag"]
        sent.clear()
        assert http.raw(method, path, headers={"If-None-Match": tag}).status_code == 304
        assert len(sent) == 1, path


def test_a_long_invoice_reads_no_more_than_a_short_one(sent: list[str], http: Http, client_id: int) -> None:
    """Reads alone: SQLAlchemy inserts into SQLite row by row, where no statement makes a round trip."""
    numbers: list[Any] = []
    for count in (2, 60):
        sent.clear()
        http.post("/invoices", invoice={"client_id": client_id, "line_items_attributes": [LINE] * count})
        numbers.append(sum(statement.startswith("SELECT") for statement in sent))
    assert numbers[0] == numbers[1] > 0


def test_head_and_xml_cost_the_same(sent: list[str], http: Http, payments: str) -> None:
    for method, path in (("HEAD", payments), ("HEAD", f"{payments}.xml"), ("HEAD", "/clients")):
        sent.clear()
        http.raw(method, path)
        assert len(sent) == COUNTS["api.clients_index"], sent
    sent.clear()
    body = "<payment><date>2010-09-30</date><amount>5.00</amount><payment-method>cash</payment-method></payment>"
    assert http.raw("POST", f"{payments}.xml", xml=body).status_code == 201
    assert len(sent) == COUNTS["api.invoices_payments_create"], sent
