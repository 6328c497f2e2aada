"""Payments: what their balance says, how they were made, where each is found, and one number in every format."""

from decimal import Decimal
from typing import Any

import pytest
from databases import Database
from factories import make_invoice
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from inprocess import Http
from tables import by_row

YEN = 69
DATE = "2010-09-30"


def pay(http: Http, path: str, amount: Any, **values: Any) -> dict[str, Any]:
    return http.post(path, payment={"date": DATE, "amount": amount, **values})["payment"]


def balances(http: Http, path: str) -> list[str]:
    return [element["payment"]["balance"] for element in http.get(path)]


def line(price: str, quantity: int = 1) -> dict[str, Any]:
    return {"name_and_description": "Work", "price": price, "quantity": quantity}


BALANCES = {
    "no-lines": ([], ["50"], ["0.00"]),
    "no-lines-two": ([], ["50", "150"], ["0.00", "0.00"]),
    "no-lines-refund": ([], ["-5"], ["5.00"]),
    "first-of-several": ([line("200")], ["50"], ["150.00"]),
    "the-same-on-each": ([line("200")], ["50", "30"], ["120.00", "120.00"]),
    "settled": ([line("200")], ["50", "150"], ["0.00", "0.00"]),
    "overpaid": ([line("200")], ["250"], ["0.00"]),
    "overpaid-and-refunded": ([line("200")], ["250", "-100"], ["50.00", "50.00"]),
    "refund-alone": ([line("200")], ["-50"], ["250.00"]),
    "zero": ([line("200")], ["0"], ["200.00"]),
    "credit": ([line("200", -1)], ["50"], ["0.00"]),
    "cents": ([line("0.10")], ["0.07"], ["0.03"]),
}


@by_row("lines, amounts, expected", BALANCES)
def test_balance_is_what_is_still_due_on_the_invoice_now(
    http: Http, client_id: int, lines: list, amounts: list[str], expected: list[str]
) -> None:
    http.post("/invoices", invoice={"client_id": client_id, "line_items_attributes": lines})
    made = [pay(http, "/invoices/1/payments", amount) for amount in amounts]
    assert balances(http, "/invoices/1/payments") == expected
    assert made[-1]["balance"] == expected[-1]


def test_balance_follows_the_invoice(http: Http, invoice_id: int, payments: str) -> None:
    path = f"/payments/{pay(http, payments, '50')['id']}"
    http.put(f"/invoices/{invoice_id}", invoice={"line_items_attributes": [line("100")]})
    assert http.get(path)["payment"]["balance"] == "250.00"
    http.put(f"/invoices/{invoice_id}", invoice={"discount": "10%"})
    assert http.get(path)["payment"]["balance"] == "220.00"


def test_balance_in_yen_has_two_decimals_and_no_symbol(http: Http, user: int) -> None:
    client_id = http.post("/clients", client={"name": "Acme", "currency_id": YEN})["client"]["id"]
    http.post("/invoices", invoice={"client_id": client_id, "line_items_attributes": [line("8000")]})
    made = pay(http, "/invoices/1/payments", "5000")
    assert (made["amount"], made["balance"]) == ("5000.00", "3000.00")
    assert http.get("/invoices/1")["invoice"]["total_due"] == "¥3000.00"


def test_each_invoice_has_a_balance_of_its_own(http: Http, payments: str, client_id: int) -> None:
    http.post("/invoices", invoice={"client_id": client_id, "line_items_attributes": [line("70")]})
    pay(http, payments, "50")
    pay(http, "/invoices/2/payments", "50")
    assert (balances(http, payments), balances(http, "/invoices/2/payments")) == (["150.00"], ["20.00"])


@by_row("values", {"draft": {}, "closed": {"closed": True, "state": "closed"}})
def test_payments_are_taken_whatever_the_state(http: Http, database: Database, user: int, values: dict) -> None:
    path = f"/invoices/{make_invoice(database, user, **values)}/payments"
    assert pay(http, path, "5")["amount"] == "5.00"


def methods(admin: Http) -> dict[str, int]:
    """Names and ids of all payment methods."""
    shown = admin.get("/admin/payment_methods")["payment_methods"]
    assert len({method["name"] for method in shown}) == len(shown)
    return {method["name"]: method["id"] for method in shown}


def method_of(admin: Http, path: str, payment: dict[str, Any]) -> int | None:
    shown = admin.get(f"/admin{path.replace('payments', 'invoice_payments')}/{payment['id']}")
    return shown["invoice_payment"]["payment_method_id"]


@pytest.mark.parametrize("name", ["cheque", "paypal", "CASH", "Überweisung \U0001f4b6", "m" * 255, "custom  payment"])
def test_a_method_is_made_on_first_use(http: Http, admin: Http, payments: str, name: str) -> None:
    before = methods(admin)
    made = [pay(http, payments, amount, payment_method=name) for amount in ("1", "2")]
    assert [payment["payment_method"] for payment in made] == [name, name]
    after = methods(admin)
    assert (len(after), {k: v for k, v in after.items() if k in before}) == (len(before) + 1, before)
    assert [method_of(admin, payments, payment) for payment in made] == [after[name]] * 2


@pytest.mark.parametrize(("name", "id"), [("cash", 1), ("check", 2), ("bank transfer", 4), ("PayPal", 5)])
def test_a_method_that_is_there_is_used(http: Http, admin: Http, payments: str, name: str, id: int) -> None:
    before = methods(admin)
    made = pay(http, payments, "1", payment_method=name)
    assert (made["payment_method"], method_of(admin, payments, made)) == (name, id)
    assert methods(admin) == before


def test_a_new_method_of_one_user_serves_all(http: Http, stranger: Http, admin: Http, payments: str) -> None:
    pay(http, payments, "1", payment_method="cheque")
    client_id = stranger.post("/clients", client={"name": "Other"})["client"]["id"]
    theirs = stranger.post("/invoices", invoice={"client_id": client_id})["invoice"]["id"]
    path = f"/invoices/{theirs}/payments"
    made = pay(stranger, path, "1", payment_method="cheque")
    assert method_of(admin, path, made) == methods(admin)["cheque"]


def test_a_method_can_be_changed_and_taken_away(http: Http, payment: str) -> None:
    for sent, shown in (("cheque", "cheque"), ("PayPal", "PayPal"), ("", None), ("cash", "cash"), (None, None)):
        changed = http.put(payment, payment={"payment_method": sent})["payment"]
        assert (changed["payment_method"], changed["amount"]) == (shown, "50.00")
        assert http.get(payment)["payment"] == changed


def test_a_payment_is_found_without_its_invoice_too(http: Http, payment: str) -> None:
    flat = f"/payments/{payment.rpartition('/')[2]}"
    assert http.get(flat) == http.get(payment)
    for suffix in (".json", ".xml"):
        assert http.raw("GET", flat + suffix).data == http.raw("GET", payment + suffix).data
    http.delete(payment)
    http.get(flat, status=404)


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "POST"])
def test_there_it_can_only_be_read(http: Http, payment: str, method: str) -> None:
    before = http.get(payment)
    response = http.raw(method, f"/payments/{payment.rpartition('/')[2]}", payment={"amount": "1"})
    assert response.status_code == 405
    assert "GET" in response.headers["Allow"]
    assert http.get(payment) == before


def test_payments_of_all_invoices_are_no_list(http: Http, payment: str) -> None:
    http.get("/payments", status=404)


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_payments_of_a_missing_invoice_are_missing(http: Http, payments: str, method: str) -> None:
    sent = {"date": DATE, "amount": "5"}
    assert http.raw(method, "/invoices/99/payments", payment=sent).status_code == 404
    assert http.get(payments) == []


def test_whether_it_is_booked_is_no_business_of_this_api(http: Http, admin: Http, invoice_id: int) -> None:
    row = f"/admin/invoices/{invoice_id}/invoice_payments/1"
    made = pay(http, f"/invoices/{invoice_id}/payments", "5", accounted=True)
    assert "accounted" not in made
    assert admin.get(row)["invoice_payment"]["accounted"] is False
    admin.patch(row, invoice_payment={"accounted": True})
    http.put(f"/invoices/{invoice_id}/payments/1", payment={"amount": "6", "accounted": False})
    assert admin.get(row)["invoice_payment"]["accounted"] is True


# What decimal(10,2) holds, written as clients write it: all decimals, none where there are none, a JSON number.
any_cents = st.integers(-(10**10) + 1, 10**10 - 1) | st.sampled_from([0, 1, -1, 5, 10, 99, 100, 10**10 - 1])
spellings = st.sampled_from([str, lambda amount: f"{amount.normalize():f}", lambda amount: f" {amount}\n", float])


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(any_cents, spellings)
def test_an_amount_is_the_same_number_everywhere(http: Http, admin: Http, payment: str, cents: int, spelt: Any) -> None:
    """In JSON, in XML, and in the admin's cents, whichever API it was sent to."""
    amount = Decimal(cents).scaleb(-2)
    shown = http.put(payment, payment={"amount": spelt(amount)})["payment"]["amount"]
    assert shown == f"{amount:.2f}"
    agree_on(http, admin, payment, shown)
    admin.patch(f"/admin{payment.replace('payments', 'invoice_payments')}", invoice_payment={"amount_cents": -cents})
    agree_on(http, admin, payment, f"{-amount:.2f}")


def agree_on(http: Http, admin: Http, payment: str, shown: str) -> None:
    assert http.get(payment)["payment"]["amount"] == shown
    assert f"<amount>{shown}</amount>" in http.get(f"{payment}.xml")
    row = admin.get(f"/admin{payment.replace('payments', 'invoice_payments')}")["invoice_payment"]
    assert row["amount_cents"] == int(Decimal(shown) * 100)
