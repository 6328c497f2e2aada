"""Rulings on requests that concern more than payments: foreign ids, filters, pages, and what cannot be deleted."""

from typing import Any

import pytest
from inprocess import Http
from tables import by_row


@pytest.fixture
def foreign_client(stranger: Http) -> int:
    """The id of a client of another user's."""
    return stranger.post("/clients", client={"name": "Theirs"})["client"]["id"]


@by_row(
    "where, sent, attribute",
    {
        "client-unknown": ("/invoices", {"client_id": 999}, "client_id"),
        "client-2^63": ("/invoices", {"client_id": 2**63}, "client_id"),
        "client-text": ("/invoices", {"client_id": "abc"}, "client_id"),
        "client-array": ("/invoices", {"client_id": [1]}, "client_id"),
        "currency-unknown": ("/clients", {"name": "A", "currency_id": 999999}, "currency_id"),
        "currency-2^63": ("/clients", {"name": "A", "currency_id": 2**63}, "currency_id"),
        "currency-text": ("/clients", {"name": "A", "currency_id": "x"}, "currency_id"),
    },
)
def test_unknown_id_in_a_body_is_invalid(http: Http, where: str, sent: dict, attribute: str) -> None:
    root = where.removeprefix("/").removesuffix("s")
    errors = http.post(where, json={root: sent}, status=422)
    assert [name for name, _ in errors] == [attribute]
    assert http.get(where) == []


def test_foreign_client_in_a_body_reads_as_an_unknown_one(http: Http, foreign_client: int) -> None:
    foreign = http.post("/invoices", invoice={"client_id": foreign_client}, status=422)
    assert foreign == http.post("/invoices", invoice={"client_id": 999}, status=422) == [["client_id", "is invalid"]]


def test_foreign_client_cannot_be_put_into_an_invoice(http: Http, invoice_id: int, foreign_client: int) -> None:
    before = http.get(f"/invoices/{invoice_id}")
    sent = {"client_id": foreign_client}
    assert http.put(f"/invoices/{invoice_id}", invoice=sent, status=422) == [["client_id", "is invalid"]]
    assert http.get(f"/invoices/{invoice_id}") == before


def test_foreign_line_in_a_body_is_invalid(http: Http, stranger: Http, invoice_id: int, foreign_client: int) -> None:
    line = {"name_and_description": "a", "price": 1, "quantity": 1}
    theirs = {"client_id": foreign_client, "line_items_attributes": [line]}
    number = stranger.post("/invoices", invoice=theirs)["invoice"]["line_items"][0]["id"]
    before = http.get(f"/invoices/{invoice_id}")
    for sent in ({"id": number, "price": 5}, {"id": number, "_destroy": True}, {"id": 2**63, "price": 5}):
        http.put(f"/invoices/{invoice_id}", invoice={"line_items_attributes": [sent]}, status=422)
    assert http.get(f"/invoices/{invoice_id}") == before


@by_row("value, count", {"own": ("1", 1), "unknown": ("999", 0), "junk": ("abc", 0), "beyond": (str(2**70), 0)})
def test_invoices_of_one_client(http: Http, client_id: int, invoice_id: int, value: str, count: int) -> None:
    assert client_id == 1
    assert len(http.get(f"/invoices.json?client={value}")) == count


def test_invoices_of_a_foreign_client_are_none(http: Http, invoice_id: int, foreign_client: int) -> None:
    assert http.get(f"/invoices?client={foreign_client}") == []


@by_row(
    "path, root, sent, per_page",
    {
        "clients": ("/clients", "client", {"name": "A"}, 10),
        "invoices": ("/invoices", "invoice", {"client_id": 1}, 20),
    },
)
def test_default_page(http: Http, client_id: int, path: str, root: str, sent: dict, per_page: int) -> None:
    for _ in range(per_page + 2):
        http.post(path, json={root: sent})
    assert len(http.get(path)) == len(http.get(f"{path}?page=0")) == per_page
    assert len(http.get(f"{path}?per_page=100")) >= per_page + 2
    assert len(http.get(f"{path}?page=2")) in (2, 3)


def test_client_with_an_invoice_stays(http: Http, client_id: int, invoice_id: int) -> None:
    assert http.delete(f"/clients/{client_id}", status=422) == [["base", "Client has invoices"]]
    http.delete(f"/invoices/{invoice_id}")
    http.delete(f"/clients/{client_id}")


def test_invoice_takes_its_payments_with_it(http: Http, payment: str, invoice_id: int) -> None:
    number = payment.rpartition("/")[2]
    http.delete(f"/invoices/{invoice_id}")
    http.get(payment, status=404)
    http.get(f"/payments/{number}", status=404)


@by_row(
    "sent",
    {
        "state": {"state": "paid"},
        "totals": {"total_billed": "$9.00", "sub_total": "$9.00", "total_due": "$0.00", "paid_total": "$9.00"},
        "line-items": {"line_items": []},
        "client-object": {"client": {"id": 999, "name": "x"}},
        "hash-key": {"hash_key": "abcdefgh"},
        "echoed-shipping": {"shipping_amount": "$0.00"},
    },
)
def test_what_an_invoice_shows_but_does_not_take_is_ignored(http: Http, invoice_id: int, sent: dict[str, Any]) -> None:
    before = http.get(f"/invoices/{invoice_id}")
    assert http.put(f"/invoices/{invoice_id}", invoice=sent) == before
