"""The state of an invoice follows its payments, lines and terms; its `updated_at` follows its own columns."""

from typing import Any

import pytest
import sqlalchemy as sa
from databases import Database
from factories import at, make_invoice
from inprocess import Http
from tables import by_row

LONG_AGO = "2010-09-30T01:47:50Z"


def line(price: str, quantity: int = 1) -> dict[str, Any]:
    return {"name_and_description": "Work", "price": price, "quantity": quantity}


def paid_with(amount: str) -> dict[str, Any]:
    return {"date": "2010-09-30", "amount": amount}


def seen(http: Http, invoice_id: int) -> tuple[str, str, str]:
    """State, paid and due."""
    shown = http.get(f"/invoices/{invoice_id}")["invoice"]
    return shown["state"], shown["paid_total"], shown["total_due"]


PAYMENTS = {
    "none": ([], ("draft", "$0.00", "$200.00")),
    "some": (["50"], ("partial", "$50.00", "$150.00")),
    "a-cent": (["0.01"], ("partial", "$0.01", "$199.99")),
    "all-but-a-cent": (["199.99"], ("partial", "$199.99", "$0.01")),
    "all": (["200"], ("paid", "$200.00", "$0.00")),
    "in-parts": (["50", "50", "100"], ("paid", "$200.00", "$0.00")),
    "too-much": (["250"], ("paid", "$250.00", "$0.00")),
    "zero": (["0"], ("draft", "$0.00", "$200.00")),
    "taken-back": (["50", "-50"], ("draft", "$0.00", "$200.00")),
    "partly-refunded": (["200", "-50"], ("partial", "$150.00", "$50.00")),
    "less-than-nothing": (["-50"], ("draft", "-$50.00", "$250.00")),
}


@by_row("amounts, expected", PAYMENTS)
def test_state_of_an_invoice_over_200_after_payments(
    http: Http, invoice_id: int, amounts: list[str], expected: tuple
) -> None:
    for amount in amounts:
        http.post(f"/invoices/{invoice_id}/payments", payment=paid_with(amount))
    assert seen(http, invoice_id) == expected


TOTALS = {
    "no-lines": ([], "0", ("draft", "$0.00", "$0.00")),
    "no-lines-paid": ([], "5", ("paid", "$5.00", "$0.00")),
    "free": ([line("0")], "0", ("draft", "$0.00", "$0.00")),
    "balanced": ([line("5"), line("5", -1)], "5", ("paid", "$5.00", "$0.00")),
    "credit": ([line("5", -1)], "0", ("draft", "$0.00", "$0.00")),
    "credit-paid-out": ([line("5", -1)], "-5", ("draft", "-$5.00", "$0.00")),
    "credit-paid-in": ([line("5", -1)], "5", ("paid", "$5.00", "$0.00")),
    "credit-paid-out-too-far": ([line("5", -1)], "-8", ("draft", "-$8.00", "$3.00")),
}


@by_row("lines, amount, expected", TOTALS)
def test_state_of_an_invoice_that_asks_for_nothing(
    http: Http, client_id: int, lines: list, amount: str, expected: tuple
) -> None:
    sent = {"client_id": client_id, "line_items_attributes": lines}
    made = http.post("/invoices", invoice=sent)["invoice"]
    http.post(f"/invoices/{made['id']}/payments", payment=paid_with(amount))
    assert seen(http, made["id"]) == expected


def test_state_goes_there_and_back_with_a_payment(http: Http, invoice_id: int, payments: str) -> None:
    path = f"{payments}/{http.post(payments, payment=paid_with('50'))['payment']['id']}"
    assert seen(http, invoice_id)[0] == "partial"
    http.put(path, payment={"amount": "200"})
    assert seen(http, invoice_id)[0] == "paid"
    http.put(path, payment={"amount": "199"})
    assert seen(http, invoice_id)[0] == "partial"
    http.put(path, payment={"date": "2011-01-01"})
    assert seen(http, invoice_id) == ("partial", "$199.00", "$1.00")
    http.delete(path)
    assert seen(http, invoice_id) == ("draft", "$0.00", "$200.00")


def test_state_follows_lines_and_terms(http: Http, invoice_id: int, payments: str) -> None:
    http.post(payments, payment=paid_with("200"))
    path = f"/invoices/{invoice_id}"
    more = http.put(path, invoice={"line_items_attributes": [line("50")]})["invoice"]
    assert (more["state"], more["total_due"]) == ("partial", "$50.00")
    assert http.put(path, invoice={"discount": "50"})["invoice"]["state"] == "paid"
    assert http.put(path, invoice={"tax": "10"})["invoice"]["state"] == "partial"
    assert http.put(path, invoice={"tax": "0"})["invoice"]["state"] == "paid"
    assert http.put(path, invoice={"shipping": "0.01"})["invoice"]["state"] == "partial"
    lines = [{"id": shown["id"], "_destroy": 1} for shown in more["line_items"]]
    emptied = http.put(path, invoice={"line_items_attributes": lines, "shipping": "", "discount": ""})["invoice"]
    assert (emptied["state"], emptied["total_billed"], emptied["paid_total"]) == ("paid", "$0.00", "$200.00")


def test_state_follows_the_admin_api_too(http: Http, admin: Http, invoice_id: int) -> None:
    path = f"/admin/invoices/{invoice_id}/invoice_payments"
    sent = {"amount_cents": 20000, "date": "2024-01-15"}
    row = f"{path}/{admin.post(path, invoice_payment=sent)['invoice_payment']['id']}"
    assert seen(http, invoice_id) == ("paid", "$200.00", "$0.00")
    admin.patch(row, invoice_payment={"amount_cents": 1})
    assert seen(http, invoice_id) == ("partial", "$0.01", "$199.99")
    admin.delete(row, status=204)
    assert seen(http, invoice_id) == ("draft", "$0.00", "$200.00")


LASTING = {
    "delivered": ({"delivered_at": at(LONG_AGO), "state": "sent"}, ["sent", "partial", "paid", "sent"]),
    "closed": ({"closed": True, "state": "closed"}, ["closed"] * 4),
    "closed-and-delivered": (
        {"closed": True, "delivered_at": at(LONG_AGO), "state": "closed"},
        ["closed"] * 4,
    ),
}


@by_row("values, states", LASTING)
def test_what_was_delivered_is_sent_without_payments_and_what_is_closed_stays(
    http: Http, database: Database, user: int, values: dict[str, Any], states: list[str]
) -> None:
    invoice = make_invoice(database, user, **values)
    http.put(f"/invoices/{invoice}", invoice={"line_items_attributes": [line("200")]})
    found = [seen(http, invoice)[0]]
    path = f"/invoices/{invoice}/payments"
    path += f"/{http.post(path, payment=paid_with('50'))['payment']['id']}"
    found.append(seen(http, invoice)[0])
    http.put(path, payment={"amount": "200"})
    found.append(seen(http, invoice)[0])
    http.delete(path)
    assert [*found, seen(http, invoice)[0]] == states


@pytest.fixture
def old(http: Http, database: Database, invoice_id: int, payments: str) -> int:
    """The invoice over 200.00, 50.00 of it paid, all of it last changed long ago."""
    http.put(f"/invoices/{invoice_id}", invoice={"summary": "s", "date": "2010-08-01", "tax2_compound": True})
    http.post(payments, payment=paid_with("50") | {"payment_method": "cash"})
    with database.engine.begin() as connection:
        for table in ("invoices", "payments"):
            connection.execute(sa.text(f"UPDATE {table} SET updated_at = :then"), {"then": at(LONG_AGO)})
    return invoice_id


STILL = {
    "nothing": {},
    "same-values": {"summary": "s", "date": "2010-08-01", "invoice_no": "1", "tax2_compound": True, "notes": None},
    "same-terms": {"discount": "", "shipping": "0", "tax": "0.0", "tax2": None, "shipping_amount": "$0.00"},
    "same-client": {"client_id": 1},
    "same-line": {"line_items_attributes": [{"id": 1, "price": "200.00", "quantity": "1"}]},
    "a-lines-name": {"line_items_attributes": [{"id": 1, "name_and_description": "Other work"}]},
    "read-only": {"total_billed": "$1.00", "state": "paid", "line_items": []},
}
MOVING = {
    "summary": {"summary": "t"},
    "date": {"date": "2010-08-02"},
    "number": {"invoice_no": "2"},
    "discount": {"discount": "1"},
    "tax-and-state": {"discount": "150"},
    "price": {"line_items_attributes": [{"id": 1, "price": "201.00"}]},
    "another-line": {"line_items_attributes": [line("1")]},
}


@by_row("sent", STILL)
def test_updated_at_stays_when_no_column_of_the_invoice_changes(http: Http, old: int, sent: dict[str, Any]) -> None:
    assert http.put(f"/invoices/{old}", invoice=sent)["invoice"]["updated_at"] == LONG_AGO
    assert http.get(f"/invoices/{old}")["invoice"]["updated_at"] == LONG_AGO


@by_row("sent", MOVING)
def test_updated_at_moves_when_one_does(http: Http, old: int, sent: dict[str, Any]) -> None:
    assert http.put(f"/invoices/{old}", invoice=sent)["invoice"]["updated_at"] > LONG_AGO
    assert http.get(f"/invoices/{old}/payments")[0]["payment"]["updated_at"] == LONG_AGO


PAID_OTHERWISE = {
    "amount": ({"amount": "60"}, True),
    "state": ({"amount": "200"}, True),
    "same-amount": ({"amount": "50.00"}, False),
    "date": ({"date": "2010-10-01"}, False),
    "method": ({"payment_method": "check"}, False),
}


@by_row("sent, moves", PAID_OTHERWISE)
def test_updated_at_moves_with_what_is_paid(http: Http, old: int, sent: dict[str, Any], moves: bool) -> None:
    http.put(f"/invoices/{old}/payments/1", payment=sent)
    assert (http.get(f"/invoices/{old}")["invoice"]["updated_at"] > LONG_AGO) is moves


def test_updated_at_moves_when_a_payment_comes_or_goes(http: Http, old: int) -> None:
    http.post(f"/invoices/{old}/payments", payment=paid_with("150"))
    shown = http.get(f"/invoices/{old}")["invoice"]
    assert (shown["state"], shown["updated_at"] > LONG_AGO) == ("paid", True)
    assert http.get("/payments/1")["payment"]["updated_at"] == LONG_AGO
