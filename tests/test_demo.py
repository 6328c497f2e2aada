"""Demo data: what the samples of the two API documents show, value for value, and room for more."""

import json
import re
from pathlib import Path

import pytest
from commands import Commands
from databases import Database
from documents import LIST_JSON
from factories import make_payment
from flask import Flask
from inprocess import Http
from tables import by_row

from curdbee_compat import tenancy
from curdbee_compat.extensions import db
from curdbee_compat.sequences import catch_up

# The list sample of the page Payments, and the first sample of the admin document.
PAYMENTS = json.loads(LIST_JSON)
INVOICE_PAYMENT = {
    "id": 1,
    "invoice_id": 123,
    "amount_cents": 100000,
    "payment_method_id": 1,
    "date": "2024-01-15",
    "accounted": True,
}


@pytest.fixture
def run(database: Database, instance: Path) -> Commands:
    """Commands on the app's database."""
    return Commands(database.url, instance)


@pytest.fixture
def printed(run: Commands) -> str:
    """What the command printed that made the data."""
    return run("demo").stdout


@pytest.fixture
def http(app: Flask, printed: str) -> Http:
    """Requests of the user that the command made."""
    return Http(app, ("demo", "demo"))


@pytest.fixture
def admin(app: Flask, printed: str) -> Http:
    """Requests of the administrator that the command made."""
    return Http(app, ("admin", "admin"))


def test_invoice_7_has_the_payments_of_the_public_document(http: Http) -> None:
    assert http.get("/invoices/7/payments.json") == PAYMENTS


def test_invoice_7_is_paid_with_its_one_line(http: Http) -> None:
    invoice = http.get("/invoices/7.json")["invoice"]
    shown = [invoice[name] for name in ("state", "total_billed", "paid_total", "total_due", "updated_at")]
    assert shown == ["paid", "$200.00", "$200.00", "$0.00", "2010-09-30T01:47:50Z"]
    assert [line["total"] for line in invoice["line_items"]] == ["200.00"]


def test_invoice_123_has_the_payment_of_the_admin_document(admin: Http) -> None:
    path = "/admin/invoices/123/invoice_payments.json"
    assert admin.get(path) == {"invoice_payments": [INVOICE_PAYMENT]}


def test_both_apis_show_the_same_payment(http: Http, admin: Http) -> None:
    [shown] = http.get("/invoices/123/payments.json")
    paid = {"id": 1, "amount": "1000.00", "payment_method": "cash", "date": "2024-01-15", "balance": "200.00"}
    assert shown["payment"].items() >= paid.items()
    invoice = admin.get("/admin/invoices/123")["invoice"]
    expected = {"state": "partial", "sub_total_cents": 100_000, "tax_cents": 20_000, "due_cents": 20_000}
    assert invoice.items() >= expected.items()


def test_only_the_administrator_may_use_the_admin_api(http: Http, admin: Http) -> None:
    assert http.raw("GET", "/admin/users").status_code == 403
    names = [user["name"] for user in admin.get("/admin/users")["users"]]
    assert sorted(names) == ["admin", "demo"]


def test_the_printed_commands_work(app: Flask, printed: str) -> None:
    commands = re.findall(r"curl -u (\w+):(\w+) http://127\.0\.0\.1:8000(/\S+)", printed)
    answers = [Http(app, (name, password)).get(path) for name, password, path in commands]
    assert answers == [PAYMENTS, {"invoice_payments": [INVOICE_PAYMENT]}]


def test_the_printed_logins_work(app: Flask, printed: str) -> None:
    logins = re.findall(r"user (\w+), password (\w+)", printed)
    assert logins == [("demo", "demo"), ("admin", "admin")]
    assert [Http(app, login).raw("GET", "/clients").status_code for login in logins] == [200, 200]
    token = re.search(r"API token (\S+)", printed)[1]
    assert Http(app, None).get("/invoices/7/payments.json", query={"api_token": token}) == PAYMENTS


def test_the_next_payment_is_46(http: Http) -> None:
    made = http.post("/invoices/123/payments", payment={"date": "2024-02-01", "amount": "200.00"})
    assert (made["payment"]["id"], made["payment"]["balance"]) == (46, "0.00")


def test_later_ids_and_numbers_follow_those_of_the_demo(http: Http, admin: Http, run: Commands) -> None:
    client = http.post("/clients", client={"name": "New"})["client"]["id"]
    line = {"name_and_description": "Work", "price": "1.00", "quantity": 1}
    sent = {"client_id": client, "line_items_attributes": [line]}
    invoice = http.post("/invoices", invoice=sent)["invoice"]
    assert (client, invoice["id"], invoice["invoice_no"]) == (3, 124, "INV-124")
    assert invoice["line_items"][0]["id"] == 4
    method = admin.post("/admin/payment_methods", payment_method={"name": "barter"})["payment_method"]["id"]
    assert method == 6
    run("user", "add", "ann", "--password-stdin", stdin="secret")
    assert run("user", "list").stdout.splitlines()[-1].startswith("3 ")


def test_clients_have_the_age_of_their_invoices(http: Http) -> None:
    made = [entry["client"]["created_at"] for entry in http.get("/clients.json")]
    assert made == ["2010-08-24T01:47:50Z", "2024-01-02T09:30:00Z"]


@by_row("words", {"after the demo": ("demo",), "after any user": ("user", "add", "ann", "--password-stdin")})
def test_a_database_with_users_is_left_alone(run: Commands, words: tuple[str, ...]) -> None:
    run(*words, stdin="secret")
    before = run("user", "list").stdout
    assert "has users already" in run.refused("demo")
    assert "no demo data was added" in run("demo", "--if-empty").stdout
    assert run("user", "list").stdout == before


def test_an_empty_database_is_filled_with_if_empty_too(app: Flask, run: Commands) -> None:
    assert "demo-api-token-12345" in run("demo", "--if-empty").stdout
    assert Http(app, ("demo", "demo")).get("/invoices/7/payments.json") == PAYMENTS


def test_ids_given_by_hand_are_never_given_again(http: Http, app: Flask, database: Database) -> None:
    make_payment(database, 7, id=90)
    move_sequences(app)
    http.delete("/invoices/7/payments/90")
    move_sequences(app)
    made = http.post("/invoices/7/payments", payment={"date": "2024-02-01", "amount": "1.00"})
    assert made["payment"]["id"] == 91


def move_sequences(app: Flask) -> None:
    """In a transaction of its own."""
    with tenancy.command(app):
        catch_up()
        db.session.commit()
