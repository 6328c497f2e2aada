"""Currencies: a client has one, its statements copy and keep it, its payments have none of their own."""

from typing import Any

import pytest
from databases import Database
from factories import make_user
from inprocess import Http
from tables import by_row

DOLLAR, EURO, YEN = 150, 46, 69
INVALID = [["client_id", "is invalid"]]
LINE = {"name_and_description": "Work", "price": "200", "quantity": 1}


def make_client(http: Http, **values: Any) -> int:
    return http.post("/clients", client={"name": "Acme", **values})["client"]["id"]


def make_invoice(http: Http, client_id: int) -> dict[str, Any]:
    return http.post("/invoices", invoice={"client_id": client_id, "line_items_attributes": [LINE]})["invoice"]


NAMES = {
    "dollar": (DOLLAR, "United States of America, Dollars", "$"),
    "euro": (EURO, "European Union, Euros", "€"),
    "yen": (YEN, "Japan, Yen", "¥"),
    "as-text": (str(EURO), "European Union, Euros", "€"),
}


@by_row("currency, name, symbol", NAMES)
def test_a_client_shows_the_currency_it_was_given(http: Http, user: int, currency: Any, name: str, symbol: str) -> None:
    client_id = make_client(http, currency_id=currency)
    assert http.get(f"/clients/{client_id}")["client"]["currency"] == {"name": name, "symbol": symbol}
    assert make_invoice(http, client_id)["total_billed"] == f"{symbol}200.00"


def test_a_clients_currency_stays_when_another_is_not_sent(http: Http, user: int) -> None:
    client_id = make_client(http, currency_id=EURO)
    assert http.put(f"/clients/{client_id}", client={"name": "Other"})["client"]["currency"]["symbol"] == "€"
    read_only = {"currency": {"name": "Japan, Yen", "symbol": "¥"}}
    assert http.put(f"/clients/{client_id}", client=read_only)["client"]["currency"]["symbol"] == "€"


@by_row("own, symbol", {"dollar": (DOLLAR, "$"), "euro": (EURO, "€"), "yen": (YEN, "¥")})
def test_a_client_sent_without_a_currency_has_the_users(
    stranger: Http, database: Database, own: int, symbol: str
) -> None:
    make_user(database, "abroad", currency_id=own)
    auth = ("abroad", "abroad")
    for sent in ({}, {"currency_id": None}, {"currency_id": ""}):
        made = stranger.post("/clients", auth=auth, client={"name": "Acme", **sent})["client"]
        assert made["currency"]["symbol"] == symbol
    given = stranger.post("/clients", auth=auth, client={"name": "Acme", "currency_id": DOLLAR})["client"]
    assert given["currency"]["symbol"] == "$"


@pytest.mark.parametrize("sent", [999, 0, -1, "abc", "USD", 1.5, True, [EURO], {"id": EURO}, 2**64], ids=str)
def test_an_unknown_currency_is_invalid(http: Http, client_id: int, sent: Any) -> None:
    invalid = [["currency_id", "is invalid"]]
    assert http.post("/clients", client={"name": "Other", "currency_id": sent}, status=422) == invalid
    refused = http.put(f"/clients/{client_id}", client={"name": "Other", "currency_id": sent}, status=422)
    assert refused == invalid
    assert [element["client"]["name"] for element in http.get("/clients")] == ["Acme"]


def test_a_statement_keeps_its_currency_when_the_client_takes_another(http: Http, client_id: int) -> None:
    path = f"/invoices/{make_invoice(http, client_id)['id']}"
    http.put(f"/clients/{client_id}", client={"currency_id": YEN})
    assert http.get(path)["invoice"]["total_billed"] == "$200.00"
    changed = http.put(path, invoice={"line_items_attributes": [LINE | {"price": "0.50"}]})["invoice"]
    assert (changed["total_billed"], changed["total_due"]) == ("$200.50", "$200.50")
    assert make_invoice(http, client_id)["total_billed"] == "¥200.00"


def test_a_client_of_another_currency_is_invalid_for_a_statement(http: Http, client_id: int) -> None:
    path = f"/invoices/{make_invoice(http, client_id)['id']}"
    euro = make_client(http, currency_id=EURO)
    assert http.put(path, invoice={"client_id": euro, "summary": "x"}, status=422) == INVALID
    kept = http.get(path)["invoice"]
    assert (kept["client"]["id"], kept["summary"], kept["total_billed"]) == (client_id, None, "$200.00")


def test_another_client_of_the_statements_currency_is_taken(http: Http, client_id: int) -> None:
    """What counts is the currency that the statement has, not the one its client has by now."""
    path = f"/invoices/{make_invoice(http, client_id)['id']}"
    http.put(f"/clients/{client_id}", client={"currency_id": EURO})
    euro, dollar = make_client(http, currency_id=EURO), make_client(http, currency_id=DOLLAR)
    http.put(path, invoice={"client_id": euro}, status=422)
    changed = http.put(path, invoice={"client_id": dollar})["invoice"]
    assert (changed["client"]["id"], changed["total_billed"]) == (dollar, "$200.00")


def test_the_same_client_is_no_new_one_whatever_its_currency_is_now(http: Http, client_id: int) -> None:
    path = f"/invoices/{make_invoice(http, client_id)['id']}"
    http.put(f"/clients/{client_id}", client={"currency_id": EURO})
    changed = http.put(path, invoice={"client_id": client_id, "summary": "x"})["invoice"]
    assert (changed["summary"], changed["total_billed"]) == ("x", "$200.00")


def test_an_invoice_takes_no_currency_of_its_own(http: Http, client_id: int) -> None:
    sent = {"client_id": client_id, "currency_id": EURO, "line_items_attributes": [LINE]}
    assert http.post("/invoices", invoice=sent)["invoice"]["total_billed"] == "$200.00"


def test_all_money_of_an_invoice_is_in_its_currency(http: Http, admin: Http, user: int) -> None:
    made = make_invoice(http, make_client(http, currency_id=EURO))
    http.post(f"/invoices/{made['id']}/payments", payment={"date": "2010-09-30", "amount": "5"})
    shown = http.get(f"/invoices/{made['id']}")["invoice"]
    formatted = [
        value for name, value in shown.items() if name.endswith("_amount") or name.split("_")[0] in ("total", "paid")
    ]
    assert len(formatted) == 7
    assert all(value.startswith("€") for value in formatted)
    assert admin.get(f"/admin/invoices/{made['id']}")["invoice"]["currency"] == "EUR"
